"""Calls at the desk: the list, taking one, its page with stamps, closing, the day's unclosed, the scene chart."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.queries import Call, Channel, Response, Stamp
from qingkong.domains.enforcement.calls.ways import forms
from qingkong.domains.enforcement.calls.ways.chart import scene_chart
from qingkong.kernel import access
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import HANDLING, Post, UnitKind
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.paging import page_of

BUTTONS = ("calls.dispatch", "calls.stamp", "calls.report", "calls.close", "calls.look", "calls.take")
SENDABLE = (UnitKind.STATION, UnitKind.BRIGADE)
PRESS = {
    Stamp.ACKNOWLEDGED: operations.acknowledge,
    Stamp.DEPARTED: operations.depart,
    Stamp.ARRIVED: operations.arrive,
}


@desk.page("calls/", needs="calls.see", name="calls.list")
def list_calls(request: DeskRequest) -> HttpResponse:
    """The actor's calls, the latest first; or what a number or a place finds."""
    text = request.GET.get("q", "").strip()[:60]
    filters = _filters(request)
    shared = {
        "text": text,
        "filters": filters,
        "kinds": forms.kinds_offered(),
        "units": identity.units(*SENDABLE) if queries.sees_whole_county(request.actor) else [],
        "helping": queries.helping(actor=request.actor),
    }
    if text:
        found = queries.find_calls(actor=request.actor, text=text, before=request.GET.get("before", ""))
        return desk.render(request, "calls/found.html", found=found, **shared)
    page = page_of(queries.listed(actor=request.actor, filters=filters), request, order=queries.LATEST_FIRST)
    return desk.render(request, "calls/list.html", page=page, empty_sentence=zh("没有这样的警情。"), **shared)


def _filters(request: DeskRequest) -> queries.Filters:
    try:
        unit_id = UUID(request.GET.get("unit", ""))
    except ValueError:
        unit_id = None
    return queries.Filters(
        open_only=request.GET.get("show", "open") != "all", kind=request.GET.get("kind", "")[:24], unit_id=unit_id
    )


@desk.page("calls/take/", needs="calls.take")
def take(request: DeskRequest) -> HttpResponse:
    at_window = request.actor.post is Post.WINDOW
    form = forms.TakeForm(request.POST or None, initial={"channel": Channel.WINDOW} if at_window else None)
    if form.is_valid():
        unit_id = request.actor.unit_id if form.channel is Channel.WINDOW else None
        taken = operations.take_call(intake=form.intake(unit_id=unit_id), actor=request.actor, at=request.at)
        said = (
            zh("这个编号已经接过，就是这一条。")
            if taken.already
            else zh("已接警：{number}。", number=taken.call.number)
        )
        return desk.done(request, "desk:calls.call", said, call_id=taken.call.pk)
    return desk.render(request, "calls/take.html", form=form)


@desk.page("calls/<uuid:call_id>/", needs="calls.see")
def call(request: DeskRequest, call_id: UUID) -> HttpResponse:
    return _call_page(request, queries.get_call(actor=request.actor, id=call_id))


def _call_page(request: DeskRequest, call: Call, **more: Any) -> HttpResponse:
    """The page of a call, with the form that was refused where there is one."""
    responses = queries.responses_of(call)
    may = queries.actor_may(call, request.actor, BUTTONS)
    context: dict[str, Any] = {
        "subject": call,
        "call": call,
        "responses": [_response_row(request, response, may) for response in responses],
        "caller": queries.caller_of(call),
        "near": queries.near(call, actor=request.actor, at=request.at),
        "repeats": list(call.repeats.select_related("kind")[:10]),
        "may": {name.partition(".")[2]: name in may for name in BUTTONS},
    }
    return desk.render(request, "calls/call.html", **{**context, **more})


def _response_row(request: DeskRequest, response: Response, may: set[str]) -> dict[str, Any]:
    upcoming = queries.next_stamp(response.sent)
    return {
        "response": response,
        "stamps": [
            {
                "stamp": stamp,
                "at": response.sent.stamp(stamp),
                "relayed": stamp.value in response.relayed,
                "next": stamp is upcoming,
                "can": upcoming is not None
                and stamp in PRESS
                and list(Stamp).index(stamp) >= list(Stamp).index(upcoming),
            }
            for stamp in Stamp
        ],
        "next": upcoming,
        "can_report": response.sent.under_way and response.arrived_at is not None and "calls.report" in may,
        "can_stand_down": response.sent.under_way and response.arrived_at is None and "calls.dispatch" in may,
        "late": queries.late_stamps(response, at=request.at),
    }


@desk.page("calls/<uuid:call_id>/dispatch/", needs="calls.dispatch")
def dispatch(request: DeskRequest, call_id: UUID) -> HttpResponse:
    """Choose a unit (by default the station of the place), then who goes."""
    call = queries.get_call(actor=request.actor, id=call_id)
    access.require(request.actor, "calls.dispatch", call)
    units = list(identity.units(*SENDABLE))
    wanted = request.GET.get("unit", "")
    nearest = identity.unit_for_division(call.division_code)
    unit = next((u for u in units if str(u.pk) == wanted), nearest) or units[0]
    crew = identity.holders(*HANDLING, Post.AUXILIARY, on=local(request.at).date(), unit=unit)
    form = forms.DispatchForm(request.POST or None, crew=crew)
    if form.is_valid():
        operations.dispatch_unit(
            call=call, unit=unit, officer_ids=[UUID(key) for key in form.officers], actor=request.actor, at=request.at
        )
        return desk.done(request, "desk:calls.call", zh("已派{unit}。", unit=unit.name), call_id=call.pk)
    return desk.render(request, "calls/dispatch.html", call=call, form=form, units=units, unit=unit, nearest=nearest)


@desk.page("calls/responses/<uuid:response_id>/stamp/", needs="calls.stamp")
def stamp(request: DeskRequest, response_id: UUID) -> HttpResponse:
    """One press: acknowledged, departed, on scene. Reporting back has a form of its own."""
    response = queries.get_response(actor=request.actor, id=response_id)
    form = forms.StampForm(request.POST or None)
    if form.is_valid() and form.stamp in PRESS:
        PRESS[form.stamp](response=response, actor=request.actor, at=request.at)
        return desk.done(
            request, "desk:calls.call", zh("已登记：{stamp}。", stamp=form.stamp.label), call_id=response.call_id
        )
    return _call_page(request, queries.get_call(actor=request.actor, id=response.call_id), refused=form)


@desk.page("calls/responses/<uuid:response_id>/report/", needs="calls.report")
def report(request: DeskRequest, response_id: UUID) -> HttpResponse:
    response = queries.get_response(actor=request.actor, id=response_id)
    form = forms.ReportForm(request.POST or None)
    if form.is_valid():
        operations.report_back(response=response, report=form.report, actor=request.actor, at=request.at)
        return desk.done(request, "desk:calls.call", zh("已反馈。"), call_id=response.call_id)
    return _form_page(request, response.call, form, title=zh("反馈处置情况"), submit=zh("反馈"))


@desk.page("calls/responses/<uuid:response_id>/stand-down/", needs="calls.dispatch")
def stand_down(request: DeskRequest, response_id: UUID) -> HttpResponse:
    response = queries.get_response(actor=request.actor, id=response_id)
    form = forms.StandDownForm(request.POST or None)
    if form.is_valid():
        operations.stand_down(response=response, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:calls.call", zh("已撤回。"), call_id=response.call_id)
    return _form_page(request, response.call, form, title=zh("撤回派警"), submit=zh("撤回"))


@desk.page("calls/<uuid:call_id>/close/", needs="calls.close")
def close(request: DeskRequest, call_id: UUID) -> HttpResponse:
    call = queries.get_call(actor=request.actor, id=call_id)
    form = forms.CloseForm(request.POST or None)
    if form.is_valid():
        operations.close_call(call=call, result=form.result or None, note=form.note, actor=request.actor, at=request.at)
        return desk.done(request, "desk:calls.call", zh("{number} 已结警。", number=call.number), call_id=call.pk)
    return _form_page(request, call, form, title=zh("结警"), submit=zh("结警"))


@desk.page("calls/<uuid:call_id>/link/", needs="calls.take")
def link(request: DeskRequest, call_id: UUID) -> HttpResponse:
    """The same thing told twice: link the later call to the first."""
    call = queries.get_call(actor=request.actor, id=call_id)
    form = forms.LinkForm(request.POST or None, initial={"number": request.GET.get("to", "")[:16]})
    if form.is_valid():
        main = queries.call_by_number(actor=request.actor, number=form.number.upper())
        operations.link_repeat(call=call, to=main, actor=request.actor, at=request.at)
        return desk.done(request, "desk:calls.call", zh("已关联到 {number}。", number=main.number), call_id=call.pk)
    return _form_page(request, call, form, title=zh("关联重复警情"), submit=zh("关联"))


@desk.page("calls/<uuid:call_id>/caller/", needs="calls.look")
def caller(request: DeskRequest, call_id: UUID) -> HttpResponse:
    """Look at who called: the purpose is asked, the look is entered, then the name and phone are shown."""
    call = queries.get_call(actor=request.actor, id=call_id)
    kept = queries.caller_of(call)
    if kept is None:
        raise NotFound(zh("这条警情没有留报警人，或者已经到期删除。"))
    form = forms.LookForm(request.POST or None, initial={"reference": call.number})
    if form.is_valid():
        look = access.look(
            actor=request.actor, subject=call, purpose=form.purpose, reference=form.reference, at=request.at
        )
        phone = kept.phone.open(look)
        return desk.render(
            request, "calls/caller.html", call=call, caller=kept, name=kept.name.open(look), phone=phone,
            same=[c for c in queries.open_calls_from(phone, actor=request.actor) if c.pk != call.pk],
        )  # fmt: skip
    return _form_page(request, call, form, title=zh("查看报警人"), submit=zh("登记并查看"))


@desk.page("calls/unclosed/", needs="calls.see")
def unclosed(request: DeskRequest) -> HttpResponse:
    """Calls that are still open, the oldest first, who has them and why (日清)."""
    rows = queries.unclosed(actor=request.actor, at=request.at)
    return desk.render(request, "calls/unclosed.html", rows=rows, since=queries.start_of_day(request.at))


@desk.page("calls/scene/", needs="calls.see")
def scene(request: DeskRequest) -> HttpResponse:
    """The scene flow chart, drawn from the data that the phone's checklist comes from."""
    return desk.render(request, "calls/scene.html", chart=scene_chart(), scene=queries.scene())


def _form_page(request: DeskRequest, call: Call, form: Any, **words: Any) -> HttpResponse:
    cancel = desk.url("desk:calls.call", call_id=call.pk)
    return desk.render(request, "calls/form.html", call=call, form=form, cancel=cancel, **words)
