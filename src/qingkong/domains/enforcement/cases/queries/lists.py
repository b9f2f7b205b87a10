"""Lists of reports, cases and what waits for an approver: numbers, titles, states. No persons."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from qingkong.domains.enforcement.cases.models import Approval, Case, Decision, LegalReview, Report, Series, TeamMember
from qingkong.domains.enforcement.cases.queries import law, scope
from qingkong.domains.enforcement.cases.rules.matters import ApprovalState, Matter
from qingkong.domains.enforcement.cases.rules.states import (
    OPEN_CASE,
    CaseKind,
    CaseState,
    DecisionState,
    ReportState,
    Way,
)
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post

LATEST_FILED = ("-filed_at", "-id")
LATEST_REGISTERED = ("-registered_at", "-id")
PAGE = 25
MANY = 100  # counts in the menu stop here


def cases(*, actor: Actor, kind: str = "", state: str = "", mine: bool = False) -> QuerySet[Case]:
    """Cases the actor may see, to be paged by LATEST_FILED. `state`: a CaseState, "open", or everything.

    Each row has `lead_name`. No person but officers is in it.
    """
    access.require(actor, "cases.see")
    found = scope.own_cases(actor) if mine else scope.cases_for(actor)
    if kind in set(CaseKind):
        found = found.filter(kind=kind)
    if state == "open":
        found = found.filter(state__in=OPEN_CASE)
    elif state in set(CaseState):
        found = found.filter(state=state)
    return with_lead(found)


def with_lead(found: QuerySet[Case]) -> QuerySet[Case]:
    lead = TeamMember.objects.filter(case=OuterRef("pk"), role=TeamRole.LEAD, until_at=None).values("officer_name")[:1]
    return found.select_related("unit").annotate(lead_name=Subquery(lead))


def reports(*, actor: Actor, state: str = "") -> QuerySet[Report]:
    """Reports the actor may see, to be paged by LATEST_REGISTERED. Reporters stay sealed."""
    access.require(actor, "cases.see_reports")
    found = scope.reports_for(actor)
    if state in set(ReportState):
        found = found.filter(state=state)
    return found.select_related("unit", "case")


def series(*, actor: Actor) -> list[Series]:
    """Series the actor's posts may see: all for those who see everything, else those with a case of theirs."""
    access.require(actor, "cases.see")
    found = Series.objects.order_by("-opened_at", "-id").select_related("unit")
    if actor.post not in scope.EVERYTHING:
        found = found.filter(Q(cases__in=scope.cases_for(actor)) | Q(unit_id=actor.unit_id)).distinct()
    return list(found[:PAGE])


def approvals_waiting(*, actor: Actor, at: datetime) -> QuerySet[Approval]:
    """What waits for this actor's approval, the oldest first."""
    matters = law.matters_of(actor.post, actor.unit_kind, at=at)
    if Matter.FILE_CRIMINAL in matters:
        matters.add(Matter.CONVERT)
    waiting = Approval.objects.filter(state=ApprovalState.WAITING, matter__in=matters)
    if actor.post is not Post.BUREAU_LEADER:
        waiting = waiting.filter(unit_id=actor.unit_id)
    return waiting.exclude(asked_by_id=actor.officer_id).select_related("case", "report", "unit").order_by("asked_at")


def decisions_waiting(*, actor: Actor) -> QuerySet[Decision]:
    """Decisions that wait for this actor: heads their unit's, leaders all."""
    if actor.post not in scope.HEADS | {Post.BUREAU_LEADER}:
        return Decision.objects.none()
    waiting = Decision.objects.filter(state=DecisionState.ASKED)
    if actor.post in scope.HEADS:
        waiting = waiting.filter(case__unit_id=actor.unit_id)
    return waiting.select_related("case", "case__unit", "party").order_by("asked_at")


def reviews_waiting(*, actor: Actor) -> QuerySet[LegalReview]:
    """Legal reviews that wait for the legal section, the oldest first."""
    if actor.post is not Post.LEGAL_SECTION:
        return LegalReview.objects.none()
    waiting = LegalReview.objects.filter(reviewed_at=None)
    return waiting.select_related("decision__case", "decision__case__unit").order_by("asked_at")


def open_cases_count(actor: Actor, at: datetime) -> int:
    """How many open cases are the actor's own (or their unit's, for a head); stops at MANY."""
    if actor.post in scope.HEADS:
        found = Case.objects.filter(unit_id=actor.unit_id, state__in=OPEN_CASE)
    else:
        found = scope.own_cases(actor).filter(state__in=OPEN_CASE)
    return _count(found)


def open_reports_count(actor: Actor, at: datetime) -> int:
    """How many reports of the actor's unit are under review; stops at MANY."""
    if actor.post not in scope.REGISTERS:
        return 0
    return _count(Report.objects.filter(unit_id=actor.unit_id, state=ReportState.REGISTERED))


def waiting_count(actor: Actor, at: datetime) -> int:
    """How much waits for the actor's approval, decision or review."""
    return (
        _count(approvals_waiting(actor=actor, at=at))
        + _count(decisions_waiting(actor=actor))
        + _count(reviews_waiting(actor=actor))
    )


def _count(found: QuerySet[Any]) -> int:
    return found.order_by().values("pk")[:MANY].count()


def without_receipt(*, actor: Actor) -> QuerySet[Report]:
    """Reports the actor registered whose receipt wasn't given, the oldest first."""
    found = Report.objects.filter(registered_by_id=actor.officer_id, receipt_at=None, state=ReportState.REGISTERED)
    return found.exclude(way__in=[Way.FOUND, Way.TRANSFER]).order_by("registered_at")


def asked_by(*, actor: Actor) -> QuerySet[Approval]:
    """What the actor asked for and waits to be answered."""
    found = Approval.objects.filter(asked_by_id=actor.officer_id, state=ApprovalState.WAITING)
    return found.select_related("case", "report").order_by("asked_at")
