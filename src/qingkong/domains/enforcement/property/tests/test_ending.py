"""Deciding and giving back; what closing asks; who sees what."""

from datetime import timedelta

import pytest

from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.property import operations, queries
from qingkong.domains.enforcement.property.models import Exhibit, SeizureList
from qingkong.domains.enforcement.property.operations import PersonGiven, Thing
from qingkong.domains.enforcement.property.tests.making import (
    BIKE,
    STICK,
    hand_over,
    keep,
    open_case,
    seize,
)
from qingkong.kernel import clocks, papers
from qingkong.kernel.gates import GateClosed
from qingkong.kernel.refusals import NotFound, NotPermitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(county):
    return open_case(county)


def running(subject):
    return {clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None}


def test_things_go_back_against_a_list_after_a_decision_valued_and_photographed(county):
    case = open_case(county, kind=CaseKind.CRIMINAL)
    one = keep(county, seize(county, case, BIKE)[0])
    owner = PersonGiven("示例车主", phone="19900000000")
    with pytest.raises(operations.CannotReturn):
        operations.return_to_owner(exhibits=[one], owner=owner, actor=county.custodian, at=county.at + 3 * HOUR)
    operations.decide(
        exhibits=[one], way="return", reason="权属清楚", actor=county.bureau_leader, at=county.at + 3 * HOUR
    )
    made = operations.return_to_owner(exhibits=[one], owner=owner, actor=county.custodian, at=county.at + 4 * HOUR)
    assert one.fresh().state == "returned"
    assert made.number == "东公(沙)还清字〔2026〕1号"
    assert str(made.receiver.name) != "示例车主"
    assert [paper.number for paper in papers.of(made)] == [made.number]


def test_a_thing_without_value_or_picture_doesnt_go_back_yet(county):
    case = open_case(county, kind=CaseKind.CRIMINAL)
    (one,) = seize(county, case, STICK)
    operations.decide(exhibits=[one], way="return", reason="权属清楚", actor=county.bureau_leader, at=county.at + HOUR)
    with pytest.raises(GateClosed) as closed:
        operations.return_to_owner(
            exhibits=[one], owner=PersonGiven("示例车主"), actor=county.officer, at=county.at + HOUR
        )
    assert {one.check_id for one in closed.value.failed} == {"property.valued", "property.photographed"}
    operations.appraise(
        exhibit=one, value_fen=500, photographed=True, basis="购买凭证", actor=county.officer, at=county.at + HOUR
    )
    operations.return_to_owner(exhibits=[one], owner=PersonGiven("示例车主"), actor=county.officer, at=county.at + HOUR)
    assert running(one) == set()


def test_a_series_goes_back_to_all_its_owners_or_to_none(county):
    case = open_case(county, kind=CaseKind.CRIMINAL)
    bikes = [keep(county, one) for one in seize(county, case, BIKE, BIKE, BIKE)]
    at = county.at + 5 * HOUR
    operations.decide(exhibits=bikes[:2], way="return", reason="权属清楚", actor=county.bureau_leader, at=at)
    handings = [
        operations.Handing([bike], PersonGiven(f"示例车主{place}")) for place, bike in enumerate(bikes, start=1)
    ]
    with pytest.raises(operations.CannotReturn):
        operations.return_series(handings=handings, actor=county.custodian, at=at)
    assert Exhibit.objects.filter(state="returned").count() == 0

    operations.decide(exhibits=bikes[2:], way="return", reason="权属清楚", actor=county.bureau_leader, at=at)
    assert len(operations.return_series(handings=handings, actor=county.custodian, at=at)) == 3
    assert Exhibit.objects.filter(state="returned").count() == 3


def test_a_station_head_confiscates_a_stick_and_the_custodian_carries_it_out(county, case):
    one = keep(county, seize(county, case, Thing("木棍", measure="根", value_fen=1_000))[0])
    at = county.at + 3 * HOUR
    with pytest.raises(operations.CannotDecide):
        operations.decide(exhibits=[one], way="confiscate", reason="工具", actor=county.station_head, at=at)
    operations.decide(
        exhibits=[one], way="confiscate", reason="工具", undisputed=True, actor=county.station_head, at=at
    )
    operations.carry_out(exhibit=one, actor=county.custodian, at=at)
    assert one.fresh().state == "disposed"
    assert running(one.seizure_list) == {"XZ-14"}


def test_who_stands_in_the_team_doesnt_decide_about_its_things(county, case):
    one = keep(county, seize(county, case)[0])
    with pytest.raises(NotPermitted):
        operations.decide(exhibits=[one], way="return", reason="x", actor=county.officer, at=county.at + 3 * HOUR)
    with pytest.raises(operations.CannotDecide):
        operations.decide(exhibits=[one], way="keep", reason="x", actor=county.station_head, at=county.at + 3 * HOUR)


def test_an_ended_exhibit_doesnt_move_again(county, case):
    one = keep(county, seize(county, case, BIKE)[0])
    at = county.at + 3 * HOUR
    operations.decide(exhibits=[one], way="return", reason="权属清楚", actor=county.station_head, at=at)
    operations.return_to_owner(exhibits=[one], owner=PersonGiven("示例车主"), actor=county.custodian, at=at)
    with pytest.raises(operations.CannotMove):
        hand_over(county, one, at=at)
    with pytest.raises(operations.CannotMove):
        operations.return_to_owner(exhibits=[one], owner=PersonGiven("示例车主"), actor=county.custodian, at=at)


def failing(case, at):
    from qingkong.domains.enforcement.property import policy

    return {check.id for check in policy.CHECKS if check.at_step == "cases.close" and check.fails(case, at)}


def test_closing_asks_for_a_decision_about_every_exhibit(county, case):
    (one,) = seize(county, case, BIKE, recording="")
    assert failing(case, county.at) == {"property.decided", "property.approved", "property.recorded"}
    at = county.at + 30 * HOUR
    operations.answer_approval(approval=one.seizure_list.approval, approve=True, actor=county.station_head, at=at)
    assert failing(case, at) == {"property.decided", "property.in_time", "property.recorded"}
    operations.decide(exhibits=[one], way="return", reason="权属清楚", actor=county.station_head, at=at)
    assert failing(case, at) == {"property.carried_out", "property.in_time", "property.recorded"}


def test_another_station_and_another_room_dont_know_of_an_exhibit(county, case):
    (one,) = seize(county, case)
    for actor in (county.stranger, county.strange_head, county.custodian):
        with pytest.raises(NotFound):
            queries.exhibit(actor=actor, exhibit_id=one.pk)
    hand_over(county, one)
    for actor in (county.officer, county.custodian, county.station_head, county.legal_officer, county.inspector):
        assert queries.exhibit(actor=actor, exhibit_id=one.pk) == one


def test_the_number_on_the_label_finds_the_exhibit_and_names_nobody(county, case):
    (one,) = seize(county, case)
    assert queries.exhibit_by_number(actor=county.officer, number=one.number.lower()) == one
    assert queries.find(actor=county.officer, text="E2026") == [one]
    assert queries.find(actor=county.stranger, text="E2026") == []
    label = operations.print_label(exhibit=one, actor=county.officer, at=county.at)
    assert operations.print_label(exhibit=one, actor=county.officer, at=county.at) == label


def test_the_queries_of_a_list_dont_grow_with_its_rows(county, case, django_assert_num_queries):
    seize(county, case, STICK)
    with django_assert_num_queries(1):
        list(queries.listed(actor=county.officer).order_by("-number")[:50])
    seize(county, case, *[STICK] * 8)
    with django_assert_num_queries(1):
        rows = list(queries.listed(actor=county.officer).order_by("-number")[:50])
        assert len([(row.case.number, row.unit.name) for row in rows]) == 9


def test_a_seizure_that_fails_leaves_nothing_behind(county, case, monkeypatch):
    from qingkong.kernel.papers import MissingGlyph

    with pytest.raises(MissingGlyph):
        seize(county, case, Thing("\U0002ffff"))
    assert not Exhibit.objects.exists()
    assert not SeizureList.objects.exists()
