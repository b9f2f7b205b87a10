"""What waits for an approver: requests, decisions, legal reviews; and the answer to a request."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.queries import Approval, Case
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import back
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

NAMES: dict[str, Sentence] = {
    "offence": zh("案由"), "title": zh("案件名称"), "ground": zh("法定情形"), "note": zh("说明"), "to": zh("移送给"),
    **{role.value: role.label for role in TeamRole},
}  # fmt: skip


@desk.page("approvals/", needs="cases.decides")
def waiting(request: DeskRequest) -> HttpResponse:
    """Everything that waits for the actor to approve, decide or review, the oldest first."""
    return desk.render(
        request, "cases/waiting.html",
        approvals=list(queries.approvals_waiting(actor=request.actor, at=request.at)[:50]),
        decisions=list(queries.decisions_waiting(actor=request.actor)[:50]),
        reviews=list(queries.reviews_waiting(actor=request.actor)[:50]),
    )  # fmt: skip


@desk.page("approvals/<uuid:approval_id>/", needs="cases.see_reports")
def approval(request: DeskRequest, approval_id: UUID) -> HttpResponse:
    found = queries.get_approval(actor=request.actor, id=approval_id)
    return desk.render(
        request, "cases/approval.html", approval=found, about=found.case or found.report, is_case=bool(found.case),
        lines=_lines(found), approve=forms.NoteForm(prefix="approve"), give_back=forms.ReasonForm(prefix="return"),
    )  # fmt: skip


@desk.page("approvals/<uuid:approval_id>/approve/", needs="cases.approve")
def approve(request: DeskRequest, approval_id: UUID) -> HttpResponse:
    found = queries.get_approval(actor=request.actor, id=approval_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        made = operations.approve(approval=found, actor=request.actor, at=request.at, answer=form.note)
        about = made if isinstance(made, Case) else found.case or found.report
        assert about is not None  # the database says so
        return back(request, about, zh("已批准：{matter}。", matter=found.matter_label))
    return _answer_page(request, found, form, title=zh("批准"), submit=zh("批准"))


@desk.page("approvals/<uuid:approval_id>/return/", needs="cases.approve")
def give_back(request: DeskRequest, approval_id: UUID) -> HttpResponse:
    found = queries.get_approval(actor=request.actor, id=approval_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.return_approval(approval=found, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:cases.waiting", zh("已退回。"))
    return _answer_page(request, found, form, title=zh("退回"), submit=zh("退回"))


def _answer_page(request: DeskRequest, found: Approval, form: Any, **words: Any) -> HttpResponse:
    cancel = desk.url("desk:cases.approval", approval_id=found.pk)
    return desk.render(
        request, "cases/form.html", about=found.case or found.report, is_case=bool(found.case), form=form,
        home=cancel, cancel=cancel, note=found.matter_label, **words,
    )  # fmt: skip


def _lines(found: Approval) -> list[tuple[Sentence, str]]:
    """What is asked for, in words: officers by name, grounds with their article."""
    lines = []
    for key, label in NAMES.items():
        value = found.asks.get(key)
        if not value:
            continue
        if key in {role.value for role in TeamRole}:
            value = identity.officer(UUID(value)).name
        elif key == "ground":
            value = queries.ground_in_words(value)
        lines.append((label, str(value)))
    return lines
