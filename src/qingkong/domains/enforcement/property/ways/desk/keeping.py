"""Handing over, accepting, refusing, appraising."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.ways import forms
from qingkong.domains.enforcement.property.ways.desk.seeing import back, form_page
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest


@desk.page("exhibits/<uuid:exhibit_id>/hand-over/", needs="property.hand_over")
def hand_over(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Hand a thing, or the details of a registered one, to a room."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    registered = one.state == rules.State.REGISTERED
    late = not registered and queries.is_late(one, at=request.at)
    form = forms.HandOverForm(request.POST or None, rooms=queries.rooms(case=one.case, at=request.at), late=late)
    if form.is_valid():
        if registered:
            operations.note_registration(exhibit=one, room=form.unit, actor=request.actor, at=request.at)
        else:
            why = form.why_late if late else ""
            operations.hand_over(exhibit=one, room=form.unit, why_late=why, actor=request.actor, at=request.at)
        return back(request, one, zh("已移交，待保管员接收。"))
    return form_page(request, one, form, title=zh("移交保管"), submit=zh("移交"))


@desk.page("exhibits/<uuid:exhibit_id>/accept/", needs="property.keep")
def accept(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.AcceptForm(request.POST or None)
    if form.is_valid():
        operations.accept_exhibit(
            exhibit=one,
            place=form.place,
            photographed=form.photographed,
            note=form.note,
            actor=request.actor,
            at=request.at,
        )
        return back(request, one, zh("已接收入库。"))
    return form_page(request, one, form, title=zh("接收入库"), submit=zh("接收"))


@desk.page("exhibits/<uuid:exhibit_id>/refuse/", needs="property.keep")
def refuse(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.refuse_exhibit(exhibit=one, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:property.list", zh("已拒收 {number}，退回办案民警。", number=one.number))
    return form_page(request, one, form, title=zh("拒收"), submit=zh("拒收"), kind="warning")


@desk.page("exhibits/<uuid:exhibit_id>/appraise/", needs="property.appraise")
def appraise(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.AppraiseForm(request.POST or None)
    if form.is_valid():
        operations.appraise(
            exhibit=one, value_fen=form.value, photographed=form.photographed, basis=form.basis, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return back(request, one, zh("已登记。"))
    return form_page(request, one, form, title=zh("估价和照片"), submit=zh("登记"))
