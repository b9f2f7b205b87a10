"""On which reference an actor may open an item: its case, its call, or, for who must check it, its own number."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.queries.scope import HEADS
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.identity.posts import Post

CHECK_OWN = timedelta(hours=24)  # who registered a file may check that it is the right one


@dataclass(frozen=True, slots=True)
class Reason:
    """A reference that is open and assigned to the actor, and the purpose that goes with their post."""

    reference: str
    purpose: Purpose


def reasons_for(item: EvidenceItem, *, actor: Actor, at: datetime) -> list[Reason]:
    """The references on which the actor may open this item, the nearest first."""
    purpose = _purpose(actor)
    found = []
    if item.case_number and cases.case_assigned(item.case_number, actor, at):
        found.append(item.case_number)
    elif item.call_number and not item.case_number and calls.is_reference(item.call_number, actor, at):
        found.append(item.call_number)
    if not found and is_reference(item.number, actor, at):
        found.append(item.number)
    return [Reason(number, purpose) for number in found]


def is_reference(number: str, actor: Actor, at: datetime) -> bool:
    """Whether a D number by itself stands behind a look.

    It does for the unit's head and the inspector, who must check recordings, and for a day for who registered it.
    """
    item = EvidenceItem.objects.filter(number=number).first()
    if item is None:
        return False
    if actor.post is Post.INSPECTOR:
        return True
    if actor.post in HEADS and item.unit_id == actor.unit_id:
        return True
    return item.registered_by_id == actor.officer_id is not None and at - item.received_at <= CHECK_OWN


def _purpose(actor: Actor) -> Purpose:
    if actor.post is Post.INSPECTOR:
        return Purpose.SUPERVISION
    reviewing = {Post.LEGAL_OFFICER, Post.LEGAL_SECTION, Post.BUREAU_LEADER, *HEADS}
    return Purpose.REVIEW if actor.post in reviewing else Purpose.HANDLING
