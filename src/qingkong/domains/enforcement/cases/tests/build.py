"""Builders that make things the way officers do: through operations, never through tables."""

from datetime import timedelta

from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases.models import Case, Decision, Party, Report
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import CaseKind, Nature

HOUR = timedelta(hours=1)
PHONE = "19900000001"
VILLAGE = "370923101"
REPORTER = do.Reporter(name="示例报案人", phone=PHONE, id_number="999999199001010019")


def report(county, *, nature=Nature.PUBLIC_ORDER, receipt=True, actor=None, **more) -> Report:
    """A report at the window, its receipt handed over."""
    actor = actor or county.window
    more = {"subject": "被人殴打", "reporter": REPORTER, "no_evidence_yet": True, "is_victim": True, **more}
    made = do.register_report(actor=actor, at=county.at, nature=nature, **more)
    if receipt:
        do.hand_receipt(report=made, actor=actor, at=county.at)
    return Report.objects.get(pk=made.pk)


def team(county) -> dict:
    officers = county.officers
    return {"lead": officers.officer, "second": officers.second_officer, "legal": officers.legal_officer}


def case(county, *, offence="殴打他人", report_=None, **more) -> Case:
    """An administrative case of the station, filed at once by its lead."""
    report_ = report_ if report_ is not None else report(county)
    filed = do.file_case(
        report=report_, kind=CaseKind.ADMINISTRATIVE, offence=offence, division_code=VILLAGE, actor=county.officer,
        at=county.at, **{**team(county), **more},
    )  # fmt: skip
    return Case.objects.get(pk=filed.pk)


def criminal(county, **more) -> Case:
    """A criminal case: asked for by an officer, approved by a bureau leader."""
    asks = {role: str(officer.pk) for role, officer in team(county).items()}
    asks |= {"offence": "盗窃", "division_code": VILLAGE, **more}
    request = do.ask_approval(
        matter=Matter.FILE_CRIMINAL, report=report(county, nature=Nature.CRIMINAL, subject="电动自行车被盗"), asks=asks,
        reason="有犯罪事实", actor=county.officer, at=county.at,
    )  # fmt: skip
    filed = do.approve(approval=request, actor=county.bureau_leader, at=county.at)
    return Case.objects.get(pk=filed.pk)


def party(county, of: Case, role=PartyRole.SUSPECT, **more) -> Party:
    more = {"name": f"示例当事人{role.value}", "phone": "19900000002", **more}
    return do.add_party(case=of, role=role, actor=county.officer, at=county.at, **more)


def proposal(county, of: Case, *, fine=50_000, days=0, **more) -> Decision:
    return do.propose_decision(
        case=of, party=party(county, of, **more), penalty=Penalty(fine_fen=fine, detention_days=days),
        basis="治安管理处罚法第五十一条", reasons="殴打他人，有监控和证言证实。", actor=county.officer, at=county.at,
    )  # fmt: skip


def asked(county, of: Case, *, fine=50_000, days=0, **more) -> Decision:
    """A proposal told to the party, who says nothing against it, and handed to whoever decides."""
    made = proposal(county, of, fine=fine, days=days, **more)
    do.give_notice(decision=made, actor=county.officer, at=county.at)
    hearing = "given_up" if fine >= 400_000 else ""
    do.record_statement(
        decision=made, statement="没有意见", defended=False, hearing=hearing, actor=county.officer, at=county.at
    )
    return do.ask_decision(decision=made, actor=county.officer, at=county.at)


def decided(county, of: Case, **more) -> Decision:
    made = asked(county, of, **more)
    head = county.bureau_leader if more.get("days") or more.get("fine", 0) > 100_000 else county.station_head
    return do.decide(decision=made, actor=head, at=county.at)


def executed(county, of: Case, **more) -> Decision:
    made = decided(county, of, **more)
    do.serve(decision=made, party=made.party, way=ServiceWay.ON_THE_SPOT, actor=county.officer, at=county.at + HOUR)
    do.execute(decision=made, note="已缴纳", actor=county.officer, at=county.at + HOUR)
    return Decision.objects.get(pk=made.pk)
