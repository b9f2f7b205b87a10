"""Reports: the list, registering one, its page, the receipt, and what becomes of it."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.operations.answering import decline_matter, transfer_matter
from qingkong.domains.enforcement.cases.queries import Report
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import CaseKind, ReportState
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import back, do_or_ask, form_page, has_power, submit_word
from qingkong.kernel import access, papers
from qingkong.kernel.access import Purpose
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.paging import page_of

BUTTONS = ("receipt", "file", "ask", "look_report", "extend")


@desk.page("reports/", needs="cases.see_reports", name="cases.reports")
def list_reports(request: DeskRequest) -> HttpResponse:
    """Reports the actor may see, the latest first."""
    state = request.GET.get("state", "")
    rows = queries.reports(actor=request.actor, state=state)
    page = page_of(rows, request, order=queries.LATEST_REGISTERED)
    return desk.render(
        request, "cases/reports.html", page=page, state=state, states=[(s.value, s.label) for s in ReportState],
        empty_sentence=zh("没有这样的接报案。"),
    )  # fmt: skip


@desk.page("reports/register/", needs="cases.register")
def register(request: DeskRequest) -> HttpResponse:
    """Register a report: at the window, or from a call (`?call=J…`), where nothing is typed twice."""
    number = request.GET.get("call", "")
    call = calls.call_by_number(actor=request.actor, number=number) if number else None
    form = forms.FromCallForm(request.POST or None) if call else forms.RegisterForm(request.POST or None)
    if form.is_valid():
        report = operations.register_report(call=call, **form.columns(), actor=request.actor, at=request.at)
        return back(request, report, zh("已登记：{number}。现在出具回执。", number=report.number))
    return desk.render(request, "cases/register.html", form=form, call=call)


@desk.page("reports/<uuid:report_id>/", needs="cases.see_reports")
def report(request: DeskRequest, report_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    may = {name: access.may(request.actor, f"cases.{name}", found) for name in BUTTONS}
    return desk.render(
        request, "cases/report.html", subject=found, report=found, may=may, papers=papers.of(found),
        may_read=access.may_look(actor=request.actor, subject=found, reference=found.number, at=request.at),
        ground=queries.ground_in_words(found.answer_ground),
        waiting=found.approvals.filter(state="waiting").first(),
        decides={
            "decline": has_power(request, decline_matter(found), found),
            "transfer": has_power(request, transfer_matter(found), found),
        },
    )  # fmt: skip


@desk.page("reports/<uuid:report_id>/receipt/", needs="cases.receipt")
def receipt(request: DeskRequest, report_id: UUID) -> HttpResponse:
    """Print what the reporter takes home. The code on it is shown nowhere else."""
    found = queries.get_report(actor=request.actor, id=report_id)
    form = forms.ReceiptForm(request.POST or None)
    if form.is_valid():
        handed = operations.hand_receipt(report=found, actor=request.actor, at=request.at, refused=form.refused)
        response = HttpResponse(handed.pdf, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
        response["Cache-Control"] = "no-store"
        return response
    return form_page(request, found, form, title=zh("出具回执"), submit=zh("打印回执"), note=zh(
        "回执上有新的查询码，只印这一次，系统里不留；重新打印会换码，旧码作废。"
    ))  # fmt: skip


@desk.page("reports/<uuid:report_id>/evidence/", needs="cases.receipt")
def evidence(request: DeskRequest, report_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    form = forms.EvidenceForm(request.POST or None, initial={"what": found.evidence_taken})
    if form.is_valid():
        operations.take_evidence(report=found, what=form.what, actor=request.actor, at=request.at)
        return back(request, found, zh("已登记当场接受的证据。"))
    return form_page(request, found, form, title=zh("当场接受证据"), submit=zh("登记"))


@desk.page("reports/<uuid:report_id>/file/", needs="cases.file")
def file(request: DeskRequest, report_id: UUID) -> HttpResponse:
    """File a case. Administrative: at once. Criminal: by a leader, or asked of one."""
    found = queries.get_report(actor=request.actor, id=report_id)
    start = {"kind": CaseKind.CRIMINAL if found.nature == "criminal" else CaseKind.ADMINISTRATIVE}
    start |= {"other_law": found.nature == "other", "lead": str(request.actor.officer_id)}
    form = forms.FileForm(request.POST or None, unit_id=found.unit_id, at=request.at, initial=start)
    if form.is_valid():
        matter = Matter.FILE_CRIMINAL if form.kind is CaseKind.CRIMINAL else Matter.FILE_ADMINISTRATIVE
        if has_power(request, matter, found):
            case = operations.file_case(
                report=found, kind=form.kind, **form.team(), **form.columns(), actor=request.actor, at=request.at
            )
            return desk.done(request, "desk:cases.case", zh("已立案：{number}。", number=case.number), case_id=case.pk)
        operations.ask_approval(
            matter=matter, report=found, asks={**form.team_ids(), **form.columns()}, reason=form.reason,
            actor=request.actor, at=request.at,
        )  # fmt: skip
        return back(request, found, zh("已报请审批：{matter}。", matter=matter.label))
    return form_page(request, found, form, title=zh("立案"), submit=zh("立案"))


@desk.page("reports/<uuid:report_id>/decline/", needs="cases.see_reports")
def decline(request: DeskRequest, report_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    matter = decline_matter(found)
    form = forms.GroundForm(request.POST or None, matter=matter, at=request.at)
    if form.is_valid():
        return do_or_ask(
            request, matter, report=found, operation=operations.decline_case, reason=form.note,
            asks={"ground": form.ground, "note": form.note}, done=zh("已决定不予立案，请送达通知书。"),
        )  # fmt: skip
    return form_page(request, found, form, title=zh("不予立案"), submit=submit_word(request, matter, found))


@desk.page("reports/<uuid:report_id>/transfer/", needs="cases.see_reports")
def transfer(request: DeskRequest, report_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    matter = transfer_matter(found)
    form = forms.TransferForm(request.POST or None)
    if form.is_valid():
        return do_or_ask(
            request, matter, report=found, operation=operations.transfer_case, reason=form.note or form.to,
            asks={"to": form.to, "note": form.note}, done=zh("已移送，请告知报案人。"),
        )  # fmt: skip
    return form_page(request, found, form, title=zh("移送"), submit=submit_word(request, matter, found))


@desk.page("reports/<uuid:report_id>/served/", needs="cases.receipt")
def served(request: DeskRequest, report_id: UUID) -> HttpResponse:
    """The answer has reached the reporter."""
    found = queries.get_report(actor=request.actor, id=report_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.serve_answer(report=found, actor=request.actor, at=request.at)
        return back(request, found, zh("已登记送达。"))
    return form_page(request, found, form, title=zh("登记送达"), submit=zh("已送达"))


@desk.page("reports/<uuid:report_id>/extend/", needs="cases.extend")
def extend_review(request: DeskRequest, report_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    form = forms.ExtendForm(request.POST or None)
    if form.is_valid():
        operations.extend_time(
            subject=found, reason=form.reason, approval=form.approval, actor=request.actor, at=request.at
        )
        return back(request, found, zh("已延长审查期限。"))
    return form_page(request, found, form, title=zh("延长审查期限"), submit=zh("批准延长"))


@desk.page("reports/<uuid:report_id>/reporter/", needs="cases.look_report")
def reporter(request: DeskRequest, report_id: UUID) -> HttpResponse:
    """Look at who reported and what they told: the purpose is asked, the look is entered, then it is shown."""
    found = queries.get_report(actor=request.actor, id=report_id)
    form = forms.LookForm(request.POST or None, initial={"reference": found.thread})
    if form.is_valid():
        shown = _opened(request, found, form.purpose, form.reference)
        return desk.render(request, "cases/reporter.html", report=found, **shown)
    return form_page(request, found, form, title=zh("查阅报案人"), submit=zh("登记并查阅"))


def _opened(request: DeskRequest, found: Report, purpose: Purpose, reference: str) -> dict[str, str]:
    look = access.look(actor=request.actor, subject=found, purpose=purpose, reference=reference, at=request.at)
    return {
        "name": found.reporter_name.open(look),  # type: ignore[attr-defined]
        "phone": found.reporter_phone.open(look),  # type: ignore[attr-defined]
        "id_number": found.reporter_id_number.open(look),  # type: ignore[attr-defined]
        "account": found.account.open(look),  # type: ignore[attr-defined]
    }
