"""Reports and cases for programs: the same operations as at the desk. No person leaves through here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.operations import Reporter
from qingkong.domains.enforcement.cases.queries import Case, Report
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import CaseKind, Nature, Way
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.refusals import Invalid
from qingkong.kernel.text import zh
from qingkong.web.paging import page_of

router = Router(tags=["cases"])


class ReportIn(Schema):
    """A report as it is told; with `call`, what is known there needn't be given."""

    nature: Nature
    call: str = Field("", max_length=20)
    way: Way | None = None
    subject: str = Field("", max_length=60)
    account: str = Field("", max_length=2000)
    division_code: str = Field("", max_length=12)
    place_text: str = Field("", max_length=200)
    reporter_name: str = Field("", max_length=40)
    reporter_phone: str = Field("", max_length=20)
    reporter_id_number: str = Field("", max_length=18)
    is_victim: bool = False
    wants_anonymity: bool = False
    evidence_taken: str = Field("", max_length=200)
    no_evidence_yet: bool = False
    external_number: str = Field("", max_length=40)


class ReportOut(Schema):
    """A report without the person who made it."""

    id: UUID
    number: str
    external_number: str
    way: str
    nature: str
    state: str
    subject: str
    division_code: str
    unit: str
    registered_at: datetime
    receipt_at: datetime | None
    case: str


class FileIn(Schema):
    """What kind of case for which act, the team by police number. A criminal case is asked for with a reason."""

    kind: CaseKind
    offence: str = Field(max_length=60)
    lead: str = Field(max_length=20)
    second: str = Field(max_length=20)
    legal: str = Field(max_length=20)
    title: str = Field("", max_length=80)
    public_order: bool = True
    public_interest: bool = False
    complex: bool = False
    reason: str = Field("", max_length=400)


class CloseIn(Schema):
    ground: str = Field(max_length=20)
    note: str = Field("", max_length=400)


class MemberOut(Schema):
    role: str
    name: str
    post: str


class CaseOut(Schema):
    """A case without its parties."""

    id: UUID
    number: str
    external_number: str
    kind: str
    title: str
    offence: str
    state: str
    unit: str
    division_code: str
    filed_at: datetime
    over_at: datetime | None
    over_ground: str
    series: str
    team: list[MemberOut] = []


class ReportsOut(Schema):
    """A page of reports; `next` is the query string of the following page, empty at the end."""

    reports: list[ReportOut]
    next: str


class CasesOut(Schema):
    """A page of cases; `next` is the query string of the following page, empty at the end."""

    cases: list[CaseOut]
    next: str


class AskedOut(Schema):
    """Filed at once (`case`), or asked of the approver (`asked`)."""

    case: CaseOut | None
    asked: bool


@router.get("/reports", response=ReportsOut)
def list_reports(request: HttpRequest, state: str = "", after: str = "") -> dict[str, Any]:
    """The caller's reports, the latest first, fifty a page."""
    page = page_of(queries.reports(actor=request.actor, state=state), request, order=queries.LATEST_REGISTERED)
    return {"reports": [_report(one) for one in page], "next": page.next_query}


@router.post("/reports", response={201: ReportOut})
def register(request: HttpRequest, body: ReportIn) -> tuple[int, dict[str, Any]]:
    """Register a report. The receipt is printed at the desk, where its code is handed over."""
    facts = body.dict(exclude={"call", "reporter_name", "reporter_phone", "reporter_id_number"})
    told = Reporter(body.reporter_name, body.reporter_phone, body.reporter_id_number)
    call = calls.call_by_number(actor=request.actor, number=body.call) if body.call else None
    reporter = told if told != Reporter() else None
    report = operations.register_report(**facts, call=call, reporter=reporter, actor=request.actor, at=request.at)
    return 201, _report(report)


@router.post("/reports/{report_id}/file", response=AskedOut)
def file(request: HttpRequest, report_id: UUID, body: FileIn) -> dict[str, Any]:
    """File a case where the caller has the power, else ask the approver."""
    report = queries.get_report(actor=request.actor, id=report_id)
    team = {role.value: _officer(role.value, getattr(body, role.value)) for role in TeamRole}
    facts = body.dict(include={"offence", "title", "public_order", "public_interest", "complex"})
    matter = Matter.FILE_CRIMINAL if body.kind is CaseKind.CRIMINAL else Matter.FILE_ADMINISTRATIVE
    if operations.has_power(matter, unit=report.unit, actor=request.actor, at=request.at):
        case = operations.file_case(report=report, kind=body.kind, **team, **facts, actor=request.actor, at=request.at)
        return {"case": _case(case), "asked": False}
    asks = {**facts, **{role: str(officer.pk) for role, officer in team.items()}}
    operations.ask_approval(
        matter=matter, report=report, asks=asks, reason=body.reason, actor=request.actor, at=request.at
    )
    return {"case": None, "asked": True}


@router.get("/", response=CasesOut)
def list_cases(request: HttpRequest, kind: str = "", state: str = "open", after: str = "") -> dict[str, Any]:
    """The caller's cases, the latest first, fifty a page."""
    rows = queries.cases(actor=request.actor, kind=kind, state=state).select_related("series")
    page = page_of(rows.prefetch_related("members"), request, order=queries.LATEST_FILED)
    return {"cases": [_case(one) for one in page], "next": page.next_query}


@router.get("/{number}", response=CaseOut)
def get(request: HttpRequest, number: str) -> dict[str, Any]:
    """One case by its number, with its team."""
    access.require(request.actor, "cases.see")
    return _case(queries.get_case_by_number(actor=request.actor, number=number))


@router.post("/{number}/close", response=CaseOut)
def close(request: HttpRequest, number: str, body: CloseIn) -> dict[str, Any]:
    """Close an administrative case on a ground of 程序规定 §258 (`258-1` … `258-5`)."""
    case = queries.get_case_by_number(actor=request.actor, number=number)
    operations.close_case(case=case, ground=body.ground, note=body.note, actor=request.actor, at=request.at)
    return _case(queries.get_case_by_number(actor=request.actor, number=number))


def _officer(role: str, username: str) -> Officer:
    found = Officer.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Invalid({role: zh("没有警号 {number}。", number=username)})
    return found


def _report(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk, "number": report.number, "external_number": report.external_number, "way": report.way,
        "nature": report.nature, "state": report.state, "subject": report.subject, "unit": report.unit.name,
        "division_code": report.division_code, "registered_at": report.registered_at, "receipt_at": report.receipt_at,
        "case": report.case.number if report.case else "",
    }  # fmt: skip


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.pk, "number": case.number, "external_number": case.external_number, "kind": case.kind,
        "title": case.title, "offence": case.offence, "state": case.state, "unit": case.unit.name,
        "division_code": case.division_code, "filed_at": case.filed_at, "over_at": case.over_at,
        "over_ground": case.over_ground, "series": case.series.number if case.series else "",
        "team": [{"role": m.role, "name": m.officer_name, "post": m.post} for m in case.team],
    }  # fmt: skip
