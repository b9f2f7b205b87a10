from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases.models import Case, Decision, Party
from qingkong.domains.enforcement.cases.rules import deciding
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import DecisionState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import clocks, gates, papers
from qingkong.kernel.refusals import NotPermitted, Refusal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def running(subject):
    return {clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None}


def test_a_fine_of_500_goes_from_proposal_to_execution_and_leaves_its_acts(county):
    case = build.case(county)
    decision = build.executed(county, case)
    assert decision.state == DecisionState.EXECUTED
    assert decision.number == f"东公({county.station.short})行罚决字〔2026〕1号"
    assert decision.power == "治安管理处罚法第一百零九条"
    acts = [act for act in ledger_acts(case) if act.startswith("cases.")]
    assert acts[-7:] == [
        "cases.decision_proposed",
        "cases.noticed",
        "cases.stated",
        "cases.decision_asked",
        "cases.decided",
        "cases.served",
        "cases.executed",
    ]
    assert {p.kind for p in papers.of(case)} >= {"cases.notice", "cases.penalty"}
    assert running(case) == set()


# --- power -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fine", "allowed"), [(100_000, True), (100_100, False)])
def test_a_station_head_fines_1000_yuan_and_not_1001(county, fine, allowed):
    decision = build.asked(county, build.case(county), fine=fine)
    if allowed:
        assert (
            do.decide(decision=decision, actor=county.station_head, at=county.at).decided_by_name
            == county.station_head.name
        )
    else:
        with pytest.raises(do.NoPower) as refused:
            do.decide(decision=decision, actor=county.station_head, at=county.at)
        assert (
            str(refused.value)
            == "所长可以决定的罚款到 1,000 元为止，1,001 元超过了（治安管理处罚法第一百零九条）。请报县级公安机关决定。"
        )
        assert not Decision.objects.filter(decided_at__isnull=False).exists()
        assert do.decide(decision=decision, actor=county.bureau_leader, at=county.at).up_to_fen is None


def test_a_station_head_detains_nobody(county):
    decision = build.asked(county, build.case(county), fine=0, days=5)
    with pytest.raises(do.NoPower):
        do.decide(decision=decision, actor=county.station_head, at=county.at)
    assert do.decide(decision=decision, actor=county.bureau_leader, at=county.at).detention_days == 5


def test_detention_beyond_twenty_days_isnt_even_proposed(county):
    with pytest.raises(do.CannotPropose):
        build.proposal(county, build.case(county), days=21)


@pytest.mark.parametrize(
    "actor",
    ["officer", "second_officer", "legal_officer", "legal_section", "strange_head", "case_office", "brigade_head"],
)
def test_nobody_else_decides(county, actor):
    decision = build.asked(county, build.case(county))
    with pytest.raises(Refusal):
        do.decide(decision=decision, actor=getattr(county, actor), at=county.at)


def test_a_head_who_handles_the_case_doesnt_decide_it(county):
    case = build.case(county, lead=county.officers.station_head, second=county.officers.officer)
    decision = build.asked(county, case)
    with pytest.raises(do.OwnCase):
        do.decide(decision=decision, actor=county.station_head, at=county.at)
    assert not do.OwnCase.__subclasses__()
    do.decide(decision=decision, actor=county.bureau_leader, at=county.at)


def test_the_database_itself_refuses_a_decider_who_handles_or_checks_the_case_a_fine_beyond_the_power_and_a_heavier_one(
    county,
):
    decision = build.decided(county, build.case(county))
    for wrong in (
        {"decided_by": county.officers.legal_officer}, {"decided_by": county.officers.officer}, {"fine_fen": 50_001},
        {"detention_days": 1}, {"up_to_fen": 49_999}, {"told_at": None}, {"decided_at": None}, {"number": None},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(county, in_parallel):
    decision = build.asked(county, build.case(county))
    futures = [
        in_parallel(do.decide, decision=decision, actor=actor, at=county.at)
        for actor in (county.station_head, county.bureau_leader)
    ]
    outcomes = [outcome(f) for f in futures]
    assert sum(isinstance(o, Decision) for o in outcomes) == 1
    assert sum(isinstance(o, do.CannotDecide) for o in outcomes) == 1
    assert ledger_acts(Case.objects.get()).count("cases.decided") == 1


# --- notice and defence ------------------------------------------------------------------------------------


def test_nothing_is_asked_for_before_the_party_was_told(county):
    with pytest.raises(do.CannotDecide) as refused:
        do.ask_decision(decision=build.proposal(county, build.case(county)), actor=county.officer, at=county.at)
    assert refused.value.reason is deciding.NOT_TOLD


def test_a_defence_is_answered_before_the_decision(county):
    decision = build.proposal(county, build.case(county))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    do.record_statement(decision=decision, statement="是对方先动手", defended=True, actor=county.officer, at=county.at)
    with pytest.raises(do.CannotDecide) as refused:
        do.ask_decision(decision=decision, actor=county.officer, at=county.at)
    assert refused.value.reason is deciding.UNANSWERED
    do.answer_defence(
        decision=decision, answer="经查看监控，不成立", accepted=False, actor=county.officer, at=county.at
    )
    assert do.ask_decision(decision=decision, actor=county.officer, at=county.at).state == DecisionState.ASKED


@pytest.mark.parametrize(
    "heavier",
    [Penalty(fine_fen=50_100), Penalty(fine_fen=50_000, detention_days=1), Penalty(fine_fen=50_000, revoke=True)],
)
def test_a_defence_never_makes_the_penalty_heavier(county, heavier):
    decision = build.proposal(county, build.case(county))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    do.record_statement(decision=decision, statement="不服", defended=True, actor=county.officer, at=county.at)
    with pytest.raises(do.CannotNotify) as refused:
        do.change_proposal(decision=decision, penalty=heavier, actor=county.officer, at=county.at)
    assert refused.value.reason is deciding.HEAVIER
    assert Decision.objects.get().fine_fen == 50_000


def test_new_facts_may_make_it_heavier_when_told_anew(county):
    decision = build.proposal(county, build.case(county))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    changed = do.change_proposal(
        decision=decision,
        penalty=Penalty(fine_fen=80_000),
        new_facts="鉴定意见：轻微伤",
        actor=county.officer,
        at=county.at,
    )
    with pytest.raises(do.CannotDecide):
        do.ask_decision(decision=changed, actor=county.officer, at=county.at)
    do.give_notice(decision=changed, new_facts="鉴定意见：轻微伤", actor=county.officer, at=county.at + DAY)
    assert do.ask_decision(decision=changed, actor=county.officer, at=county.at + DAY).told_fine_fen == 80_000


def test_a_defence_that_holds_makes_it_lighter_without_a_new_notice(county):
    decision = build.proposal(county, build.case(county), days=5)
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    lighter = do.change_proposal(
        decision=decision, penalty=Penalty(fine_fen=50_000), actor=county.officer, at=county.at
    )
    assert do.ask_decision(decision=lighter, actor=county.officer, at=county.at).detention_days == 0


def test_a_minors_guardian_is_told_too(county):
    decision = build.proposal(county, build.case(county), under_18=True, guardian_name="示例监护人")
    with pytest.raises(do.CannotNotify):
        do.give_notice(decision=decision, actor=county.officer, at=county.at)
    assert do.give_notice(decision=decision, guardian_told=True, actor=county.officer, at=county.at).guardian_told


# --- hearing -----------------------------------------------------------------------------------------------


def test_a_fine_of_4000_gives_five_working_days_to_ask_for_a_hearing(county):
    decision = build.proposal(county, build.case(county), fine=400_000)
    notice = do.give_notice(decision=decision, actor=county.officer, at=county.at)
    assert notice.hearing_right
    assert running(decision) == {"XZ-22"}
    with pytest.raises(do.CannotDecide) as refused:
        do.ask_decision(decision=decision, actor=county.officer, at=notice.hearing_until - timedelta(seconds=1))
    assert refused.value.reason is deciding.HEARING_OPEN
    assert (
        do.ask_decision(decision=decision, actor=county.officer, at=notice.hearing_until).state == DecisionState.ASKED
    )


def test_a_hearing_stops_the_cases_clock_is_held_by_the_legal_section_and_asks_for_review(county):
    case = build.case(county)
    decision = build.proposal(county, case, fine=400_000)
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    do.record_statement(
        decision=decision,
        statement="要求听证",
        defended=False,
        hearing="asked",
        actor=county.officer,
        at=county.at + DAY,
    )
    before = clocks.of(case)[0]
    assert before.suspended
    with pytest.raises(do.CannotDecide):
        do.ask_decision(decision=decision, actor=county.officer, at=county.at + DAY)
    with pytest.raises(NotPermitted):
        do.record_hearing(decision=decision, actor=county.officer, at=county.at + 8 * DAY)
    do.record_hearing(decision=decision, actor=county.legal_section, at=county.at + 8 * DAY)
    clock = clocks.of(case)[0]
    assert not clock.suspended
    with pytest.raises(do.CannotDecide) as refused:
        do.ask_decision(decision=decision, actor=county.officer, at=county.at + 8 * DAY)
    assert refused.value.reason is deciding.NOT_REVIEWED


def test_a_hearing_cant_be_asked_for_where_there_is_no_right(county):
    decision = build.proposal(county, build.case(county))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    with pytest.raises(do.CannotRecord):
        do.record_statement(
            decision=decision, statement="", defended=False, hearing="asked", actor=county.officer, at=county.at
        )


# --- legal review ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["complex", "public_interest"])
def test_the_cases_of_114_arent_decided_without_a_passed_review(county, flag):
    decision = build.proposal(county, build.case(county, **{flag: True}))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    with pytest.raises(do.CannotDecide):
        do.ask_decision(decision=decision, actor=county.officer, at=county.at)
    do.ask_review(decision=decision, actor=county.officer, at=county.at)
    for actor in (county.legal_officer, county.officer, county.station_head):
        with pytest.raises(NotPermitted):
            do.review_decision(decision=decision, passed=True, opinion="同意", actor=actor, at=county.at)
    do.review_decision(
        decision=decision, passed=False, opinion="定性证据不足，请补充说明", actor=county.legal_section, at=county.at
    )
    assert Decision.objects.get().state == DecisionState.RETURNED
    with pytest.raises(do.CannotDecide):
        do.ask_decision(decision=decision, actor=county.officer, at=county.at)
    do.ask_review(decision=decision, actor=county.officer, at=county.at)
    do.review_decision(decision=decision, passed=True, opinion="同意", actor=county.legal_section, at=county.at)
    asked = do.ask_decision(decision=decision, actor=county.officer, at=county.at)
    assert do.decide(decision=asked, actor=county.station_head, at=county.at).state == DecisionState.DECIDED


def test_a_review_of_what_was_proposed_before_doesnt_carry_what_is_proposed_now(county):
    decision = build.proposal(county, build.case(county, complex=True))
    do.give_notice(decision=decision, actor=county.officer, at=county.at)
    do.ask_review(decision=decision, actor=county.officer, at=county.at)
    do.review_decision(decision=decision, passed=True, opinion="同意", actor=county.legal_section, at=county.at)
    do.change_proposal(decision=decision, penalty=Penalty(fine_fen=40_000), actor=county.officer, at=county.at + DAY)
    with pytest.raises(do.CannotDecide) as refused:
        do.ask_decision(decision=decision, actor=county.officer, at=county.at + DAY)
    assert refused.value.reason is deciding.NOT_REVIEWED


# --- approve or return -------------------------------------------------------------------------------------


def test_a_returned_proposal_says_why_and_may_be_asked_again(county):
    decision = build.asked(county, build.case(county))
    back = do.return_decision(decision=decision, reason="补充伤情照片", actor=county.station_head, at=county.at)
    assert (back.state, back.returned_why) == (DecisionState.RETURNED, "补充伤情照片")
    assert do.ask_decision(decision=back, actor=county.officer, at=county.at).state == DecisionState.ASKED


def test_with_a_team_of_one_no_decision_passes_the_gate(county):
    case = build.case(county)
    decision = build.asked(county, case)
    case.members.filter(role=TeamRole.SECOND).update(until_at=county.at)
    with pytest.raises(gates.GateClosed) as refused:
        do.decide(decision=decision, actor=county.station_head, at=county.at)
    assert [f.check_id for f in refused.value.failed] == ["cases.two_officers"]


# --- no penalty --------------------------------------------------------------------------------------------


def test_facts_not_established_need_no_notice_and_end_without_a_penalty(county):
    case = build.case(county)
    decision = do.propose_decision(
        case=case,
        party=build.party(county, case),
        no_penalty_ground="172-3",
        basis="程序规定第一百七十二条",
        reasons="证据不能证明",
        actor=county.officer,
        at=county.at,
    )
    asked = do.ask_decision(decision=decision, actor=county.officer, at=county.at)
    made = do.decide(decision=asked, actor=county.station_head, at=county.at)
    assert made.number == f"东公({county.station.short})不罚决字〔2026〕1号"


def test_no_penalty_for_an_act_that_was_done_is_told_first(county):
    case = build.case(county)
    decision = do.propose_decision(
        case=case,
        party=build.party(county, case),
        no_penalty_ground="172-2",
        basis="程序规定第一百七十二条",
        reasons="情节特别轻微",
        actor=county.officer,
        at=county.at,
    )
    with pytest.raises(do.CannotDecide):
        do.ask_decision(decision=decision, actor=county.officer, at=county.at)


# --- service and execution ---------------------------------------------------------------------------------


def test_service_runs_two_days_for_the_punished_and_for_the_victim(county):
    case = build.case(county)
    victim = build.party(county, case, PartyRole.VICTIM)
    decision = build.decided(county, case)
    assert running(decision) == {"XZ-27", "XZ-28"}
    do.serve(decision=decision, party=decision.party, way=ServiceWay.ON_THE_SPOT, actor=county.officer, at=county.at)
    assert running(decision) == {"XZ-28", "XZ-32"}
    do.serve(decision=decision, party=victim, way=ServiceWay.POST, actor=county.officer, at=county.at + DAY)
    assert running(decision) == {"XZ-32"}
    with pytest.raises(do.CannotServe):
        do.serve(decision=decision, party=victim, way=ServiceWay.POST, actor=county.officer, at=county.at)


def test_nothing_is_served_before_it_was_decided_nor_executed_before_it_was_served(county):
    decision = build.asked(county, build.case(county))
    with pytest.raises(do.CannotServe):
        do.serve(decision=decision, party=decision.party, way=ServiceWay.DIRECT, actor=county.officer, at=county.at)
    decision = do.decide(decision=decision, actor=county.station_head, at=county.at)
    with pytest.raises(do.CannotServe):
        do.execute(decision=decision, note="已缴纳", actor=county.officer, at=county.at)


def test_only_the_punished_and_victims_of_this_case_are_served(county):
    case = build.case(county)
    witness = build.party(county, case, PartyRole.WITNESS)
    elsewhere = build.party(county, build.case(county), PartyRole.VICTIM)
    decision = build.decided(county, case)
    for party in (witness, elsewhere):
        with pytest.raises(do.CannotServe):
            do.serve(decision=decision, party=party, way=ServiceWay.DIRECT, actor=county.officer, at=county.at)


def test_a_criminal_case_takes_no_administrative_penalty_and_one_suspect_takes_one_decision(county):
    criminal = build.criminal(county)
    with pytest.raises(do.CannotPropose):
        build.proposal(county, criminal)
    case = build.case(county)
    build.proposal(county, case)
    with pytest.raises(do.CannotPropose):
        do.propose_decision(
            case=case,
            party=Party.objects.get(case=case),
            penalty=Penalty(warning=True),
            basis="b",
            reasons="r",
            actor=county.officer,
            at=county.at,
        )


# --- time --------------------------------------------------------------------------------------------------


def test_an_appraisal_isnt_counted_and_the_county_bureau_extends_a_stations_case_twice(county):
    case = build.case(county)
    due = clocks.of(case)[0].due_at
    do.suspend_for_appraisal(case=case, reason="伤情鉴定", actor=county.officer, at=county.at + DAY)
    do.resume_after_appraisal(case=case, actor=county.officer, at=county.at + 11 * DAY)
    assert clocks.of(case)[0].due_at >= due + 9 * DAY
    with pytest.raises(NotPermitted):
        do.extend_time(subject=case, reason="案情复杂", actor=county.station_head, at=county.at + 12 * DAY)
    for _ in range(2):
        do.extend_time(subject=case, reason="案情复杂", actor=county.bureau_leader, at=county.at + 12 * DAY)
    with pytest.raises(clocks.CannotExtend):
        do.extend_time(subject=case, reason="案情复杂", actor=county.bureau_leader, at=county.at + 12 * DAY)


def test_the_review_of_a_criminal_report_goes_from_3_to_7_to_30_days(county):
    from qingkong.domains.enforcement.cases.rules.states import Nature

    report = build.report(county, nature=Nature.CRIMINAL)
    dues = [clocks.of(report)[0].due_at]
    for actor in (county.station_head, county.bureau_leader):
        dues.append(do.extend_time(subject=report, reason="需要核查线索", actor=actor, at=county.at).due_at)
    assert dues[0] < dues[1] < dues[2]
