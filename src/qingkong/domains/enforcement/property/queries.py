"""Everything that can be asked about exhibits: scoped to who asks. Names of persons are not in any list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.domains.enforcement.property.models import (
    OPEN,
    Exhibit,
    Handback,
    Movement,
    PropertyPerson,
    SeizureApproval,
    SeizureList,
    way_label,
)
from qingkong.kernel import access, clocks, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Appointment, Unit
from qingkong.kernel.identity.posts import HANDLING, Post, UnitKind
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local

__all__ = [
    "Exhibit", "Handback", "Movement", "PropertyPerson", "SeizureApproval", "SeizureList", "Summary",
    "approval", "approvals_waiting", "approvals_waiting_count", "counts", "exhibit", "exhibit_by_number", "exhibits",
    "exhibits_of", "exhibits_on", "find", "listed", "lists_of", "movements", "offered", "offered_count", "rooms", "second_officers",
    "seizure_list", "sees", "summary_of", "siblings", "took_part", "undecided",
]  # fmt: skip

EVERYWHERE = frozenset({Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.BUREAU_LEADER, Post.INSPECTOR})
HEADS = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})
WITH = ("case", "unit", "room", "seizure_list")
MOST = 100  # counts in the menu stop here

HAND_OVER = "CW-01"
NOTE_DETAILS = "CW-02"
MAKE_UP = "XZ-14"
SEIZED_FOR = "XZ-13"


@dataclass(frozen=True, slots=True)
class Summary:
    """Exhibits of a case in numbers: how many, how many still open, how many without a decision."""

    total: int
    open: int
    undecided: int


# --- scope ---------------------------------------------------------------------------------------------------


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


# --- lists ---------------------------------------------------------------------------------------------------


def listed(*, actor: Actor, state: str = "", room: bool = False) -> QuerySet[Exhibit]:
    """The actor's exhibits for a list: `state` is a State, "open" or nothing; `room`: only those of the own room."""
    access.require(actor, "property.see")
    found = exhibits(actor).select_related("case", "unit")
    if room:
        found = found.filter(room_id=actor.unit_id)
    if state == "open":
        return found.open()
    return found.filter(state=state) if state in set(rules.State) else found


def exhibits_of(case: Any) -> list[Exhibit]:
    """All exhibits of a case by number; one query."""
    return list(Exhibit.objects.filter(case=case).select_related(*WITH).order_by("number"))


def exhibits_on(made: SeizureList) -> list[Exhibit]:
    """The things of a list in its order."""
    return list(made.exhibits.select_related(*WITH).order_by("position"))


def lists_of(case: Any) -> list[SeizureList]:
    """Seizure lists of a case, the oldest first."""
    return list(SeizureList.objects.filter(case=case).select_related("case", "unit", "approval").order_by("seized_at"))


def siblings(one: Exhibit, *, actor: Actor) -> list[Exhibit]:
    """The open things of the same case that the actor may see, this one among them."""
    found = exhibits(actor).filter(case=one.case_id).filter(OPEN)
    return list(found.select_related(*WITH).order_by("number"))


def persons_of(one: Exhibit) -> list[PropertyPerson]:
    """Holder, witness and receiver of a thing, as far as they are kept."""
    made, back = one.seizure_list, one.handback
    found = [one.holder, made.witness if made else None, back.receiver if back else None]
    return [person for person in found if person is not None]


def papers_of(one: Exhibit) -> list[papers.Paper]:
    """Seizure list and return list of a thing."""
    return [
        *(papers.of(one.seizure_list) if one.seizure_list else []),
        *(papers.of(one.handback) if one.handback else []),
    ]


def approvals_ready(case: Any) -> list[SeizureApproval]:
    """Prior approvals of a case that no seizure has used yet."""
    found = SeizureApproval.objects.filter(
        case=case, event_at=None, state=rules.ApprovalState.APPROVED, seizure_list=None
    )
    return list(found.order_by("answered_at"))


def undecided(case: Any) -> list[str]:
    """Numbers of open exhibits that nobody has decided about."""
    found = Exhibit.objects.open().filter(case=case, disposition="")
    return list(found.order_by("number").values_list("number", flat=True))


def summary_of(case: Any) -> Summary:
    """Numbers for the case page; one query."""
    states = list(Exhibit.objects.filter(case=case).values_list("state", "disposition"))
    still = [way for state, way in states if state in set(rules.OPEN)]
    return Summary(len(states), len(still), still.count(""))


def counts(case: Any) -> int:
    """How many exhibits a case has; for its tab."""
    return Exhibit.objects.filter(case=case).count()


def find(*, actor: Actor, text: str) -> list[Exhibit]:
    """Exhibits whose number is or begins with the text."""
    wanted = text.strip().upper()
    if not access.may(actor, "property.see") or not wanted.startswith("E") or len(wanted) < 5:
        return []
    found = exhibits(actor).filter(number__gte=wanted, number__lt=f"{wanted}\uffff")
    return list(found.select_related("case").order_by("number")[:10])


# --- what waits ----------------------------------------------------------------------------------------------


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


def ways_for(one: Exhibit, actor: Actor) -> list[tuple[str, str]]:
    """(id, label) of the dispositions this post may decide for this thing, for a form."""
    return [
        (way.id, way_label(way))
        for way in dispositions.table().values()
        if actor.post in way.approvers.get(one.case.kind, ()) and one.state in way.states
    ]
