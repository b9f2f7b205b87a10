"""What a case and a decision have behind them, in the form the rules ask for."""

from qingkong.domains.enforcement.cases.models import Case, Decision, Mediation, Notice
from qingkong.domains.enforcement.cases.rules.deciding import Course, ReviewGround
from qingkong.domains.enforcement.cases.rules.ending import Standing
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState, DecisionState
from qingkong.domains.enforcement.cases.rules.teams import Member, TeamRole
from qingkong.kernel.identity.posts import Post

NOTICE_WAIVED = "172-3"  # facts not established: no notice needed (程序规定 §167(3))


def team_of(case: Case) -> list[Member]:
    return [Member(m.officer_id, TeamRole(m.role), Post(m.post)) for m in case.team]


def standing_of(case: Case) -> Standing:
    """Decisions, agreement and undecided suspects of a case; three queries."""
    decisions = list(case.decisions.exclude(state=DecisionState.DROPPED).values_list("penal", "state", "party_id"))
    decided = {party for _, _, party in decisions}
    suspects = case.parties.filter(role=PartyRole.SUSPECT, ended_at=None).values_list("pk", flat=True)
    return Standing(
        kind=CaseKind(case.kind),
        state=CaseState(case.state),
        decisions=tuple((penal, DecisionState(state)) for penal, state, _ in decisions),
        mediation_performed=Mediation.objects.filter(case=case, performed_at__isnull=False).exists(),
        converted=Case.objects.filter(converted_from=case).exists(),
        suspects_undecided=sum(pk not in decided for pk in suspects),
    )


def last_notice(decision: Decision) -> Notice | None:
    return decision.notices.order_by("-told_at", "-id").first()


def review_grounds(decision: Decision, notice: Notice | None) -> frozenset[ReviewGround]:
    """Why this decision needs a legal review first; empty where §114 asks for none."""
    grounds = set()
    if not decision.penal:
        return frozenset()
    if decision.case.public_interest:
        grounds.add(ReviewGround.PUBLIC_INTEREST)
    if decision.case.complex:
        grounds.add(ReviewGround.COMPLEX)
    if notice is not None and notice.heard_at is not None:
        grounds.add(ReviewGround.HEARD)
    return frozenset(grounds)


def course_of(decision: Decision) -> Course:
    """What has happened on the way to a decision."""
    notices = list(decision.notices.order_by("told_at", "id"))
    notice = notices[-1] if notices else None
    review = decision.reviews.filter(reviewed_at__isnull=False).order_by("-reviewed_at", "-id").first()
    since = max(notice.told_at, decision.proposed_at) if notice else decision.proposed_at
    current = review is not None and review.asked_at >= since  # of what is proposed now
    return Course(
        penalty=decision.penalty if decision.penal else None,
        told=notice.penalty if notice else None,
        notice_waived_by_law=not decision.penal and decision.no_penalty_ground == NOTICE_WAIVED,
        defended=any(n.defended for n in notices),
        defence_answered=all(n.defence_answered for n in notices if n.defended),
        hearing_right=bool(notice and notice.hearing_right),
        hearing_asked=any(n.hearing_asked_at for n in notices),
        hearing_given_up=bool(notice and notice.hearing_given_up_at),
        hearing_until=notice.hearing_until if notice else None,
        heard=any(n.heard_at for n in notices),
        review_grounds=review_grounds(decision, notice),
        review_passed=bool(current and review and review.passed),
    )
