"""Seizing, registering, and the approval of what was done on the spot."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.property import operations, rules
from qingkong.domains.enforcement.property.models import Exhibit, SeizureApproval
from qingkong.domains.enforcement.property.tests.making import (
    BIKE,
    HOLDER,
    STICK,
    WITNESS,
    open_case,
    seize,
)
from qingkong.kernel import clocks, papers
from qingkong.kernel.refusals import NotPermitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(county):
    return open_case(county)


def running(subject):
    return {clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None}


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
