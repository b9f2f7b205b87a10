"""Seizing, registering, asking for approval and answering."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import operations, queries
from qingkong.domains.enforcement.property.ways import forms
from qingkong.kernel import access, papers
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

SHOWN = 1  # lines of a list shown at once


@desk.page("exhibits/seize/<uuid:case_id>/", needs="property.seize")
def seize(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.SeizeForm(
        request.POST or None, initial={"seized_at": request.at, "ground": forms.SeizeForm.ON_THE_SPOT},
        officers=queries.second_officers(actor=request.actor, at=request.at), approvals=queries.approvals_ready(case),
    )  # fmt: skip
    if form.is_valid():
        made = operations.seize(case=case, actor=request.actor, at=request.at, **form.circumstances())
        return desk.done(
            request, "desk:property.seized", zh("已扣押，清单 {number}。", number=made.number), list_id=made.pk
        )
    return _taking(request, case, form, title=zh("扣押"), submit=zh("扣押并制作清单"), seizing=True)


@desk.page("exhibits/register/<uuid:case_id>/", needs="property.seize")
def register(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Register a thing that stays with its lawful holder."""
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.RegisterForm(
        request.POST or None, initial={"seized_at": request.at},
        officers=queries.second_officers(actor=request.actor, at=request.at), count=1,
    )  # fmt: skip
    if form.is_valid():
        one = operations.register_only(
            case=case, thing=form.things()[0], second_officer=form.second_officer, place_text=form.place_text,
            holder=form.holder(), registered_at=form.seized_at, actor=request.actor, at=request.at,
        )  # fmt: skip
        return desk.done(
            request,
            "desk:property.exhibit",
            zh("已登记 {number}，物品留给持有人。", number=one.number),
            exhibit_id=one.pk,
        )
    return _taking(request, case, form, title=zh("登记（不扣押）"), submit=zh("登记"), seizing=False)


def _taking(request: DeskRequest, case: Any, form: forms.TakingForm, **words: Any) -> HttpResponse:
    return desk.render(
        request, "property/taking.html", case=case, form=form, lines=form.lines[:SHOWN], more_lines=form.lines[SHOWN:],
        cancel=_tab_of(case), **words,
    )  # fmt: skip


def _tab_of(case: Any) -> str:
    return f"{desk.subject_url(case.subject_key)}?tab=property"


@desk.page("exhibits/lists/<uuid:list_id>/", needs="property.see")
def seized(request: DeskRequest, list_id: UUID) -> HttpResponse:
    """A seizure list: its things, their labels, and what must follow."""
    made = queries.seizure_list(actor=request.actor, list_id=list_id)
    return desk.render(
        request, "property/seized.html", made=made, exhibits=queries.exhibits_on(made), tab=_tab_of(made.case),
        lists=papers.of(made) if access.may_look(actor=request.actor, subject=made.case, reference=made.case.number, at=request.at) else [],
    )  # fmt: skip


@desk.page("exhibits/ask/<uuid:case_id>/", needs="property.seize")
def ask(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.AskForm(request.POST or None)
    if form.is_valid():
        operations.ask_to_seize(case=case, what=form.what, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:property.list", zh("已提请批准。"))
    return desk.render(
        request, "property/form.html", form=form, title=zh("提请批准扣押"), submit=zh("提请批准"), case_number=case.number,
        cancel=_tab_of(case),
    )  # fmt: skip


@desk.page("exhibits/approvals/<uuid:approval_id>/", needs="property.approve")
def approve(request: DeskRequest, approval_id: UUID) -> HttpResponse:
    """Answer a request; the instant of the answer is now."""
    asked = queries.approval(actor=request.actor, approval_id=approval_id)
    form = forms.AnswerForm(request.POST or None)
    if form.is_valid():
        operations.answer_approval(
            approval=asked, approve=form.answer == "yes", words=form.words, actor=request.actor, at=request.at
        )
        return desk.done(request, "desk:property.list", zh("已答复。"))
    return desk.render(
        request, "property/approval.html", asked=asked, form=form, made=getattr(asked, "seizure_list", None)
    )
