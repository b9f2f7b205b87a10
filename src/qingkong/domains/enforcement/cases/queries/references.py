"""Whether a number stands behind a look: open, and assigned to who looks (B report, A and X case)."""

from datetime import datetime

from qingkong.domains.enforcement.cases.models import Case, Decision, Report
from qingkong.domains.enforcement.cases.queries import scope
from qingkong.domains.enforcement.cases.rules.states import DecisionState
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post

UNDER_WAY = (DecisionState.NOTIFIED, DecisionState.IN_REVIEW, DecisionState.REVIEWED, DecisionState.ASKED)


def report_assigned(number: str, actor: Actor, at: datetime) -> bool:
    """A report under review belongs to who registered it and to the heads of its unit; later, to the case's team."""
    report = Report.objects.filter(number=number).select_related("case").first()
    if report is None:
        return False
    if report.case is not None:
        return case_assigned(report.case.number, actor, at)
    if actor.post is Post.INSPECTOR:
        return True
    if not report.is_open and report.answer_served_at is not None:
        return False
    if report.registered_by_id == actor.officer_id or scope.heads(actor, report.unit_id):
        return True
    if actor.post in scope.REGISTERS and actor.unit_id == report.unit_id:
        return report.is_open
    return actor.post is Post.BUREAU_LEADER and report.approvals.filter(state="waiting").exists()


def case_assigned(number: str, actor: Actor, at: datetime) -> bool:
    """An open case belongs to its team, its unit's head and the leaders; to the legal section while a decision is under way."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        return False
    if actor.post is Post.INSPECTOR:
        return True
    if actor.post is Post.BUREAU_LEADER:
        return case.is_open
    if actor.post is Post.LEGAL_SECTION and Decision.objects.filter(case=case, state__in=UNDER_WAY).exists():
        return True
    return case.is_open and (scope.in_team(actor, case) or scope.heads(actor, case.unit_id))
