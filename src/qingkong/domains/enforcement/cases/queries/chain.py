"""What the pages of a case, a decision and an approval show. A page of a case costs five queries here, whatever is in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from qingkong.domains.enforcement.cases.models import Approval, Case, Decision, Mediation, Party
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import ApprovalState, Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import DecisionState
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Stands:
    """How it stands with a party: the decision about them, if one is under way or made."""

    party: Party
    decision_id: UUID | None
    state: DecisionState | None
    penalty: Penalty | None
    number: str


def case_on_page(*, actor: Actor, id: UUID) -> Case:
    """A case with all that its page shows but parties: team, reports, series, kin, agreement, `waiting`. Three queries.

    `waiting` holds the open request for approval (id, matter, who, when), or None. Raises NotFound.
    """
    access.require(actor, "cases.see")
    asked = JSONObject(id="pk", matter="matter", by="asked_by_name", at="asked_at")
    open_one = Approval.objects.filter(case=OuterRef("pk"), state=ApprovalState.WAITING)
    found = (
        Case.objects.select_related("unit", "series", "mediation", "converted_from", "converted_to")
        .prefetch_related("members", "reports")
        .annotate(asked=Subquery(open_one.values(asked=asked)[:1]))
        .filter(pk=id)
        .first()
    )
    if found is None or not access.may(actor, "cases.see", found):
        raise NotFound()
    found.waiting = _waiting(found.asked)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request for approval that waits."""

    pk: UUID
    matter_label: Any
    asked_by_name: str


def _waiting(asked: dict[str, Any] | None) -> Waiting | None:
    return Waiting(UUID(asked["id"]), Matter(asked["matter"]).label, asked["by"]) if asked else None


def parties_of(case: Case) -> list[Stands]:
    """The parties of a case, each with the decision about them. One query; names stay sealed."""
    live = Decision.objects.filter(party=OuterRef("pk")).exclude(state=DecisionState.DROPPED)
    columns = ("state", "penal", "number", "warning", "fine_fen", "detention_days", "revoke", "shut")
    facts = JSONObject(id="pk", **{name: name for name in columns})
    rows = case.parties.annotate(decided=Subquery(live.values(facts=facts)[:1])).order_by("role", "ordinal")
    return [_stands(party, party.decided) for party in rows]


def _stands(party: Party, facts: dict[str, Any] | None) -> Stands:
    if not facts:
        return Stands(party, None, None, None, "")
    penalty = Penalty(
        bool(facts["warning"]), facts["fine_fen"], facts["detention_days"], bool(facts["revoke"]), bool(facts["shut"])
    )
    state = DecisionState(facts["state"])
    return Stands(party, UUID(facts["id"]), state, penalty if facts["penal"] else None, facts["number"] or "")


def decisions_of(case: Case) -> list[Decision]:
    """The decisions of a case with their notices, for who looks at its parties."""
    found = case.decisions.exclude(state=DecisionState.DROPPED).order_by("proposed_at", "id")
    return list(found.select_related("party", "case").prefetch_related("notices"))


def decision_on_page(*, actor: Actor, id: UUID) -> Decision:
    """A decision with its whole course, for its page. Raises NotFound."""
    found = (
        Decision.objects.select_related("case", "case__unit", "party", "execution")
        .prefetch_related("notices", "reviews", "services__party", "case__members")
        .filter(pk=id)
        .first()
    )
    access.require(actor, "cases.see")
    if found is None or not access.may(actor, "cases.see", found.case):
        raise NotFound()
    return found


def get_decision(*, actor: Actor, id: UUID) -> Decision:
    """One decision of a case the actor may see. Raises NotFound."""
    access.require(actor, "cases.see")
    found = Decision.objects.select_related("case", "case__unit", "party").filter(pk=id).first()
    if found is None or not access.may(actor, "cases.see", found.case):
        raise NotFound()
    return found


def get_approval(*, actor: Actor, id: UUID) -> Approval:
    """One request for approval about a case or report the actor may see. Raises NotFound."""
    found = Approval.objects.select_related("case", "report", "report__case", "unit").filter(pk=id).first()
    if found is None:
        raise NotFound()
    permission, about = ("cases.see", found.case) if found.case else ("cases.see_reports", found.report)
    if not access.may(actor, permission, about):
        raise NotFound()
    return found


def to_serve(decision: Decision) -> list[Party]:
    """Who still has to be served: the punished party, then the victims."""
    due = Q(pk=decision.party_id) | Q(role=PartyRole.VICTIM)
    served = decision.services.values("party_id")
    return list(decision.case.parties.filter(due).exclude(pk__in=served).order_by("role", "ordinal"))


def mediation_of(case: Case) -> Mediation | None:
    return Mediation.objects.filter(case=case).first()
