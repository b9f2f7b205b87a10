"""Who sees which reports and cases: the team, its unit's head, legal section, case office, leaders, inspector.

Another station never does, nor does the administrator. Asked of rows (`sees_case`) and of lists (`cases_for`) alike.
"""

from typing import Any

from django.db.models import Q, QuerySet

from qingkong.domains.enforcement.cases.models import Case, Report, TeamMember
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import HANDLING, Post

EVERYTHING = frozenset({Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.BUREAU_LEADER, Post.INSPECTOR})
HEADS = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})
TEAMS = HANDLING | {Post.LEGAL_OFFICER}
SEES_CASES = EVERYTHING | TEAMS
REGISTERS = HANDLING


def heads(actor: Actor, unit_id: object) -> bool:
    """Whether the actor heads this unit."""
    return actor.post in HEADS and actor.unit_id == unit_id


def in_team(actor: Actor, case: Case) -> bool:
    return actor.post in TEAMS and actor.officer_id in case.member_ids()


def sees_case(actor: Actor, case: Case) -> bool:
    return actor.post in EVERYTHING or heads(actor, case.unit_id) or in_team(actor, case)


def sees_report(actor: Actor, report: Report) -> bool:
    if actor.post in EVERYTHING:
        return True
    if actor.post in REGISTERS and actor.unit_id == report.unit_id:
        return True
    return bool(report.case_id and report.case and in_team(actor, report.case))


def cases_for(actor: Actor) -> QuerySet[Case]:
    """The cases an actor may see."""
    if actor.post in EVERYTHING:
        return Case.objects.all()
    if actor.post not in TEAMS:
        return Case.objects.none()
    if actor.post in HEADS:
        return Case.objects.filter(Q(unit_id=actor.unit_id) | Q(pk__in=_mine(actor)))
    return Case.objects.filter(pk__in=_mine(actor))


def own_cases(actor: Actor) -> QuerySet[Case]:
    """The cases in whose team the actor stands."""
    return Case.objects.filter(pk__in=_mine(actor)) if actor.post in TEAMS else Case.objects.none()


def reports_for(actor: Actor) -> QuerySet[Report]:
    """The reports an actor may see."""
    if actor.post in EVERYTHING:
        return Report.objects.all()
    if actor.post in REGISTERS:
        return Report.objects.filter(Q(unit_id=actor.unit_id) | Q(case__in=_mine(actor)))
    if actor.post is Post.LEGAL_OFFICER:
        return Report.objects.filter(case__in=_mine(actor))
    return Report.objects.none()


def _mine(actor: Actor) -> Any:
    return TeamMember.objects.filter(officer=actor.officer_id, until_at=None).values("case_id")


def reports_of_call(call: Any, *, actor: Actor) -> list[Report]:
    """The report that a call became, if the actor may see it."""
    return list(reports_for(actor).filter(call_id=call.pk).select_related("case").order_by("registered_at"))
