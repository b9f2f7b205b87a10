"""A report, or what officers found themselves, becomes a case with its team, its clock and its papers."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Report, TitleGram
from qingkong.domains.enforcement.cases.operations import paperwork, powers, teams
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import (
    REPORT_MOVES,
    CaseKind,
    ReportState,
    Way,
    why_not_move,
)
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access, clocks, events, gates, ledger, numbering, papers, places
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Officer, Unit
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

NO_OFFENCE = zh("请写明案由。")
TITLE_TOO_LONG = zh("案件名称太长，最多 80 个字。")
PLAIN = zh("治安案件的名称由地点和案由组成，不写人名。")


class CannotFile(Refusal):
    """The report can't become a case now; the message says why."""


@transaction.atomic
def file_case(
    *,
    actor: Actor,
    at: datetime,
    kind: CaseKind,
    offence: str,
    lead: Officer,
    second: Officer,
    legal: Officer,
    report: Report | None = None,
    title: str = "",
    public_order: bool = True,
    unit: Unit | None = None,
    division_code: str = "",
    place_text: str = "",
    external_number: str = "",
    public_interest: bool = False,
    complex: bool = False,
    asked_by_name: str = "",
    converted_from: Case | None = None,
) -> Case:
    """Make a case of a report, or of what officers found themselves, and name its team.

    An administrative case is filed at once by a case officer (治安管理处罚法 §90); a criminal one by the leader of the
    county bureau (刑事案件程序规定 §178), see `ask_approval`. Starts the clock of the case. Raises NoPower, GateClosed
    (no receipt given), CannotName (team), CannotFile.
    """
    access.require(actor, "cases.file", report)
    if report is not None:
        report = Report.objects.select_related("unit", "call").select_for_update(of=("self",)).get(pk=report.pk)
        if reason := why_not_move(ReportState(report.state), ReportState.FILED, REPORT_MOVES):
            raise CannotFile(reason, report=report.number)
        gates.require("cases.file", subject=report, actor=actor, at=at)
    unit = unit or (report.unit if report else Unit.objects.get(pk=actor.unit_id))
    matter = Matter.FILE_CRIMINAL if kind is CaseKind.CRIMINAL else Matter.FILE_ADMINISTRATIVE
    powers.require_power(matter, unit=unit, actor=actor, at=at)
    division_code = division_code or (report.division_code if report else "")
    case = Case(
        number=numbering.take("X" if kind is CaseKind.CRIMINAL else "A", at=at),
        external_number=external_number,
        kind=kind,
        public_order=public_order and kind is CaseKind.ADMINISTRATIVE,
        offence=offence.strip(),
        division_code=division_code,
        place_text=place_text.strip() or (report.place_text if report else ""),
        place_name=places.full_name(division_code) if division_code else "",
        unit=unit,
        filed_at=at,
        filed_by_name=actor.name,
        asked_by_name=asked_by_name,
        public_interest=public_interest,
        complex=complex,
        call_number=report.call.number if report and report.call else "",
        converted_from=converted_from,
    )
    case.title = _title(case, title.strip())
    case.save(force_insert=True)
    index_title(case)
    _enter_filing(case, report, actor=actor, at=at)
    teams.form_team(case, {TeamRole.LEAD: lead, TeamRole.SECOND: second, TeamRole.LEGAL: legal}, actor=actor, at=at)
    if kind is CaseKind.ADMINISTRATIVE:
        limit = "XZ-07" if case.public_order else "XZ-08"
        clocks.start(limit, subject=case, at=at, actor=actor, unit_id=unit.pk, officer_id=lead.pk)
    if report is not None:
        _report_filed(report, case, actor=actor, at=at)
    _print_filing(case, report, lead, second, actor=actor, at=at)
    events.happened("cases.filed", at=at, actor=actor, case=case, report=report)
    return case


def index_title(case: Case) -> None:
    """Make the case findable by pairs of characters of its title."""
    moment = queries.moment_of(case.filed_at)
    rows = [TitleGram(gram=gram, moment=moment) for gram in sorted(queries.grams(case.title))]
    TitleGram.objects.bulk_create(rows, ignore_conflicts=True)


def _title(case: Case, wanted: str) -> str:
    """Place and act. A public-order case may have no other title, so that no name gets into one (§136)."""
    if not case.offence:
        raise Invalid({"offence": NO_OFFENCE})
    made = f"{case.place_name}{case.offence}案"
    if len(made) > 80 or len(wanted) > 80:
        raise Invalid({"title": TITLE_TOO_LONG})
    if wanted and wanted != made and case.public_order:
        raise Invalid({"title": PLAIN})
    return wanted or made


def _enter_filing(case: Case, report: Report | None, *, actor: Actor, at: datetime) -> None:
    ledger.record(
        actor=actor,
        at=at,
        act="cases.filed",
        subject=case,
        facts={
            "kind": case.kind,
            "title": case.title,
            "report": report.number if report else "",
            "call": case.call_number,
            "asked_by": case.asked_by_name,
        },
    )


def _report_filed(report: Report, case: Case, *, actor: Actor, at: datetime) -> None:
    report.state, report.case = ReportState.FILED, case
    report.save(update_fields=["state", "case"])
    stop_review(report, actor=actor, at=at)


def stop_review(report: Report, *, actor: Actor, at: datetime) -> None:
    for limit in ("LA-02", "LA-03", "LA-04"):
        if clocks.runs(limit, subject=report):
            clocks.stop(limit, subject=report, at=at, actor=actor)


def _print_filing(
    case: Case, report: Report | None, lead: Officer, second: Officer, *, actor: Actor, at: datetime
) -> None:
    kind = f"case_filing_{case.kind}"
    source = f"接报案登记 {report.number}" if report else "工作中发现"
    body = [
        f"案件名称：{case.title}",
        f"案件来源：{source}",
        f"立案时间：{paperwork.moment(at)}",
        f"根据{queries.form(kind, at=at).article}之规定，决定立案。",
        f"办案民警：{lead.name}、{second.name}。",
    ]
    facts = {"body": body, "signatures": paperwork.signatures("办案民警", "负责人")}
    paperwork.print_paper(kind, subject=case, facts=facts, actor=actor, at=at)
    if report is not None and report.way not in (Way.FOUND, Way.TRANSFER):
        receipt = {
            "organ": paperwork.organ(),
            "to": "报案人",
            "body": [f"您报称的“{report.subject}”一事（{report.number}），我单位已于 {paperwork.moment(at)} 立案。"],
            "rows": [["案件编号", case.number], ["办案单位", case.unit.name], ["联系电话", case.unit.phone or "110"]],
            "query": ["用报案时领取的查询码和手机号码查询进展。"],
            "signatures": [{"label": "报案人签名：", "name": "", "dated": True}],
        }
        papers.issue(kind="cases.filing_receipt", subject=case, facts=receipt, actor=actor, at=at, number=case.number)
