from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Approval, Case, Report, TeamMember
from qingkong.domains.enforcement.cases.rules import teams
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState, Nature, ReportState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import clocks, gates, papers, places
from qingkong.kernel.refusals import Invalid, NotPermitted, Refusal

pytestmark = pytest.mark.django_db


def running(subject):
    return [clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None]


# --- filing ------------------------------------------------------------------------------------------------


def test_a_public_order_case_is_filed_at_once_with_team_clock_and_papers(county):
    case = build.case(county)
    assert case.number == "A2026-000001"
    assert case.title == f"{places.full_name(build.VILLAGE)}殴打他人案"
    assert running(case) == ["XZ-07"]
    report = case.reports.get()
    assert (report.state, running(report)) == (ReportState.FILED, [])
    assert [(m.role, m.officer_id) for m in case.team] == [
        ("lead", county.officer.officer_id), ("second", county.second_officer.officer_id), ("legal", county.legal_officer.officer_id),
    ]  # fmt: skip
    assert {p.kind for p in papers.of(case)} == {"cases.case_filing_administrative", "cases.filing_receipt"}
    assert "cases.filed" in ledger_acts(case)


def test_statutory_numbers_print_the_unit_and_count_without_gaps(county):
    numbers = [
        p.number for c in (build.case(county), build.case(county)) for p in papers.of(c) if "filing_admin" in p.kind
    ]
    short = county.station.short
    assert numbers == [f"东公({short})受案字〔2026〕1号", f"东公({short})受案字〔2026〕2号"]


def test_a_case_isnt_filed_before_the_receipt_is_given(county):
    report = build.report(county, receipt=False)
    with pytest.raises(gates.GateClosed) as refused:
        build.case(county, report_=report)
    assert [f.check_id for f in refused.value.failed] == ["cases.receipt"]
    assert not Case.objects.exists()
    do.hand_receipt(report=report, actor=county.window, at=county.at)
    assert build.case(county, report_=report).state == CaseState.INVESTIGATING


def test_an_officer_cant_file_a_criminal_case_and_is_told_who_can(county):
    with pytest.raises(do.NoPower) as refused:
        do.file_case(
            report=build.report(county, nature=Nature.CRIMINAL),
            kind=CaseKind.CRIMINAL,
            offence="盗窃",
            actor=county.officer,
            at=county.at,
            **build.team(county),
        )
    assert str(refused.value) == "刑事案件立案由局领导批准（公安机关办理刑事案件程序规定第一百七十八条）。请报请审批。"


def test_a_criminal_case_is_asked_for_and_approved_by_a_leader(county):
    case = build.criminal(county)
    assert case.number == "X2026-000001"
    assert (case.filed_by_name, case.asked_by_name) == (county.bureau_leader.name, county.officer.name)
    assert running(case) == []
    assert Approval.objects.get().state == "approved"
    assert "cases.approved" in ledger_acts(case.reports.get())


def test_a_report_is_filed_once(county):
    report = build.report(county)
    build.case(county, report_=report)
    with pytest.raises(do.CannotFile):
        build.case(county, report_=report)


@pytest.mark.django_db(transaction=True)
def test_two_officers_filing_the_same_report_at_once_make_one_case(county, in_parallel):
    report = build.report(county)
    futures = [in_parallel(build.case, county, report_=report) for _ in range(2)]
    outcomes = [outcome(f) for f in futures]
    assert sum(isinstance(o, Case) for o in outcomes) == 1
    assert sum(isinstance(o, Refusal) for o in outcomes) == 1
    assert Case.objects.count() == 1


def test_the_title_of_a_public_order_case_is_place_and_act_and_can_be_nothing_else(county):
    with pytest.raises(Invalid):
        build.case(county, title="张某殴打他人案")
    assert build.criminal(county, title="“11·3”电动自行车被盗案").title == "“11·3”电动自行车被盗案"


def test_another_station_files_nothing_from_this_stations_report(county):
    report = build.report(county)
    with pytest.raises(NotPermitted):
        do.file_case(
            report=report,
            kind=CaseKind.ADMINISTRATIVE,
            offence="殴打他人",
            actor=county.stranger,
            at=county.at,
            **build.team(county),
        )


# --- teams -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"second": "auxiliary"}, teams.AUXILIARY),
        ({"second": "officer"}, teams.TWICE),
        ({"legal": "officer"}, teams.NOT_A_CHECKER),
        ({"legal": "auxiliary"}, teams.NOT_A_CHECKER),
    ],
)
def test_a_team_of_an_auxiliary_or_of_one_person_twice_is_refused(county, changed, reason):
    report = build.report(county)
    with pytest.raises(do.CannotName) as refused:
        build.case(county, report_=report, **{role: getattr(county.officers, who) for role, who in changed.items()})
    assert refused.value.reason is reason
    assert not Case.objects.exists()
    assert Report.objects.get(pk=report.pk).is_open


def test_a_legal_officer_who_handled_the_case_cant_become_its_legal_officer(county):
    case = build.case(county)
    from qingkong.kernel.access.accounts import appoint
    from qingkong.kernel.identity.posts import Post

    appoint(
        officer=county.officers.third_officer,
        unit=county.station,
        post=Post.LEGAL_OFFICER,
        since=county.at.date(),
        actor=county.system,
        at=county.at,
    )
    do.name_member(
        case=case, role=TeamRole.SECOND, officer=county.officers.third_officer, actor=county.station_head, at=county.at
    )
    do.name_member(
        case=case, role=TeamRole.SECOND, officer=county.officers.second_officer, actor=county.station_head, at=county.at
    )
    with pytest.raises(do.CannotName):
        do.name_member(
            case=case,
            role=TeamRole.LEGAL,
            officer=county.officers.third_officer,
            actor=county.station_head,
            at=county.at,
        )


def test_naming_somebody_else_ends_the_earlier_role(county):
    case = build.case(county)
    later = county.at + timedelta(hours=1)
    do.name_member(
        case=case, role=TeamRole.SECOND, officer=county.officers.third_officer, actor=county.station_head, at=later
    )
    case = Case.objects.get(pk=case.pk)
    assert [m.officer_name for m in case.team if m.role == "second"] == [county.third_officer.name]
    assert case.members.get(officer=county.officers.second_officer).until_at == later


def test_only_the_head_or_a_leader_names_the_team(county):
    case = build.case(county)
    for actor in (county.officer, county.strange_head, county.legal_officer):
        with pytest.raises(NotPermitted):
            do.name_member(
                case=case, role=TeamRole.SECOND, officer=county.officers.third_officer, actor=actor, at=county.at
            )


@pytest.mark.parametrize(
    ("role", "post", "who"),
    [
        ("second", "auxiliary", "auxiliary"),
        ("legal", "officer", "third_officer"),
        ("lead", "officer", "third_officer"),
        ("legal", "legal_officer", "officer"),
    ],
)
def test_the_database_itself_refuses_an_auxiliary_a_second_lead_and_a_handler_who_checks(county, role, post, who):
    case = build.case(county)
    if (role, who) == ("legal", "officer"):
        case.members.filter(role="legal").update(until_at=county.at)
    elif role != "lead":
        case.members.filter(role=role).update(until_at=county.at)
    officer = getattr(county.officers, who)
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.create(
            case=case, officer=officer, officer_name=officer.name, post=post, role=role, since_at=county.at
        )


# --- declining and transferring ----------------------------------------------------------------------------


def test_declining_needs_a_ground_reasons_and_the_head_and_starts_three_days(county):
    report = build.report(county)
    with pytest.raises(Invalid):
        do.decline_case(report=report, ground="90-1", note=" ", actor=county.station_head, at=county.at)
    with pytest.raises(NotPermitted):
        do.decline_case(report=report, ground="90-1", note="属于民事纠纷", actor=county.officer, at=county.at)
    declined = do.decline_case(
        report=report, ground="90-1", note="属于民事纠纷", actor=county.station_head, at=county.at
    )
    assert (declined.state, running(declined)) == (ReportState.DECLINED, ["LA-10"])
    assert [p.kind for p in papers.of(declined) if "declined" in p.kind] == ["cases.declined_administrative"]
    served = do.serve_answer(report=declined, actor=county.officer, at=county.at)
    assert running(served) == []


def test_a_criminal_report_is_declined_by_a_leader_alone_after_the_officer_asked(county):
    report = build.report(county, nature=Nature.CRIMINAL)
    with pytest.raises(do.NoPower):
        do.decline_case(report=report, ground="178-1", note="没有犯罪事实", actor=county.station_head, at=county.at)
    asked = do.ask_approval(
        matter=Matter.DECLINE_CRIMINAL,
        report=report,
        asks={"ground": "178-1", "note": "没有犯罪事实"},
        reason="经审查",
        actor=county.officer,
        at=county.at,
    )
    assert do.approve(approval=asked, actor=county.bureau_leader, at=county.at).state == ReportState.DECLINED


def test_a_declined_report_is_filed_on_new_facts(county):
    report = build.report(county)
    do.decline_case(report=report, ground="90-1", note="属于民事纠纷", actor=county.station_head, at=county.at)
    assert build.case(county, report_=report).reports.get() == report


def test_a_matter_of_another_unit_is_transferred_within_24_hours_and_the_clock_says_so(county):
    report = build.report(county)
    asked = do.ask_approval(
        matter=Matter.TRANSFER_ADMINISTRATIVE,
        report=report,
        asks={"to": "某县公安局", "note": ""},
        reason="不属本所管辖",
        actor=county.officer,
        at=county.at,
    )
    assert "LA-06" in running(report)
    moved = do.approve(approval=asked, actor=county.station_head, at=county.at + timedelta(hours=25))
    assert (moved.state, running(moved)) == (ReportState.TRANSFERRED, [])
    assert next(c for c in clocks.of(moved) if c.limit_id == "LA-06").late


def test_a_case_is_transferred_with_its_clocks_stopped(county):
    case = build.case(county)
    moved = do.transfer_case(case=case, to="某县公安局", note="", actor=county.station_head, at=county.at)
    assert (moved.state, running(moved)) == (CaseState.TRANSFERRED, [])


# --- approvals ---------------------------------------------------------------------------------------------


def test_a_request_is_returned_with_reasons_and_may_be_made_again(county):
    report = build.report(county, nature=Nature.CRIMINAL)
    ask = {
        "matter": Matter.DECLINE_CRIMINAL,
        "report": report,
        "asks": {"ground": "178-1", "note": "没有犯罪事实"},
        "reason": "经审查",
        "actor": county.officer,
        "at": county.at,
    }
    first = do.ask_approval(**ask)
    with pytest.raises(do.CannotAsk):
        do.ask_approval(**ask)
    with pytest.raises(Invalid):
        do.return_approval(approval=first, reason="", actor=county.bureau_leader, at=county.at)
    do.return_approval(approval=first, reason="先核查监控", actor=county.bureau_leader, at=county.at)
    assert do.ask_approval(**ask).state == "waiting"
    with pytest.raises(do.CannotApprove):
        do.approve(approval=first, actor=county.bureau_leader, at=county.at)


def test_a_station_head_approves_no_criminal_filing_and_nothing_changes(county):
    asks = {role: str(o.pk) for role, o in build.team(county).items()} | {"offence": "盗窃"}
    asked = do.ask_approval(
        matter=Matter.FILE_CRIMINAL,
        report=build.report(county, nature=Nature.CRIMINAL),
        asks=asks,
        reason="有犯罪事实",
        actor=county.officer,
        at=county.at,
    )
    with pytest.raises(do.NoPower):
        do.approve(approval=asked, actor=county.station_head, at=county.at)
    assert (Approval.objects.get().state, Case.objects.count()) == ("waiting", 0)


def test_asking_with_an_auxiliary_in_the_team_is_refused_at_once(county):
    asks = {role: str(o.pk) for role, o in build.team(county).items()} | {
        "offence": "盗窃",
        "second": str(county.officers.auxiliary.pk),
    }
    with pytest.raises(do.CannotName):
        do.ask_approval(
            matter=Matter.FILE_CRIMINAL,
            report=build.report(county, nature=Nature.CRIMINAL),
            asks=asks,
            reason="有犯罪事实",
            actor=county.officer,
            at=county.at,
        )


@pytest.mark.django_db(transaction=True)
def test_two_leaders_approving_at_once_file_one_case(county, in_parallel):
    asks = {role: str(o.pk) for role, o in build.team(county).items()} | {"offence": "盗窃"}
    asked = do.ask_approval(
        matter=Matter.FILE_CRIMINAL,
        report=build.report(county, nature=Nature.CRIMINAL),
        asks=asks,
        reason="有犯罪事实",
        actor=county.officer,
        at=county.at,
    )
    futures = [in_parallel(do.approve, approval=asked, actor=county.bureau_leader, at=county.at) for _ in range(2)]
    assert sum(isinstance(outcome(f), Case) for f in futures) == 1
    assert Case.objects.count() == 1


# --- conversion --------------------------------------------------------------------------------------------


def test_an_administrative_case_becomes_a_criminal_one_with_its_parties_team_and_report(county):
    old = build.case(county)
    build.party(county, old)
    do.propose_decision(
        case=old,
        party=old.parties.get(),
        penalty=build.Penalty(fine_fen=50_000),
        basis="第五十一条",
        reasons="殴打他人",
        actor=county.officer,
        at=county.at,
    )
    new = do.convert_case(case=old, offence="故意伤害", actor=county.bureau_leader, at=county.at + timedelta(days=1))
    old = Case.objects.get(pk=old.pk)
    assert (old.state, old.over_ground, running(old)) == (CaseState.CLOSED, "258-4", [])
    assert (new.kind, new.number[0], new.converted_from) == (CaseKind.CRIMINAL, "X", old)
    assert [m.role for m in Case.objects.get(pk=new.pk).team] == ["lead", "second", "legal"]
    assert old.decisions.get().state == "dropped"
    assert new.reports.count() == 1
    from qingkong.kernel import access
    from qingkong.kernel.access import Purpose

    look = access.look(
        actor=county.officer,
        subject=new,
        purpose=Purpose.HANDLING,
        reference=new.number,
        at=county.at + timedelta(days=1),
    )
    assert new.parties.get().name.open(look) == "示例当事人suspect"


def test_a_criminal_case_becomes_an_administrative_one_and_the_suspect_is_told_within_three_days(county):
    old = build.criminal(county)
    new = do.convert_case(case=old, offence="盗窃", actor=county.bureau_leader, at=county.at)
    old = Case.objects.get(pk=old.pk)
    assert (old.state, old.over_ground, running(old)) == (CaseState.WITHDRAWN, "186-2", ["XS-23"])
    assert running(new) == ["XZ-07"]


# --- who sees ----------------------------------------------------------------------------------------------


def test_a_case_is_seen_by_its_team_its_head_and_those_over_it_and_by_nobody_else(county):
    case = build.case(county)
    from qingkong.kernel import access

    seen_by = {
        name
        for name in vars(county)
        if isinstance(getattr(county, name), access.Actor) and access.may(getattr(county, name), "cases.see", case)
    }
    assert seen_by == {
        "officer",
        "second_officer",
        "legal_officer",
        "station_head",
        "legal_section",
        "case_office",
        "inspector",
        "bureau_leader",
    }
    for name in seen_by:
        assert queries.get_case(actor=getattr(county, name), id=case.pk) == case


def test_lists_and_finding_give_each_actor_only_their_own(county):
    case = build.case(county)
    for name in ("stranger", "strange_head", "third_officer"):
        actor = getattr(county, name)
        assert not queries.cases(actor=actor).exists()
        assert queries.find(actor=actor, text=case.number) == []
        assert queries.find(actor=actor, text="殴打") == []
        with pytest.raises(Refusal):
            queries.get_case(actor=actor, id=case.pk)
    for text in (case.number, "a2026-1", "A20261", "殴打", "打他", "殴打他人案"):
        assert queries.find(actor=county.station_head, text=text) == [case], text
    assert queries.find(actor=county.station_head, text="盗窃") == []
    assert queries.find(actor=county.station_head, text="%%") == []


def test_the_administrator_and_the_supervisor_see_no_case_at_all(county):
    build.case(county)
    for actor in (county.administrator, county.supervisor, county.custodian, county.auxiliary):
        with pytest.raises(NotPermitted):
            queries.cases(actor=actor)


def test_parties_show_role_and_ordinal_and_open_by_a_look_alone(county):
    case = build.case(county)
    party = build.party(county, case, PartyRole.VICTIM)
    assert str(party) == "被侵害人1"
    assert str(party.name) == "已封存"
    with pytest.raises(do.NoParty):
        build.party(county, case, under_18=True)


def test_series_join_cases_that_keep_their_numbers(county):
    cases = [build.criminal(county), build.criminal(county)]
    series = do.open_series(
        title="电动自行车被盗系列案", pattern="夜间，村委会门前", actor=county.officer, at=county.at
    )
    for case in cases:
        do.join_series(series=series, case=case, reason="手法相同", actor=county.officer, at=county.at)
    with pytest.raises(do.CannotJoin):
        do.join_series(series=series, case=cases[0], reason="手法相同", actor=county.officer, at=county.at)
    found, rows, hidden = queries.get_series(actor=county.officer, id=series.pk)
    assert ([c.number for c in rows], hidden) == ([c.number for c in cases], 0)
    with pytest.raises(Refusal):
        queries.get_series(actor=county.stranger, id=series.pk)
    do.leave_series(case=cases[0], reason="不是同一手法", actor=county.officer, at=county.at)
    assert Case.objects.filter(series=series).count() == 1
