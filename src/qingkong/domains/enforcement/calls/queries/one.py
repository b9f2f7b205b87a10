"""One call: itself, its responses, what lies near it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, Caller, Response, SceneStep
from qingkong.domains.enforcement.calls.queries import local_lists
from qingkong.domains.enforcement.calls.queries.lists import may_see
from qingkong.kernel import access, clocks
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

NO_CALL = zh("没有这条警情，或者不归您的单位办理。")
NEAR = timedelta(hours=48)
VILLAGE = 12  # digits of a village's code
REGISTER_WITHIN = "JCJ-07"  # the limit within which a case-worthy call becomes a report


@dataclass(frozen=True, slots=True)
class Late:
    """A response that is, or was, past the bureau's own standard. Not a limit of law."""

    stamp: rules.Stamp
    standard: str


def get_call(*, actor: Actor, id: UUID) -> Call:
    """The call. Raises NotFound, alike for none and for one of another unit."""
    call = Call.objects.select_related("kind", "unit", "linked_to").filter(pk=id).first()
    if call is None or not access.may(actor, "calls.see", call):
        raise NotFound(NO_CALL)
    return call


def call_by_number(*, actor: Actor, number: str) -> Call:
    """The call with a number of ours. Raises NotFound."""
    key = Call.objects.filter(number=number).values_list("pk", flat=True).first()
    if key is None:
        raise NotFound(NO_CALL)
    return get_call(actor=actor, id=key)


def get_response(*, actor: Actor, id: UUID) -> Response:
    """A response of a call the actor may see. Raises NotFound."""
    response = Response.objects.select_related("call__kind", "call__unit", "unit").filter(pk=id).first()
    if response is None or not may_see(actor, response.call):
        raise NotFound(NO_CALL)
    return response


def responses_of(call: Call) -> list[Response]:
    """Every unit sent to a call with who rides along, in the order sent."""
    return list(call.responses.select_related("unit").prefetch_related("responders").order_by("sent_at", "id"))


def closing_of(call: Call) -> rules.Closing:
    """The call as its closing is judged by, with the result it would be closed with."""
    return rules.Closing(
        channel=rules.Channel(call.channel),
        result=rules.Result(call.result) if call.result else None,
        note=call.result_note,
        linked=call.linked_to_id is not None,
        sent=[response.sent for response in call.responses.all()],
    )


def lead_of(call: Call) -> UUID | None:
    """The officer who led the call's own unit, or None where nobody was sent."""
    led = [r for r in call.responses.all() if r.stood_down_at is None and r.unit_id == call.unit_id]
    return min(led, key=lambda r: r.sent_at).lead_id if led else None


def rides_in(response: Response, actor: Actor) -> bool:
    """Whether the actor leads this response or accompanies it."""
    if actor.officer_id is None or response.unit_id != actor.unit_id:
        return False
    return response.lead_id == actor.officer_id or response.responders.filter(officer_id=actor.officer_id).exists()


def rides_to(call: Call, actor: Actor) -> bool:
    """Whether the actor rides in any response to the call that wasn't called off."""
    return any(rides_in(response, actor) for response in call.responses.all() if response.stood_down_at is None)


def late_stamps(response: Response, *, at: datetime) -> list[Late]:
    """The bureau's own standards that this response is past; empty for an older response that met them."""
    return [
        Late(stamp, local_lists.standard_in_words(standard))
        for stamp, standard in local_lists.standards().items()
        if rules.overdue(response.sent, standard, at=at)
    ]


def scene_marks(call: Call) -> dict[str, SceneStep]:
    """The scene steps that were marked as done, by their key."""
    return {mark.step: mark for mark in call.scene_steps.all()}


def caller_of(call: Call) -> Caller | None:
    """Who called, sealed; None where nobody said, or where it has expired."""
    return Caller.objects.filter(call=call).first()


def near(call: Call, *, actor: Actor, at: datetime, limit: int = 5) -> list[Call]:
    """Other calls in the same village in the 48 hours before; no file of a place goes further back."""
    if len(call.division_code) < VILLAGE or at - call.taken_at > NEAR:
        return []
    same = Call.objects.filter(division_code=call.division_code, taken_at__gte=at - NEAR, taken_at__lte=at)
    rows = same.exclude(pk=call.pk).select_related("kind", "unit").latest_first()[:limit]
    return [other for other in rows if access.may(actor, "calls.see", other)]


def open_calls_from(phone: str, *, actor: Actor) -> list[Call]:
    """Open calls from the same phone, so that a repeat is linked and not counted twice. Closed ones are never asked."""
    if not phone.strip():
        return []
    same = Call.objects.filter(caller__phone_digest=access.digest("phone", phone), closed_at__isnull=True)
    return [call for call in same.select_related("kind", "unit").latest_first()[:5] if may_see(actor, call)]


def is_reference(number: str, actor: Actor, at: datetime) -> bool:
    """Whether a J number is open and assigned to the actor: what a look needs to name.

    A case-worthy call stays open to its crew for the 24 hours within which its report is registered (JCJ-07).
    """
    call = Call.objects.filter(number=number).first()
    if call is None or not (call.closed_at is None or _to_be_registered(call, at)):
        return False
    if actor.post is Post.DISPATCHER:
        return True
    heads = HANDLING - {Post.OFFICER}
    return (actor.post in heads and call.unit_id == actor.unit_id) or rides_to(call, actor)


def _to_be_registered(call: Call, at: datetime) -> bool:
    return any(
        clock.limit_id == REGISTER_WITHIN
        and clock.stopped_at is None
        and clock.due_at is not None
        and at < clock.due_at
        for clock in clocks.of(call)
    )


def actor_may(call: Call, actor: Actor, permissions: Iterable[str]) -> set[str]:
    """Which of these permissions the actor has for this call; a page shows only those buttons."""
    return {name for name in permissions if access.may(actor, name, call)}
