"""Calls for programs: the same operations as at the desk. `Idempotency-Key` makes a repeated request harmless."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.operations import Intake
from qingkong.domains.enforcement.calls.queries import Call, Channel, Response, Result, Stamp
from qingkong.kernel import access
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh
from qingkong.web.paging import page_of

router = Router(tags=["calls"])


class CallIn(Schema):
    """A call as it is told."""

    kind: str = Field(max_length=24)
    division_code: str = Field(max_length=12)
    what: str = Field(max_length=1000)
    channel: Channel = Channel.PHONE
    priority: int | None = Field(None, ge=1, le=4)
    place_text: str = Field("", max_length=200)
    longitude: float | None = Field(None, ge=-180, le=180)
    latitude: float | None = Field(None, ge=-90, le=90)
    caller_name: str = Field("", max_length=40)
    caller_phone: str = Field("", max_length=20)
    keep_secret: bool = False
    external_number: str = Field("", max_length=64)


class DispatchIn(Schema):
    """The unit by its code, and who goes by police number; the first police officer leads."""

    unit_code: str = Field(max_length=16)
    officers: list[str] = Field(min_length=1, max_length=20)


class ReportIn(Schema):
    """What was found and done; only reporting back needs it."""

    report: str = Field("", max_length=2000)


class CloseIn(Schema):
    result: Result
    note: str = Field("", max_length=1000)


class ResponseOut(Schema):
    id: UUID
    unit: str
    lead: str
    sent_at: datetime
    acknowledged_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    reported_at: datetime | None
    stood_down_at: datetime | None
    relayed: list[str]


class CallOut(Schema):
    """A call without the person who made it."""

    id: UUID
    number: str
    external_number: str | None
    channel: str
    kind: str
    priority: int
    division_code: str
    place: str
    what: str
    taken_at: datetime
    state: str
    result: str
    closed_at: datetime | None
    unit: str | None
    responses: list[ResponseOut] = []


class TakenOut(CallOut):
    already: bool


class CallsOut(Schema):
    """A page of calls; `next` is the query string of the following page, empty at the end."""

    calls: list[CallOut]
    next: str


@router.get("/", response=CallsOut)
def list_calls(request: HttpRequest, open_only: bool = True, kind: str = "", after: str = "") -> dict[str, Any]:
    """The caller's calls, the latest first, fifty a page."""
    access.require(request.actor, "calls.see")
    filters = queries.Filters(open_only=open_only, kind=kind[:24])
    page = page_of(queries.listed(actor=request.actor, filters=filters), request, order=queries.LATEST_FIRST)
    return {"calls": [_call(call) for call in page], "next": page.next_query}


@router.post("/", response={201: TakenOut, 200: TakenOut})
def take(request: HttpRequest, body: CallIn) -> tuple[int, dict[str, Any]]:
    """Take a call. The same external number gives the call that stands, with `already`."""
    intake = Intake(**body.dict())
    taken = operations.take_call(intake=intake, actor=request.actor, at=request.at)
    return (200 if taken.already else 201), {**_call(taken.call), "already": taken.already}


@router.get("/{number}", response=CallOut)
def get(request: HttpRequest, number: str) -> dict[str, Any]:
    """One call by its number, with every unit sent to it."""
    access.require(request.actor, "calls.see")
    return _whole(queries.call_by_number(actor=request.actor, number=number))


@router.post("/{number}/dispatch", response={201: ResponseOut})
def dispatch(request: HttpRequest, number: str, body: DispatchIn) -> tuple[int, dict[str, Any]]:
    """Send a unit."""
    call = queries.call_by_number(actor=request.actor, number=number)
    unit = identity.units().filter(code=body.unit_code).first()
    if unit is None:
        raise NotFound(zh("没有代码为 {code} 的单位。", code=body.unit_code))
    holders = identity.holders(*HANDLING, Post.AUXILIARY, on=local(request.at).date(), unit=unit)
    known = {appointment.officer.username: appointment.officer_id for appointment in holders}
    if missing := [police_number for police_number in body.officers if police_number not in known]:
        raise NotFound(zh("{unit}今天没有警号 {number}。", unit=unit.name, number=missing[0]))
    response = operations.dispatch_unit(
        call=call, unit=unit, officer_ids=[known[n] for n in body.officers], actor=request.actor, at=request.at
    )
    return 201, _response(response)


@router.post("/responses/{response_id}/{stamp}", response=ResponseOut)
def press(request: HttpRequest, response_id: UUID, stamp: Stamp, body: ReportIn | None = None) -> dict[str, Any]:
    """Press a stamp: acknowledged, departed, arrived, or reported (with its report). Pressing again changes nothing."""
    arguments: dict[str, Any] = {
        "response": queries.get_response(actor=request.actor, id=response_id), "actor": request.actor, "at": request.at,
    }  # fmt: skip
    if stamp is Stamp.REPORTED:
        return _response(operations.report_back(**arguments, report=body.report if body else ""))
    act = {
        Stamp.ACKNOWLEDGED: operations.acknowledge, Stamp.DEPARTED: operations.depart, Stamp.ARRIVED: operations.arrive,
    }[stamp]  # fmt: skip
    return _response(act(**arguments))


@router.post("/{number}/close", response=CallOut)
def close(request: HttpRequest, number: str, body: CloseIn) -> dict[str, Any]:
    """Close a call with a result."""
    call = queries.call_by_number(actor=request.actor, number=number)
    closed = operations.close_call(call=call, result=body.result, note=body.note, actor=request.actor, at=request.at)
    return _whole(closed)


def _whole(call: Call) -> dict[str, Any]:
    return {**_call(call), "responses": [_response(response) for response in queries.responses_of(call)]}


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": call.pk, "number": call.number, "external_number": call.external_number, "channel": call.channel,
        "kind": call.kind_id, "priority": call.priority, "division_code": call.division_code,
        "place": call.place_words, "what": call.what, "taken_at": call.taken_at, "state": call.state,
        "result": call.result, "closed_at": call.closed_at, "unit": call.unit.name if call.unit_id else None,
    }  # fmt: skip


def _response(response: Response) -> dict[str, Any]:
    return {
        "id": response.pk, "unit": response.unit.name, "lead": response.lead_name, "sent_at": response.sent_at,
        "acknowledged_at": response.acknowledged_at, "departed_at": response.departed_at,
        "arrived_at": response.arrived_at, "reported_at": response.reported_at,
        "stood_down_at": response.stood_down_at, "relayed": response.relayed,
    }  # fmt: skip
