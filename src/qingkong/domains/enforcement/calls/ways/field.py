"""Calls on the phone: my calls, one call with its stamps and the scene checklist."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.queries import Call, Response, Stamp
from qingkong.domains.enforcement.calls.ways import forms
from qingkong.kernel import access
from qingkong.kernel.text import zh
from qingkong.web import field
from qingkong.web.field import FieldRequest

PRESS = {
    Stamp.ACKNOWLEDGED: operations.acknowledge,
    Stamp.DEPARTED: operations.depart,
    Stamp.ARRIVED: operations.arrive,
}


@field.page("calls/<uuid:call_id>/", needs="calls.see")
def call(request: FieldRequest, call_id: UUID) -> HttpResponse:
    return _page(request, queries.get_call(actor=request.actor, id=call_id))


def _page(request: FieldRequest, call: Call, **more: Any) -> HttpResponse:
    mine = next((r for r in queries.responses_of(call) if queries.rides_in(r, request.actor)), None)
    marks = queries.scene_marks(call)
    steps = queries.scene().checklist(call.kind.scene)
    waiting = [step.key for step in steps if step.key not in marks]
    context: dict[str, Any] = {
        "call": call,
        "response": mine,
        "stamps": _stamps(mine) if mine else [],
        "steps": [
            {"step": step, "mark": marks.get(step.key), "now": waiting[:1] == [step.key]} for step in steps
        ],
        "done": len(steps) - len(waiting),
        "can_mark": mine is not None and access.may(request.actor, "calls.stamp", call),
        "can_report": mine is not None and mine.arrived_at is not None and mine.sent.under_way
        and access.may(request.actor, "calls.report", mine),
        "tools": _tools(call),
    }  # fmt: skip
    return field.render(request, "field/calls/call.html", **{**context, **more})


def _stamps(response: Response) -> list[dict[str, Any]]:
    """The stamps as buttons: those pressed with their time, the next one large."""
    upcoming = queries.next_stamp(response.sent)
    return [
        {"stamp": stamp, "at": response.sent.stamp(stamp), "next": stamp is upcoming}
        for stamp in Stamp
        if stamp in PRESS
    ]


def _tools(call: Call) -> list[dict[str, Any]]:
    """What the bottom bar offers; capturing evidence once that room stands."""
    tools = [{"url": reverse("field:web.home"), "icon": "home", "label": zh("我的警情"), "on": False}]
    for kind, icon, label in (("photo", "camera", zh("照片")), ("video", "video", zh("录像"))):
        try:
            address = reverse("field:evidence.capture")
        except NoReverseMatch:
            break
        tools.append({"url": f"{address}?for={call.number}&kind={kind}", "icon": icon, "label": label, "on": False})
    return tools


@field.page("calls/responses/<uuid:response_id>/stamp/", needs="calls.stamp")
def stamp(request: FieldRequest, response_id: UUID) -> HttpResponse:
    response = queries.get_response(actor=request.actor, id=response_id)
    form = forms.StampForm(request.POST or None)
    if form.is_valid() and form.stamp in PRESS:
        PRESS[form.stamp](response=response, actor=request.actor, at=request.at)
        return field.done(
            request, "field:calls.call", zh("已登记：{stamp}。", stamp=form.stamp.label), call_id=response.call_id
        )
    return _page(request, queries.get_call(actor=request.actor, id=response.call_id), refused=form)


@field.page("calls/responses/<uuid:response_id>/report/", needs="calls.report")
def report(request: FieldRequest, response_id: UUID) -> HttpResponse:
    response = queries.get_response(actor=request.actor, id=response_id)
    form = forms.ReportForm(request.POST or None)
    if form.is_valid():
        operations.report_back(response=response, report=form.report, actor=request.actor, at=request.at)
        return field.done(request, "field:calls.call", zh("已反馈。"), call_id=response.call_id)
    return field.render(request, "field/calls/report.html", call=response.call, form=form)


@field.page("calls/<uuid:call_id>/scene/", needs="calls.stamp")
def scene_step(request: FieldRequest, call_id: UUID) -> HttpResponse:
    """Tick one step of the checklist."""
    call = queries.get_call(actor=request.actor, id=call_id)
    form = forms.SceneForm(request.POST or None)
    if form.is_valid():
        operations.mark_scene_step(call=call, step=form.step, actor=request.actor, at=request.at)
        return field.done(request, "field:calls.call", call_id=call.pk)
    return _page(request, call, refused=form)
