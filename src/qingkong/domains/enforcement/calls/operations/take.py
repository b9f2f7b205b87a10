"""Take a call, once; link a repeat to the call that stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Call, Caller, PlaceGram
from qingkong.domains.enforcement.calls.operations.intake import Checked, Intake, check
from qingkong.kernel import access, events, ledger, numbering
from qingkong.kernel.access import Actor
from qingkong.kernel.records import uuid7
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotLink(Refusal):
    """The two calls can't be linked; the message says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The call, and whether it stood already before this request."""

    call: Call
    already: bool


@transaction.atomic
def take_call(*, intake: Intake, actor: Actor, at: datetime, call_id: UUID | None = None) -> Taken:
    """Register a call the moment it comes in, and give it its number (J2026-000001).

    `call_id` is made where the form is made: the same form sent twice, or the same external number, gives the
    call that stands, marked `already`, and changes nothing. Raises Invalid with every wrong field.
    """
    access.require(actor, "calls.take")
    checked = check(intake)
    call_id = call_id or uuid7()
    if standing := _standing(call_id, checked.intake.external_number):
        return Taken(standing, already=True)
    try:
        with transaction.atomic():  # if somebody else takes it in this instant, the number goes back too
            call = _create(checked, call_id, actor, at)
    except IntegrityError:
        if standing := _standing(call_id, checked.intake.external_number):
            return Taken(standing, already=True)
        raise
    return Taken(call, already=False)


def _standing(call_id: UUID, external_number: str) -> Call | None:
    same = Q(pk=call_id)
    if external_number:
        same |= Q(external_number=external_number)
    return Call.objects.filter(same).first()


def _create(checked: Checked, call_id: UUID, actor: Actor, at: datetime) -> Call:
    call = build(checked, call_id=call_id, number=numbering.take("J", at=at), actor=actor, at=at)
    call.save(force_insert=True)
    if checked.intake.has_caller:
        build_caller(call, checked.intake, at=at).save(force_insert=True)
    PlaceGram.objects.enter(grams_of(call))
    ledger.record(
        actor=actor, at=at, act="calls.taken", subject=call,
        facts={
            "number": call.number, "external_number": checked.intake.external_number, "channel": call.channel,
            "kind": call.kind_id, "priority": call.priority, "place": call.place_words,
        },
    )  # fmt: skip
    events.happened("calls.taken", at=at, actor=actor, call=call)
    events.announce("calls", call, at=at)
    return call


def build(checked: Checked, *, call_id: UUID, number: str, actor: Actor, at: datetime) -> Call:
    """The row of a checked intake, not saved."""
    intake = checked.intake
    return Call(
        id=call_id, number=number, external_number=intake.external_number or None, channel=intake.channel,
        kind=checked.kind, priority=checked.priority, division_code=intake.division_code,
        place_text=intake.place_text, place_words=checked.place_words, longitude=intake.longitude,
        latitude=intake.latitude, what=intake.what, taken_at=at, taken_by_id=actor.officer_id,
        taken_by_name=actor.name, unit_id=intake.unit_id,
    )  # fmt: skip


def build_caller(call: Call, intake: Intake, *, at: datetime) -> Caller:
    """Who called, sealed, with the ground and the end that the bureau's list gives, not saved."""
    return Caller(
        call=call, name=intake.caller_name, phone=intake.caller_phone, keep_secret=intake.keep_secret,
        **access.kept(**queries.caller_kept(at)),
    )  # fmt: skip


def grams_of(call: Call) -> list[tuple[str, int]]:
    """The rows by which the call's place is found."""
    moment = queries.moment_of(call.taken_at)
    return [(gram, moment) for gram in rules.bigrams(call.place_words)]


@transaction.atomic
def link_repeat(*, call: Call, to: Call, actor: Actor, at: datetime) -> Call:
    """Say that a call reports what another open call reports already; it may then be closed with it.

    Linking it again to the same call changes nothing. Raises CannotLink.
    """
    access.require(actor, "calls.take", call)
    call, main = Call.objects.locked(call.pk), Call.objects.locked(to.pk)
    if call.linked_to_id == main.pk:
        return call
    if call.pk == main.pk:
        raise CannotLink(zh("不能和自己关联。"), subject=call)
    if call.state == rules.State.CLOSED:
        raise CannotLink(rules.ALREADY_CLOSED, subject=call)
    if main.linked_to_id is not None:
        raise CannotLink(
            zh("{number} 本身已经关联到另一条警情。", number=main.number),
            how=zh("请关联到最早的那一条。"),
            subject=call,
        )
    if call.linked_to_id is not None or call.repeats.exists():
        raise CannotLink(zh("这条警情已经有关联，不能改。"), subject=call)
    call.linked_to = main
    call.save(update_fields=["linked_to"])
    ledger.record(
        actor=actor, at=at, act="calls.linked", subject=call, facts={"number": call.number, "to": main.number}
    )
    return call
