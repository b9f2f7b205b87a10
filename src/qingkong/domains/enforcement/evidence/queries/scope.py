"""Who sees which evidence, and who may add some: decided by the call or case that it belongs to.

Linked to a case, it is the case's: its team, its legal officer, its unit's head and those who see all cases. Linked
to a call alone, it is seen by whoever sees the call. Who registered it sees that it is there. The administrator never.
"""

from typing import Any

from django.db.models import Q

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.evidence.models import EvidenceItem, EvidenceSet
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post

HEADS = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})
ON_DUTY_NEVER = frozenset({Post.ADMINISTRATOR, Post.SUPERVISOR, Post.CUSTODIAN, Post.PETITIONS_OFFICE})


def may_see(actor: Actor, item: EvidenceItem) -> bool:
    """Whether the actor may know of this item."""
    if not actor.is_officer or actor.post in ON_DUTY_NEVER:
        return actor.kind == "system"
    if item.registered_by_id == actor.officer_id:
        return True
    if item.case_id:
        return access.may(actor, "cases.see", item.case)
    return access.may(actor, "calls.see", item.call)


def visible(actor: Actor) -> EvidenceSet:
    """The items an actor may see in a list: the own unit's, the own, and those of the own cases."""
    items = EvidenceItem.objects.all()
    if actor.kind == "system":
        return items
    if not actor.is_officer or actor.post in ON_DUTY_NEVER:
        return items.none()
    own = Q(registered_by_id=actor.officer_id)
    if calls.sees_whole_county(actor):
        loose = Q(case=None)
    else:
        loose = Q(case=None, unit_id=actor.unit_id)
    if not access.may(actor, "cases.see"):
        return items.filter(own | loose)
    return items.filter(own | loose | Q(case__in=cases.cases_for(actor).values("pk")))


def handles(actor: Actor, case: Any) -> bool:
    """Whether the actor is the case's lead or second, or heads its unit."""
    return access.may(actor, "cases.handle", case) or (actor.post in HEADS and actor.unit_id == case.unit_id)


def may_add_to(actor: Actor, subject: Any) -> bool:
    """Whether the actor may add evidence to a call (own unit or crew) or a case (its team, its unit's head)."""
    if isinstance(subject, cases.Case):
        return handles(actor, subject)
    return subject.unit_id == actor.unit_id or calls.rides_to(subject, actor)
