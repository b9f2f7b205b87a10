"""Who sees which exhibits; one exhibit, list or request, for whoever may see it."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property.models import Exhibit, Movement, SeizureApproval, SeizureList
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.refusals import NotFound

EVERYWHERE = frozenset({Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.BUREAU_LEADER, Post.INSPECTOR})
HEADS = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})
WITH = ("case", "unit", "room", "seizure_list")


def sees(actor: Actor, subject: Any) -> bool:
    """Who sees an exhibit or a case's exhibits: the team, the unit's head, the room that keeps it, the supervisors."""
    if actor.post in EVERYWHERE:
        return True
    if actor.post is Post.CUSTODIAN:
        return isinstance(subject, Exhibit) and subject.room_id == actor.unit_id
    case = subject if isinstance(subject, cases.Case) else subject.case
    return (
        cases.in_team(actor, case) or (actor.post in HEADS and case.unit_id == actor.unit_id) or _took(actor, subject)
    )


def exhibits(actor: Actor) -> QuerySet[Exhibit]:
    """The exhibits an actor may see."""
    if actor.post in EVERYWHERE:
        return Exhibit.objects.all()
    if actor.post is Post.CUSTODIAN:
        return Exhibit.objects.filter(room_id=actor.unit_id)
    mine = Q(case__in=cases.own_cases(actor)) | Q(first_officer=actor.officer_id) | Q(second_officer=actor.officer_id)
    if actor.post in HEADS:
        mine |= Q(unit_id=actor.unit_id)
    return Exhibit.objects.filter(mine) if actor.post in HANDLING | {Post.LEGAL_OFFICER} else Exhibit.objects.none()


def _took(actor: Actor, subject: Any) -> bool:
    officers = (getattr(subject, "first_officer_id", None), getattr(subject, "second_officer_id", None))
    return actor.officer_id is not None and actor.officer_id in officers


# --- one -----------------------------------------------------------------------------------------------------


def exhibit(*, actor: Actor, exhibit_id: UUID) -> Exhibit:
    """One exhibit with its case, list and room. Raises NotFound for one the actor may not know of."""
    return _seen(actor, Exhibit.objects.filter(pk=exhibit_id))


def exhibit_by_number(*, actor: Actor, number: str) -> Exhibit:
    """One exhibit by the number on its label. Raises NotFound."""
    return _seen(actor, Exhibit.objects.filter(number=number.strip().upper()))


def seizure_list(*, actor: Actor, list_id: UUID) -> SeizureList:
    """One seizure list. Raises NotFound."""
    found = SeizureList.objects.filter(pk=list_id).select_related("case", "unit", "approval").first()
    access.require(actor, "property.see")
    if found is None or not sees(actor, found):
        raise NotFound()
    return found


def approval(*, actor: Actor, approval_id: UUID) -> SeizureApproval:
    """One request for approval, with its case. Raises NotFound."""
    found = SeizureApproval.objects.filter(pk=approval_id).select_related("case", "unit").first()
    access.require(actor, "property.see")
    if found is None or not sees(actor, found):
        raise NotFound()
    return found


def movements(of: Exhibit) -> QuerySet[Movement]:
    """The history of a thing, the oldest first."""
    return of.movements.order_by("at", "id")


def _seen(actor: Actor, found: QuerySet[Exhibit]) -> Exhibit:
    access.require(actor, "property.see")
    one = found.select_related(*WITH).prefetch_related("case__members").first()
    if one is None or not access.may(actor, "property.see", one):
        raise NotFound()
    return one
