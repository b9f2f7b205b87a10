"""Deciding, giving back, carrying out."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.ways import forms
from qingkong.domains.enforcement.property.ways.desk.seeing import back, form_page
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest


@desk.page("exhibits/<uuid:exhibit_id>/decide/", needs="property.decide")
def decide(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Decide about a thing, and in the same go about others of its case."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    things = [thing for thing in queries.siblings(one, actor=request.actor) if thing.state == one.state]
    form = forms.DecideForm(request.POST or None, things=things, chosen=one, ways=queries.ways_for(one, request.actor))
    if form.is_valid():
        operations.decide(
            exhibits=form.picked, way=form.way, reason=form.reason, undisputed=form.undisputed, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return back(request, one, zh("已决定。"))
    return form_page(request, one, form, title=zh("决定怎样处理"), submit=zh("决定"))


@desk.page("exhibits/<uuid:exhibit_id>/return/", needs="property.return", name="property.give_back")
def giveback(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Give a thing, and others of its case that go to the same person, back against a list."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    things = [thing for thing in queries.siblings(one, actor=request.actor) if thing.disposition in rules.TO_A_PERSON]
    form = forms.ReturnForm(request.POST or None, things=things, chosen=one)
    if form.is_valid():
        made = operations.return_to_owner(
            exhibits=form.picked, owner=form.owner(), on_behalf=form.on_behalf, note=form.note, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return back(request, one, zh("已返还，清单 {number}。", number=made.number))
    return form_page(request, one, form, title=zh("返还"), submit=zh("返还并制作清单"))


@desk.page("exhibits/<uuid:exhibit_id>/carry-out/", needs="property.return")
def carry_out(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.CarryOutForm(request.POST or None)
    if form.is_valid():
        operations.carry_out(exhibit=one, note=form.note, actor=request.actor, at=request.at)
        return back(request, one, zh("已办完：{way}。", way=one.way_label))
    return form_page(request, one, form, title=zh("办理：{way}", way=one.way_label), submit=zh("已办完"))
