"""Lists: of the actor, of a case, of a seizure list; and what hangs on one thing. No names of persons."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.domains.enforcement.property.models import (
    OPEN,
    Exhibit,
    PropertyPerson,
    SeizureApproval,
    SeizureList,
    way_label,
)
from qingkong.domains.enforcement.property.queries.scope import WITH, exhibits
from qingkong.kernel import access, papers
from qingkong.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class Summary:
    """Exhibits of a case in numbers: how many, how many still open, how many without a decision."""

    total: int
    open: int
    undecided: int


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


def ways_for(one: Exhibit, actor: Actor) -> list[tuple[str, str]]:
    """(id, label) of the dispositions this post may decide for this thing, for a form."""
    return [
        (way.id, way_label(way))
        for way in dispositions.table().values()
        if actor.post in way.approvers.get(one.case.kind, ()) and one.state in way.states
    ]
