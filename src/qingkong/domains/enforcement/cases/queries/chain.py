"""Decisions, approvals and kin of a case, for its page."""

from uuid import UUID

from django.db.models import Q

from qingkong.domains.enforcement.cases.models import Approval, Case, Decision, Mediation, Party
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.states import DecisionState
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound


def decisions_of(case: Case) -> list[Decision]:
    """The decisions of a case with what happened to each; six queries, whatever there are."""
    found = case.decisions.exclude(state=DecisionState.DROPPED).order_by("proposed_at", "id")
    return list(
        found.select_related("party", "case", "execution").prefetch_related("notices", "reviews", "services__party")
    )


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


def kin_of(case: Case) -> list[Case]:
    """The case this one came from, or became."""
    return list(Case.objects.filter(Q(pk=case.converted_from_id) | Q(converted_from=case)))
