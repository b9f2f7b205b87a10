"""Send a unit to a call; call it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, Responder, Response
from qingkong.kernel import access, events, ledger, notices
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Appointment, Unit
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh

RIDES = (*HANDLING, Post.AUXILIARY)


class CannotDispatch(Refusal):
    """The unit isn't sent; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who goes: police first (the first of them leads), then auxiliaries."""

    police: list[Appointment]
    auxiliaries: list[Appointment]


@transaction.atomic
def dispatch_unit(*, call: Call, unit: Unit, officer_ids: Sequence[UUID], actor: Actor, at: datetime) -> Response:
    """Send a unit with the officers named; the first police officer leads.

    The first unit sent becomes the call's unit. Raises CannotDispatch for a closed call, a crew without a police
    officer, an officer who isn't of that unit today, a unit that is out on this call already.
    """
    access.require(actor, "calls.dispatch", call)
    call = Call.objects.locked(call.pk)
    crew = _crew(call, unit, officer_ids, at)
    responses = list(call.responses.all())
    if reason := rules.why_not_dispatch(
        rules.State(call.state),
        police=len(crew.police),
        auxiliaries=len(crew.auxiliaries),
        unit_is_out=any(r.unit_id == unit.pk and r.sent.under_way for r in responses),
    ):
        raise CannotDispatch(reason, how=zh("请到警情页查看现在的情况。"), subject=call)
    response = _send(call, unit, crew, actor, at)
    if call.unit_id is None or not any(r.stood_down_at is None for r in responses):
        call.unit = unit
        call.save(update_fields=["unit"])
    call.move_to(rules.state_of([*(r.sent for r in responses), response.sent]))
    ledger.record(
        actor=actor, at=at, act="calls.dispatched", subject=call,
        facts={
            "number": call.number, "unit": unit.name, "lead": response.lead_name,
            "with": [a.officer.name for a in [*crew.police[1:], *crew.auxiliaries]],
        },
    )  # fmt: skip
    events.happened("calls.dispatched", at=at, actor=actor, call=call, response=response)
    events.announce("calls", call, at=at)
    return response


@transaction.atomic
def stand_down(*, response: Response, reason: str, actor: Actor, at: datetime) -> Response:
    """Call a unit off before it arrives. Doing it twice changes nothing. Raises CannotDispatch."""
    call = Call.objects.locked(response.call_id)
    access.require(actor, "calls.dispatch", call)
    response = Response.objects.locked(response.pk)
    if response.stood_down_at is not None:
        return response
    if not reason.strip():
        raise CannotDispatch(zh("请写明撤回的原因。"), field="reason", subject=call)
    if response.arrived_at is not None or response.reported_at is not None:
        raise CannotDispatch(zh("已经到场，不能撤回。"), how=zh("由到场民警反馈。"), subject=call)
    response.stood_down_at = at
    response.save(update_fields=["stood_down_at"])
    call.move_to(rules.state_of(r.sent for r in call.responses.all()))
    ledger.record(
        actor=actor, at=at, act="calls.stood_down", subject=call,
        facts={"number": call.number, "unit": response.unit.name, "reason": reason.strip()},
    )  # fmt: skip
    events.announce("calls", call, at=at)
    return response


def _crew(call: Call, unit: Unit, officer_ids: Sequence[UUID], at: datetime) -> Crew:
    """The unit's own officers named, split into police and auxiliaries, in the order named."""
    wanted = list(dict.fromkeys(officer_ids))
    found: dict[UUID, Appointment] = {}
    for appointment in identity.holders(*RIDES, on=local(at).date(), unit=unit).filter(officer_id__in=wanted):
        known = found.get(appointment.officer_id)
        if known is None or known.post == Post.AUXILIARY:
            found[appointment.officer_id] = appointment
    if missing := [officer for officer in wanted if officer not in found]:
        raise CannotDispatch(
            zh("有 {count} 人今天不在{unit}任职，不能派。", count=len(missing), unit=unit.name),
            field="officers",
            subject=call,
        )
    named = [found[officer] for officer in wanted]
    return Crew([a for a in named if a.post != Post.AUXILIARY], [a for a in named if a.post == Post.AUXILIARY])


def _send(call: Call, unit: Unit, crew: Crew, actor: Actor, at: datetime) -> Response:
    lead = crew.police[0].officer
    response = Response.objects.create(
        call=call, unit=unit, lead=lead, lead_name=lead.name, sent_at=at, sent_by_name=actor.name
    )
    Responder.objects.bulk_create(
        Responder(response=response, officer=a.officer, name=a.officer.name, auxiliary=a.post == Post.AUXILIARY)
        for a in [*crew.police[1:], *crew.auxiliaries]
    )
    notices.tell(
        officer_id=lead.pk, text=zh("派警：{number}，{place}", number=call.number, place=call.place_words),
        subject=call, at=at,
    )  # fmt: skip
    return response
