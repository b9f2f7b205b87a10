"""Seizing, keeping and ending, through the operations, with the database's own refusals."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.models import Exhibit, Movement, SeizureApproval, SeizureList
from qingkong.domains.enforcement.property.operations import PersonGiven, Thing
from qingkong.domains.enforcement.property.tests.making import (
    BIKE,
    HOLDER,
    STICK,
    WITNESS,
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


# --- taking --------------------------------------------------------------------------------------------------


def test_a_seizure_makes_numbered_exhibits_a_list_and_its_clocks(county, case):
    one, other = seize(county, case, STICK, BIKE)
    made = one.seizure_list
    assert [one.number, other.number] == ["E2026-000001", "E2026-000002"]
    assert made.number == "东公(沙)扣清字〔2026〕1号"
    assert running(one) == {"CW-01"}
    assert running(made) == {"XZ-13", "XZ-14"}
    assert ledger_acts(one) == ["property.seized", "clocks.started"]
    assert [paper.number for paper in papers.of(made)] == [made.number]
    assert papers.bytes_of(papers.of(made)[0]).startswith(b"%PDF-")


def test_property_lawfully_held_by_a_victim_or_in_good_faith_is_registered_never_seized(county, case):
    with pytest.raises(operations.CannotSeize) as refused:
        seize(county, case, lawful_holder=True)
    assert refused.value.reason is rules.LAWFUL_HOLDER
    assert refused.value.how is rules.REGISTER_INSTEAD

    one = operations.register_only(
        case=case, thing=BIKE, second_officer=county.officers.second_officer, place_text="持有人家中", holder=HOLDER,
        actor=county.officer, at=county.at,
    )  # fmt: skip
    assert one.state == rules.State.REGISTERED
    assert one.seizure_list is None
    assert running(one) == {"CW-02"}
    operations.note_registration(exhibit=one, room=county.units["010"], actor=county.officer, at=county.at + HOUR)
    assert running(one) == set()


def test_nothing_is_seized_in_a_case_that_isnt_open(county, case):
    case.state, case.over_at, case.over_ground = "closed", county.at, "258-1"
    with pytest.raises(operations.CannotSeize):
        seize(county, case)
    assert not Exhibit.objects.exists()


def test_an_auxiliary_is_never_one_of_the_two(county, case):
    with pytest.raises(operations.CannotSeize) as refused:
        operations.seize(
            case=case, things=[STICK], second_officer=county.officers.auxiliary, place_text="村口", on_the_spot=True,
            actor=county.officer, at=county.at,
        )  # fmt: skip
    assert refused.value.field == "second_officer"


def test_another_stations_officer_cant_seize_in_this_case(county, case):
    with pytest.raises(NotPermitted):
        operations.seize(
            case=case, things=[STICK], second_officer=county.officers.officer, place_text="村口", on_the_spot=True,
            actor=county.stranger, at=county.at,
        )  # fmt: skip


def test_a_holder_who_wont_sign_needs_a_witness(county, case):
    with pytest.raises(operations.CannotSeize) as refused:
        seize(county, case, holder_signature=rules.Signature.REFUSED)
    assert refused.value.reason is rules.NO_WITNESS
    assert seize(county, case, holder_signature=rules.Signature.REFUSED, witness=WITNESS)


def test_a_seizure_not_on_the_spot_stands_on_an_approval_that_came_before(county, case):
    with pytest.raises(operations.CannotSeize) as refused:
        seize(county, case, on_the_spot=False)
    assert refused.value.reason is rules.NOT_APPROVED

    asked = operations.ask_to_seize(case=case, what="木棍", reason="物证", actor=county.officer, at=county.at)
    approved = operations.answer_approval(approval=asked, approve=True, actor=county.station_head, at=county.at + HOUR)
    with pytest.raises(operations.CannotSeize) as earlier:
        seize(county, case, on_the_spot=False, approval=approved, seized_at=county.at, at=county.at + 2 * HOUR)
    assert earlier.value.reason is rules.APPROVED_LATER

    (one,) = seize(county, case, on_the_spot=False, approval=approved, at=county.at + 2 * HOUR)
    assert one.means == rules.Means.SEIZED
    with pytest.raises(operations.CannotSeize) as again:
        seize(county, case, on_the_spot=False, approval=approved, at=county.at + 2 * HOUR)
    assert again.value.reason is rules.APPROVAL_USED


# --- approval of what was done on the spot -------------------------------------------------------------------


def test_an_approval_dated_before_the_event_is_refused_by_rule_and_by_the_database(county, case):
    (one,) = seize(county, case, at=county.at)
    asked = one.seizure_list.approval
    with pytest.raises(operations.CannotAnswer) as refused:
        operations.answer_approval(approval=asked, approve=True, actor=county.station_head, at=county.at - HOUR)
    assert refused.value.reason is rules.BEFORE_IT_HAPPENED
    with pytest.raises(IntegrityError), transaction.atomic():
        SeizureApproval.objects.filter(pk=asked.pk).update(
            state="approved", asked_at=county.at, answered_by=county.officers.station_head,
            answered_at=county.at - timedelta(seconds=1),
        )  # fmt: skip


def test_an_approval_within_24_hours_stops_its_clock_in_time_and_a_later_one_stays_late(county, case):
    (one,), (other,) = seize(county, case), seize(county, case)
    for thing, hours in ((one, 23), (other, 25)):
        operations.answer_approval(
            approval=thing.seizure_list.approval, approve=True, actor=county.station_head, at=county.at + hours * HOUR
        )
    late = [next(c.late for c in clocks.of(thing.seizure_list) if c.limit_id == "XZ-14") for thing in (one, other)]
    assert late == [False, True]


def test_what_isnt_approved_is_lifted_and_goes_back_to_the_holder(county, case):
    (one,) = seize(county, case)
    operations.answer_approval(
        approval=one.seizure_list.approval,
        approve=False,
        words="与案件无关",
        actor=county.station_head,
        at=county.at + HOUR,
    )
    assert one.fresh().disposition == "release"
    assert one.fresh().decided_by_name == county.station_head.name


def test_a_refusal_without_reasons_isnt_taken(county, case):
    (one,) = seize(county, case)
    with pytest.raises(operations.CannotAnswer):
        operations.answer_approval(
            approval=one.seizure_list.approval, approve=False, actor=county.station_head, at=county.at + HOUR
        )


def test_only_the_head_of_the_unit_or_a_leader_answers(county, case):
    (one,) = seize(county, case)
    for actor in (county.officer, county.strange_head, county.custodian, county.legal_officer):
        with pytest.raises(NotPermitted):
            operations.answer_approval(
                approval=one.seizure_list.approval, approve=True, actor=actor, at=county.at + HOUR
            )


def test_a_criminal_case_has_no_approval_to_make_up(county):
    (one,) = seize(county, open_case(county, kind=CaseKind.CRIMINAL))
    assert one.seizure_list.approval is None
    assert running(one.seizure_list) == set()


# --- keeping -------------------------------------------------------------------------------------------------


def test_a_custodian_accepts_what_was_handed_to_their_room(county, case):
    (one,) = seize(county, case)
    kept = keep(county, one)
    assert (kept.state, kept.place_kept, kept.custodian_name) == ("kept", "3-2-05", county.custodian.name)
    assert running(kept) == set()
    assert [m.move for m in queries.movements(kept)] == ["seized", "handed_over", "accepted"]


def test_a_refused_thing_goes_back_and_its_24_hours_run_on(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    with pytest.raises(operations.CannotKeep) as unexplained:
        operations.refuse_exhibit(exhibit=one, reason=" ", actor=county.custodian, at=county.at + HOUR)
    assert unexplained.value.field == "reason"
    back = operations.refuse_exhibit(exhibit=one, reason="封条破损", actor=county.custodian, at=county.at + HOUR)
    assert (back.state, back.room_id) == ("taken", None)
    assert running(back) == {"CW-01"}
    assert queries.movements(back).last().why == "封条破损"


def test_after_24_hours_handing_over_asks_for_the_reason_and_keeps_the_time(county, case):
    (one,) = seize(county, case)
    late = county.at + 30 * HOUR
    with pytest.raises(operations.CannotHandOver) as refused:
        hand_over(county, one, at=late)
    assert refused.value.field == "why_late"
    operations.hand_over(exhibit=one, room=county.units["010"], why_late="道路积雪", actor=county.officer, at=late)
    operations.accept_exhibit(exhibit=one, place="1-1", actor=county.custodian, at=late)
    assert queries.late_ones(case, at=late) == [one.number]


def test_a_custodian_who_handles_the_case_is_refused_by_rule(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    for actor in (county.officer, county.second_officer, county.legal_officer):
        with pytest.raises(operations.CannotKeep) as refused:
            operations.accept_exhibit(exhibit=one, place="1-1", actor=actor, at=county.at + HOUR)
        assert refused.value.reason is rules.KEEPER_IS_OFFICER


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def key(value):
    return value.hex if connection.vendor == "sqlite" else str(value)


def test_the_database_itself_refuses_an_officer_of_the_case_as_custodian(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    sql = "UPDATE property_exhibit SET custodian_id = %s WHERE id = %s"
    for officer in (county.officers.officer, county.officers.second_officer, county.officers.legal_officer):
        with pytest.raises(IntegrityError):
            raw(sql, key(officer.pk), key(one.pk))
    raw(sql, key(county.officers.custodian.pk), key(one.pk))


def test_the_database_itself_refuses_a_custodian_who_joins_the_team_later(county, case):
    (one,) = seize(county, case)
    keep(county, one)
    member = case.members.get(role="second")
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE cases_teammember SET officer_id = %s WHERE id = %s",
            key(county.officers.custodian.pk), key(member.pk),
        )  # fmt: skip


def test_a_movement_never_changes_and_never_goes(county, case):
    (one,) = seize(county, case)
    line = queries.movements(one).get()
    for attempt in (
        lambda: Movement.objects.filter(pk=line.pk).update(why="改了"),
        lambda: raw("DELETE FROM property_movement WHERE id = %s", key(line.pk)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert queries.movements(one).get().why == ""


def test_a_custodian_of_another_room_cant_accept(county, case):
    (one,) = seize(county, case)
    operations.hand_over(exhibit=one, room=county.station, actor=county.officer, at=county.at + HOUR)
    with pytest.raises(NotPermitted):
        operations.accept_exhibit(exhibit=one, place="1-1", actor=county.custodian, at=county.at + HOUR)


def test_two_custodians_accepting_at_once_accept_it_once(county, in_parallel):
    (one,) = seize(county, open_case(county))
    hand_over(county, one)
    tries = [
        in_parallel(operations.accept_exhibit, exhibit=one, place=place, actor=actor, at=county.at + HOUR)
        for place, actor in (("1-1", county.custodian), ("2-2", county.second_custodian))
    ]
    results = [outcome(one_try) for one_try in tries]
    assert [isinstance(result, Exhibit) for result in results].count(True) == 1
    assert Movement.objects.filter(exhibit=one, move="accepted").count() == 1
    assert ledger_acts(one).count("property.accepted") == 1


# --- ending --------------------------------------------------------------------------------------------------


def test_things_go_back_against_a_list_after_a_decision_valued_and_photographed(county):
    case = open_case(county, kind=CaseKind.CRIMINAL)
    one = keep(county, seize(county, case, BIKE)[0])
    owner = PersonGiven("示例车主", phone="13900000000")
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


# --- gates and sight -----------------------------------------------------------------------------------------


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
