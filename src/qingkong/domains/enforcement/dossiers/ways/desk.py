"""Case files at the desk: the queue, one file with its papers in order, the check on six points, answers to a return."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.dossiers import operations, queries, rules, tables
from qingkong.domains.enforcement.dossiers.models import Dossier
from qingkong.domains.enforcement.dossiers.ways import forms
from qingkong.kernel import access, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.documents import pdf
from qingkong.web.paging import page_of

STATES = [("", zh("全部")), *[(state.value, state.label) for state in rules.State]]
CHECKERS = (Post.LEGAL_OFFICER, Post.LEGAL_SECTION)
TYPES = {b"%PDF": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


@desk.page("dossiers/", needs="dossiers.see", name="dossiers.list")
def list_dossiers(request: DeskRequest) -> HttpResponse:
    """The actor's files; a legal officer first sees what waits for the last check."""
    state = request.GET.get("state", "")
    page = page_of(queries.listed(actor=request.actor, state=state), request)
    return desk.render(
        request, "dossiers/list.html", page=page, state=state, states=STATES, checks=request.actor.post in CHECKERS,
        queue=queries.to_check(request.actor) if request.actor.post in CHECKERS else [],
        empty_sentence=zh("没有卷宗。案件页的“卷宗”里可以开始组卷。"),
    )  # fmt: skip


@desk.page("dossiers/<uuid:dossier_id>/", needs="dossiers.see", name="dossiers.dossier")
def dossier(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    return _page(request, queries.dossier(actor=request.actor, dossier_id=dossier_id))


def _page(request: DeskRequest, one: Dossier, **more: Any) -> HttpResponse:
    pieces = queries.pieces(one)
    context = {
        "subject": one,
        "dossier": one,
        "pieces": pieces,
        "pages": sum(piece.line.pages for piece in pieces),
        "left_out": queries.left_out(one),
        "missing": queries.missing(one, actor=request.actor),
        "checks": queries.checks_of(one),
        "points": tables.points(),
        "faults": queries.open_faults(one) if one.state == rules.State.RETURNED else [],
        "can": can(one, request.actor),
    }
    return desk.render(request, "dossiers/dossier.html", **{**context, **more})


def can(one: Dossier, actor: Actor) -> dict[str, bool]:
    """Which buttons stand on a file's page: what its state allows and the actor may."""
    state = rules.State(one.state)
    compiles = access.may(actor, "dossiers.compile", one)
    legal = access.may(actor, "dossiers.check", one) and actor.officer_id in queries.legal_of(one.case)
    return {
        "compile": compiles and state in rules.CHANGEABLE,
        "submit": compiles and state in rules.CHANGEABLE,
        "withdraw": compiles and state is rules.State.SUBMITTED,
        "check": legal and state is rules.State.SUBMITTED,
        "seal": access.may(actor, "dossiers.seal", one) and state is rules.State.PASSED,
        "reopen": legal and state is rules.State.PASSED,
        "read": access.may(actor, "dossiers.read", one),
    }


# --- compiling -----------------------------------------------------------------------------------------------


@desk.page("dossiers/open/<uuid:case_id>/", needs="dossiers.compile", name="dossiers.open")
def open_file(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Open a case's file and gather what there is."""
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.PressForm(request.POST or None)
    if form.is_valid():
        one = operations.open_dossier(case=case, actor=request.actor, at=request.at)
        added = operations.gather(dossier=one, actor=request.actor, at=request.at)
        return _done(request, one, zh("已组卷，收入 {count} 份材料。", count=len(added)))
    return _form(
        request, None, form, title=zh("开始组卷"), submit=zh("组卷并收入现有材料"), case=case,
        intro=zh("本案的文书和电子证据会按登记、证据、决定的顺序收入卷内，页号自动编好。"),
        cancel=f"{desk.subject_url(case.subject_key)}?tab=dossier",
    )  # fmt: skip


@desk.page("dossiers/<uuid:dossier_id>/take-in/", needs="dossiers.compile")
def take_in(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    form = forms.TakeInForm(request.POST or None, found=queries.missing(one, actor=request.actor))
    if form.is_valid():
        added = operations.take_in(dossier=one, keys=form.keys, actor=request.actor, at=request.at)
        return _done(request, one, zh("收入 {count} 份材料。", count=len(added)))
    return _form(request, one, form, title=zh("收入材料"), submit=zh("收入卷内"))


@desk.page("dossiers/<uuid:dossier_id>/scan/", needs="dossiers.compile")
def scan(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    form = forms.ScanForm(request.POST or None, request.FILES or None, initial={"made_at": request.at})
    if form.is_valid():
        operations.add_scan(
            dossier=one, content=form.file.file, name=form.file.name, title=form.title, kind=form.kind,
            made_at=form.made_at, actor=request.actor, at=request.at,
        )  # fmt: skip
        return _done(request, one, zh("已加入：{title}。", title=form.title))
    return _form(request, one, form, title=zh("加入扫描件"), submit=zh("加入卷内"))


@desk.page("dossiers/<uuid:dossier_id>/order/", needs="dossiers.compile")
def order(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    form = forms.OrderForm(request.POST or None, papers=one.papers.inside())
    if form.is_valid():
        operations.reorder(dossier=one, order=form.order, actor=request.actor, at=request.at)
        return _done(request, one, zh("顺序已调整。"))
    return _form(request, one, form, title=zh("调整顺序"), submit=zh("按这个顺序"))


@desk.page("dossiers/papers/<uuid:paper_id>/leave-out/", needs="dossiers.compile")
def leave_out(request: DeskRequest, paper_id: UUID) -> HttpResponse:
    paper = queries.paper(actor=request.actor, paper_id=paper_id)
    form = forms.LeaveOutForm(request.POST or None)
    if form.is_valid():
        operations.leave_out(paper=paper, reason=form.reason, actor=request.actor, at=request.at)
        return _done(request, paper.dossier, zh("已移出目录：{title}。", title=paper.title))
    title = zh("不入卷：{title}", title=paper.title)
    return _form(request, paper.dossier, form, title=title, submit=zh("移出目录"), kind="warning")


@desk.page("dossiers/papers/<uuid:paper_id>/read/", needs="dossiers.read")
def read(request: DeskRequest, paper_id: UUID) -> HttpResponse:
    """One paper of a file; evidence leads to its own page, where looks are entered."""
    paper = queries.paper(actor=request.actor, paper_id=paper_id)
    if paper.source == rules.Source.EVIDENCE:
        return desk.go(
            request,
            desk.subject_url(paper.source_key) or desk.url("desk:dossiers.dossier", dossier_id=paper.dossier_id),
        )
    content = operations.read_paper(paper=paper, actor=request.actor, at=request.at)
    kind = type_of(content.read(16))
    content.seek(0)
    response = FileResponse(content, content_type=kind or "application/octet-stream")
    shown = content_disposition_header(not kind, f"{paper.title}{'' if kind else '.bin'}")
    response.headers["Content-Disposition"] = shown or "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def type_of(head: bytes) -> str:
    """The type of what browsers may show; nothing for the rest, which is only handed out as a file."""
    return next((kind for start, kind in TYPES.items() if head.startswith(start)), "")


@desk.page("dossiers/<uuid:dossier_id>/catalogue.pdf", needs="dossiers.see")
def catalogue(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    paper = operations.print_catalogue(dossier=one, actor=request.actor, at=request.at)
    return pdf(papers.bytes_of(paper), f"{one.case.number} {zh('卷内目录').in_chinese()}.pdf")


@desk.page("dossiers/<uuid:dossier_id>/cover.pdf", needs="dossiers.see")
def cover(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    """The cover sheet, with the QR code that no statutory paper carries."""
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    paper = operations.print_cover(dossier=one, actor=request.actor, at=request.at)
    return pdf(papers.bytes_of(paper), f"{one.case.number} {zh('卷宗封面').in_chinese()}.pdf")


# --- handing over, checking, answering -----------------------------------------------------------------------


@desk.page("dossiers/<uuid:dossier_id>/submit/", needs="dossiers.compile")
def submit(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    return _press(request, dossier_id, operations.submit, zh("提交法制员检查"), zh("已提交法制员检查。"))


@desk.page("dossiers/<uuid:dossier_id>/withdraw/", needs="dossiers.compile")
def withdraw(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    return _press(request, dossier_id, operations.withdraw, zh("撤回提交"), zh("已撤回。"))


@desk.page("dossiers/<uuid:dossier_id>/seal/", needs="dossiers.seal")
def seal(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    return _press(request, dossier_id, operations.seal, zh("封卷"), zh("已封卷，目录校验值一致。"))


@desk.page("dossiers/<uuid:dossier_id>/reopen/", needs="dossiers.check")
def reopen(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    form = forms.ReopenForm(request.POST or None)
    if form.is_valid():
        operations.reopen(dossier=one, reason=form.reason, actor=request.actor, at=request.at)
        return _done(request, one, zh("已重新开卷，检查要重做一次。"))
    return _form(request, one, form, title=zh("重新开卷"), submit=zh("重新开卷"), kind="warning")


@desk.page("dossiers/<uuid:dossier_id>/check/", needs="dossiers.check")
def check(request: DeskRequest, dossier_id: UUID) -> HttpResponse:
    """Six points, each sound or faulty. All sound passes; anything faulty returns."""
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    pieces = queries.pieces(one)
    form = forms.CheckForm(request.POST or None, papers=[piece.paper for piece in pieces])
    if form.is_valid():
        shared: dict[str, Any] = {
            "dossier": one, "verdicts": form.verdicts, "words": form.words, "actor": request.actor, "at": request.at,
        }  # fmt: skip
        if form.passes:
            operations.pass_check(**shared)
            return _done(request, one, zh("检查通过，目录已冻结。"))
        operations.return_dossier(**shared, faults=form.faults)
        return _done(request, one, zh("已退回。"))
    return desk.render(
        request, "dossiers/check.html", dossier=one, pieces=pieces, form=form, article=tables.points_article(),
        checks=queries.checks_of(one), points=tables.points(), cancel=desk.url("desk:dossiers.dossier", dossier_id=one.pk),
    )  # fmt: skip


@desk.page("dossiers/faults/<uuid:fault_id>/", needs="dossiers.compile")
def answer(request: DeskRequest, fault_id: UUID) -> HttpResponse:
    """Answer what was returned, in the one way it asks for."""
    fault = queries.fault(actor=request.actor, fault_id=fault_id)
    one = fault.check_made.dossier
    point = tables.points()[fault.point]
    words = {"title": rules.ReturnAsk(fault.ask).label, "submit": zh("回应"), "fault": fault, "point": point}
    if fault.ask == rules.ReturnAsk.EXPLANATION:
        form: Any = forms.ExplainForm(request.POST or None)
        if form.is_valid():
            operations.answer_return(fault=fault, words=form.words, actor=request.actor, at=request.at)
            return _done(request, one, zh("情况说明已入卷。"))
        return _form(request, one, form, **words)
    form = forms.RepeatForm(request.POST or None, papers=one.papers.inside().filter(made_at__gte=fault.check_made.at))
    if form.is_valid():
        operations.answer_return(fault=fault, paper=form.chosen, words=form.words, actor=request.actor, at=request.at)
        return _done(request, one, zh("已回应。"))
    return _form(request, one, form, **words)


def _press(
    request: DeskRequest, dossier_id: UUID, act: Callable[..., Dossier], title: Sentence, said: Sentence
) -> HttpResponse:
    """A page that is one button: it asks once more, then does it."""
    one = queries.dossier(actor=request.actor, dossier_id=dossier_id)
    form = forms.PressForm(request.POST or None)
    if form.is_valid():
        act(dossier=one, actor=request.actor, at=request.at)
        return _done(request, one, said)
    return _form(request, one, form, title=title, submit=title)


def _done(request: DeskRequest, one: Dossier, sentence: Sentence) -> HttpResponse:
    return desk.done(request, "desk:dossiers.dossier", sentence, dossier_id=one.pk)


def _form(request: DeskRequest, one: Dossier | None, form: Any, **words: Any) -> HttpResponse:
    if one is not None:
        words.setdefault("cancel", desk.url("desk:dossiers.dossier", dossier_id=one.pk))
    return desk.render(request, "dossiers/form.html", dossier=one, form=form, **words)
