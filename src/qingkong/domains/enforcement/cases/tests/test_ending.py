from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case
from qingkong.domains.enforcement.cases.rules import ending, progress
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import CaseState
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import clocks, gates, papers
from qingkong.kernel.refusals import NotFound, NotPermitted

pytestmark = pytest.mark.django_db
LATER = timedelta(days=2)


def running(subject):
    return {clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None}


def close(county, case, ground, **more):
    return do.close_case(
        case=case, ground=ground, actor=more.pop("actor", county.station_head), at=county.at + LATER, **more
    )


def no_penalty(county, case):
    made = do.propose_decision(
        case=case,
        party=build.party(county, case),
        no_penalty_ground="172-3",
        basis="程序规定第一百七十二条",
        reasons="证据不能证明",
        actor=county.officer,
        at=county.at,
    )
    do.ask_decision(decision=made, actor=county.officer, at=county.at)
    made = do.decide(decision=made, actor=county.station_head, at=county.at)
    do.serve(decision=made, party=made.party, way=ServiceWay.DIRECT, actor=county.officer, at=county.at)


def mediated(county, case):
    do.record_agreement(case=case, terms="赔偿医药费", actor=county.officer, at=county.at)
    do.record_performance(case=case, performed=True, actor=county.officer, at=county.at)


def not_executable(county, case):
    made = build.decided(county, case)
    do.serve(decision=made, party=made.party, way=ServiceWay.DIRECT, actor=county.officer, at=county.at)
    do.execute(decision=made, note="被处罚人死亡", executable=False, actor=county.officer, at=county.at)


@pytest.mark.parametrize(
    ("ground", "make"),
    [("258-1", no_penalty), ("258-2", mediated), ("258-3", build.executed), ("258-5", not_executable)],
)
def test_a_case_closes_on_each_ground_when_its_fact_is_there_and_not_before(county, ground, make):
    case = build.case(county)
    with pytest.raises(do.CannotClose):
        close(county, case, ground)
    make(county, case)
    closed = close(county, case, ground)
    assert (closed.state, closed.over_ground, running(closed)) == (CaseState.CLOSED, ground, set())
    assert "cases.closed" in ledger_acts(closed)
    assert queries.progress_of(closed.number).words == progress.CLOSED


def test_258_4_is_reached_by_conversion_alone(county):
    case = build.case(county)
    with pytest.raises(do.CannotClose) as refused:
        close(county, case, "258-4")
    assert refused.value.reason == ending.Needs.CONVERTED.label
    do.convert_case(case=case, offence="故意伤害", actor=county.bureau_leader, at=county.at)
    assert Case.objects.get(pk=case.pk).over_ground == "258-4"


@pytest.mark.parametrize("ground", ["", "259-1", "999", "258-6"])
def test_no_other_ground_closes_a_case(county, ground):
    case = build.case(county)
    build.executed(county, case)
    with pytest.raises(NotFound):
        close(county, case, ground)


@pytest.mark.parametrize("ground", ["258-1", "258-2", "258-3", "258-4", "258-5"])
def test_a_criminal_case_is_closed_on_none_of_them(county, ground):
    with pytest.raises(do.CannotClose) as refused:
        close(county, build.criminal(county), ground, actor=county.bureau_leader)
    assert (refused.value.reason, refused.value.how) == (ending.NEVER_CLOSED, ending.CRIMINAL_WAYS)


def test_the_database_itself_closes_no_criminal_case_and_prosecutes_no_administrative_one(county):
    criminal, administrative = build.criminal(county), build.case(county)
    for case, state in (
        (criminal, "closed"),
        (criminal, "stopped"),
        (administrative, "prosecuted"),
        (administrative, "withdrawn"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=state, over_at=county.at, over_ground="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=administrative.pk).update(state="closed", over_at=county.at)


def test_an_open_decision_or_another_suspect_keeps_the_case_open(county):
    case = build.case(county)
    build.executed(county, case)
    build.party(county, case)
    with pytest.raises(do.CannotClose) as refused:
        close(county, case, "258-3")
    assert refused.value.how is ending.FIND_ON


@pytest.mark.parametrize("actor", ["officer", "legal_officer", "strange_head", "legal_section", "brigade_head"])
def test_who_isnt_the_head_closes_nothing(county, actor):
    case = build.case(county)
    build.executed(county, case)
    with pytest.raises(NotPermitted):
        close(county, case, "258-3", actor=getattr(county, actor))


def test_a_victim_who_wasnt_served_holds_the_case_at_the_gate_until_served(county):
    case = build.case(county)
    victim = build.party(county, case, PartyRole.VICTIM)
    decision = build.executed(county, case)
    with pytest.raises(gates.GateClosed) as refused:
        close(county, case, "258-3")
    assert [f.check_id for f in refused.value.failed] == ["cases.served"]
    do.serve(decision=decision, party=victim, way=ServiceWay.POST, actor=county.officer, at=county.at)
    assert close(county, case, "258-3").state == CaseState.CLOSED


def test_closing_is_asked_for_by_the_officer_and_done_by_the_head(county):
    case = build.case(county)
    with pytest.raises(do.CannotClose):
        do.ask_approval(
            matter=Matter.CLOSE,
            case=case,
            asks={"ground": "258-3"},
            reason="已执行",
            actor=county.officer,
            at=county.at,
        )
    build.executed(county, case)
    asked = do.ask_approval(
        matter=Matter.CLOSE,
        case=case,
        asks={"ground": "258-3"},
        reason="已执行",
        actor=county.officer,
        at=county.at + LATER,
    )
    assert do.approve(approval=asked, actor=county.station_head, at=county.at + LATER).state == CaseState.CLOSED


def test_those_who_listen_hear_of_it_and_undo_it_when_they_fail(county, monkeypatch):
    case = build.case(county)
    build.executed(county, case)

    def listen(*, at, actor, case):
        raise ZeroDivisionError

    monkeypatch.setitem(import_module("qingkong.kernel.events.subscribers")._handlers, "cases.closed", [listen])
    with pytest.raises(ZeroDivisionError):
        close(county, case, "258-3")
    assert Case.objects.get(pk=case.pk).state == CaseState.INVESTIGATING


def test_nothing_is_added_to_a_case_that_is_over(county):
    case = build.case(county)
    build.executed(county, case)
    close(county, case, "258-3")
    for late in (
        lambda: build.party(county, case),
        lambda: build.proposal(county, case),
        lambda: close(county, case, "258-3"),
    ):
        with pytest.raises((do.CaseIsOver, do.CannotClose)):
            late()


def test_an_inquiry_is_stopped_on_a_ground_of_259_by_the_head(county):
    case = build.case(county)
    stopped = do.stop_inquiry(case=case, ground="259-1", actor=county.station_head, at=county.at)
    assert (stopped.state, running(stopped)) == (CaseState.STOPPED, set())
    assert "cases.stop" in {p.kind for p in papers.of(case)}


def test_an_unknown_offender_never_ends_a_case_and_the_victim_is_told(county):
    case = build.case(county)
    with pytest.raises(do.CannotTell):
        do.tell_victim(case=case, what="正在查找", actor=county.officer, at=county.at)
    build.party(county, case, PartyRole.VICTIM)
    told = do.tell_victim(case=case, what="违法行为人尚未查明，继续调查", actor=county.officer, at=county.at)
    assert told.is_open
    assert queries.progress_of(case.number).words == progress.LONGER
    assert running(case) == {"XZ-07"}


# --- criminal ----------------------------------------------------------------------------------------------


def test_a_criminal_case_ends_goes_to_the_procuratorate_and_may_come_back(county):
    case = build.criminal(county)
    build.party(county, case)
    with pytest.raises(do.CannotClose):
        do.transfer_for_prosecution(case=case, actor=county.bureau_leader, at=county.at)
    do.end_investigation(case=case, actor=county.bureau_leader, at=county.at)
    sent = do.transfer_for_prosecution(case=case, actor=county.bureau_leader, at=county.at)
    assert sent.state == CaseState.PROSECUTED
    assert queries.progress_of(case.number).words == progress.PROSECUTED
    back = do.return_for_investigation(case=case, reason="补充作案工具的鉴定", actor=county.bureau_leader, at=county.at)
    assert (back.state, running(back)) == (CaseState.INVESTIGATING, {"XS-22"})


def test_without_a_suspect_there_is_nobody_to_prosecute(county):
    case = build.criminal(county)
    do.end_investigation(case=case, actor=county.bureau_leader, at=county.at)
    with pytest.raises(do.CannotClose):
        do.transfer_for_prosecution(case=case, actor=county.bureau_leader, at=county.at)


@pytest.mark.parametrize("ground", ["186-1", "186-2", "186-3", "186-4", "186-5", "186-6"])
def test_a_criminal_case_is_withdrawn_on_the_grounds_of_186_by_a_leader_and_told_in_three_days(county, ground):
    case = build.criminal(county)
    with pytest.raises(do.NoPower):
        do.withdraw_case(case=case, ground=ground, actor=county.station_head, at=county.at)
    gone = do.withdraw_case(case=case, ground=ground, actor=county.bureau_leader, at=county.at)
    assert (gone.state, running(gone)) == (CaseState.WITHDRAWN, {"XS-23"})
    assert running(do.tell_withdrawal(case=case, actor=county.officer, at=county.at)) == set()


def test_ending_it_against_one_suspect_leaves_the_case_going(county):
    case = build.criminal(county)
    suspect = build.party(county, case)
    party = do.terminate_investigation(
        party=suspect, ground="186-not-this-suspect", actor=county.bureau_leader, at=county.at
    )
    assert party.ended_at == county.at
    assert Case.objects.get(pk=case.pk).is_open
    with pytest.raises(do.CannotClose):
        do.terminate_investigation(
            party=suspect, ground="186-not-this-suspect", actor=county.bureau_leader, at=county.at
        )


@pytest.mark.parametrize("verb", [do.end_investigation, do.transfer_for_prosecution])
def test_an_administrative_case_has_no_criminal_ending(county, verb):
    with pytest.raises(do.CannotClose):
        verb(case=build.case(county), actor=county.bureau_leader, at=county.at)
