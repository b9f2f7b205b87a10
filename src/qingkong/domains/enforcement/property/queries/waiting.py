"""What waits for whom; who may take, keep and approve; what came late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from qingkong.domains.enforcement.property import rules
from qingkong.domains.enforcement.property.models import Exhibit, SeizureApproval, SeizureList
from qingkong.domains.enforcement.property.queries.scope import HEADS
from qingkong.kernel import clocks
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Appointment, Unit
from qingkong.kernel.identity.posts import HANDLING, Post, UnitKind
from qingkong.kernel.text import local

MOST = 100  # counts in the menu stop here

HAND_OVER = "CW-01"
NOTE_DETAILS = "CW-02"
MAKE_UP = "XZ-14"
SEIZED_FOR = "XZ-13"


def offered(actor: Actor) -> QuerySet[Exhibit]:
    """What was handed to the actor's room and isn't accepted yet, the longest waiting first."""
    found = Exhibit.objects.filter(room_id=actor.unit_id, state=rules.State.OFFERED)
    return found.select_related("case", "unit").order_by("offered_at")


def offered_count(actor: Actor, at: datetime) -> int | None:
    """What waits in the menu: for custodians the things offered, for heads the requests."""
    if actor.post is Post.CUSTODIAN:
        return offered(actor).order_by().values("pk")[:MOST].count()
    return approvals_waiting_count(actor) if actor.post in HEADS | {Post.BUREAU_LEADER} else None


def approvals_waiting(actor: Actor) -> QuerySet[SeizureApproval]:
    """Requests that wait for the head of the actor's unit, the oldest first."""
    waiting = SeizureApproval.objects.filter(state=rules.ApprovalState.ASKED).select_related("case", "unit")
    if actor.post in HEADS:
        return waiting.filter(unit_id=actor.unit_id).order_by("asked_at")
    return waiting.order_by("asked_at") if actor.post is Post.BUREAU_LEADER else waiting.none()


def approvals_waiting_count(actor: Actor) -> int:
    return approvals_waiting(actor).order_by().values("pk")[:MOST].count()


# --- who -----------------------------------------------------------------------------------------------------


def rooms(*, case: Any, at: datetime) -> list[Unit]:
    """Where a case's exhibits may be kept: the exhibit centre, and the unit's own room where it has a custodian."""
    centres = list(identity.units(UnitKind.EXHIBIT_CENTRE))
    own = identity.holders(Post.CUSTODIAN, on=local(at).date(), unit=case.unit_id).first()
    return [*centres, own.unit] if own and own.unit not in centres else centres


def second_officers(*, actor: Actor, at: datetime) -> list[Appointment]:
    """Police officers of the actor's unit who may be the second one at a seizure."""
    found = identity.holders(*HANDLING, on=local(at).date(), unit=actor.unit_id)
    return [one for one in found if one.officer_id != actor.officer_id]


def police_among(officer_ids: Sequence[UUID], *, at: datetime) -> set[UUID]:
    """Those who hold a post that counts as police on that day."""
    found = identity.holders(*HANDLING, on=local(at).date()).filter(officer_id__in=list(officer_ids))
    return set(found.values_list("officer_id", flat=True))


def officers_of(case: Any) -> set[UUID]:
    """Everybody who is or was in the team of a case: none of them ever keeps its exhibits."""
    return set(case.members.values_list("officer_id", flat=True))


def took_part(case: Any) -> set[UUID]:
    """Who seized, approved, kept or decided in a case: none of them makes the last check of its file."""
    ids: set[UUID] = set()
    for first, second in SeizureList.objects.filter(case=case).values_list("first_officer", "second_officer"):
        ids |= {first, second}
    ids |= set(SeizureApproval.objects.filter(case=case).values_list("answered_by", flat=True))
    for keeper, decider in Exhibit.objects.filter(case=case).values_list("custodian", "decided_by"):
        ids |= {keeper, decider}
    return ids - {None}


def late_ones(case: Any, *, at: datetime) -> list[str]:
    """Numbers of exhibits that weren't in the custodian's hands within the twenty-four hours; two queries."""
    late = {
        clock.subject_key
        for clock in clocks.of(case, whole_thread=True)
        if clock.limit_id in (HAND_OVER, NOTE_DETAILS) and (clock.late or clock.state(at) == "overdue")
    }
    numbers = Exhibit.objects.filter(case=case).order_by("number").values_list("pk", "number") if late else []
    return [number for pk, number in numbers if f"property.exhibit:{pk}" in late]


def is_late(one: Exhibit, *, at: datetime) -> bool:
    """Whether the twenty-four hours to hand this one over have passed and it still isn't."""
    return any(c.limit_id == HAND_OVER and c.state(at) == "overdue" for c in clocks.of(one))
