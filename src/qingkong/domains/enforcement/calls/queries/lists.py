"""Which calls an actor may know of, and the lists of them. A page of a list costs the same at any size."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, CallSet, Response
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.text import Sentence, local

WHOLE_COUNTY = frozenset({Post.DISPATCHER, Post.BUREAU_LEADER, Post.INSPECTOR, Post.LEGAL_SECTION, Post.CASE_OFFICE})
MOST = 50
UNDER_WAY = Q(reported_at=None, stood_down_at=None)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. `open_only` leaves out what is closed."""

    open_only: bool = False
    kind: str = ""
    unit_id: UUID | None = None


NO_FILTERS = Filters()
LATEST_FIRST = ("-taken_at", "-id")


@dataclass(frozen=True, slots=True)
class Unclosed:
    """A call that is still open, who has it, and why."""

    call: Call
    owner: str
    reason: Sentence


def sees_whole_county(actor: Actor) -> bool:
    return actor.kind == "system" or actor.post in WHOLE_COUNTY or actor.unit_kind is UnitKind.COMMAND_CENTRE


def visible(actor: Actor) -> CallSet:
    """Calls the actor may see in a list: the county's, or those of the actor's own unit."""
    calls = Call.objects.select_related("kind", "unit")
    if sees_whole_county(actor):
        return calls
    return calls.filter(unit_id=actor.unit_id) if actor.unit_id else calls.none()


def may_see(actor: Actor, call: Call) -> bool:
    """Whether the actor may see this call: in a list, or because the own unit was sent to help."""
    if sees_whole_county(actor):
        return True
    if actor.unit_id is None:
        return False
    return call.unit_id == actor.unit_id or call.responses.filter(unit_id=actor.unit_id).exists()


def listed(*, actor: Actor, filters: Filters = NO_FILTERS) -> CallSet:
    """The actor's calls, the latest first, narrowed by the filters; a page of it is cut by `web.paging`."""
    calls = visible(actor)
    if filters.open_only:
        calls = calls.open()
    if filters.kind:
        calls = calls.filter(kind_id=filters.kind)
    if filters.unit_id:
        calls = calls.filter(unit_id=filters.unit_id)
    return calls.latest_first()


def helping(*, actor: Actor) -> list[Call]:
    """Open calls of other units to which the actor's unit was sent and hasn't reported back."""
    if actor.unit_id is None or sees_whole_county(actor):
        return []
    out = Response.objects.filter(UNDER_WAY, unit_id=actor.unit_id).exclude(call__unit_id=actor.unit_id)
    return [response.call for response in out.select_related("call__kind", "call__unit").order_by("-sent_at")[:MOST]]


def riding(*, actor: Actor) -> list[Response]:
    """Responses under way in which the actor rides, the latest first."""
    if actor.officer_id is None:
        return []
    mine = Q(lead_id=actor.officer_id) | Q(responders__officer_id=actor.officer_id)
    out = Response.objects.filter(UNDER_WAY & mine, unit_id=actor.unit_id).distinct()
    return list(out.select_related("call__kind", "unit").order_by("-sent_at"))


def open_count(*, actor: Actor) -> int:
    """How many calls in the actor's sight are open."""
    return visible(actor).select_related(None).open().count()


def unclosed(*, actor: Actor, at: datetime, limit: int = 200) -> list[Unclosed]:
    """Calls taken up to `at` that are still open, the oldest first, with who has them and why (日清)."""
    calls = visible(actor).open().filter(taken_at__lte=at).order_by("taken_at", "id")
    rows = list(calls.prefetch_related("responses__unit")[:limit])
    return [Unclosed(call, _owner(call), rules.WHY_OPEN[rules.State(call.state)]) for call in rows]


def _owner(call: Call) -> str:
    under_way = [r for r in call.responses.all() if r.sent.under_way]
    if under_way:
        return "、".join(f"{r.unit.name} {r.lead_name}" for r in under_way)
    return call.unit.name if call.unit else call.taken_by_name


def start_of_day(at: datetime) -> datetime:
    """Midnight of the county's day of `at`."""
    return local(at).replace(hour=0, minute=0, second=0, microsecond=0)
