"""Who may stand in a case team: two officers who handle it, one legal officer who is neither and never approves.

治安管理处罚法 §108 asks for two officers; an auxiliary is none. MISSION: the legal officer takes part in the case
and makes the last check of its file, so whoever checks can't be who acts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import Labelled, Sentence, zh


class TeamRole(Labelled):
    LEAD = "lead", zh("主办民警")
    SECOND = "second", zh("协办民警")
    LEGAL = "legal", zh("法制员")


HANDLERS = (TeamRole.LEAD, TeamRole.SECOND)
CHECKERS = frozenset({Post.LEGAL_OFFICER, Post.LEGAL_SECTION})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a role, with the post held on the day."""

    officer_id: UUID
    role: TeamRole
    post: Post


AUXILIARY = zh("辅警不能作办案民警。")
NOT_A_HANDLER = zh("{post}不办案，不能作主办或者协办民警。")
NOT_A_CHECKER = zh("只有法制员或者法制大队民警能作本案法制员。")
TWICE = zh("办案民警与法制员不能是同一人，主办与协办也不能是同一人。")
NO_LEAD = zh("没有主办民警。")
NO_SECOND = zh("没有协办民警，办案民警不得少于二人。")
NO_LEGAL = zh("没有法制员。")
OWN_CASE = zh("您是本案办案民警，不能审批本案。")
LEGAL_OF_CASE = zh("您是本案法制员，参与并检查本案，不能审批本案。")


def why_not_in(role: TeamRole, post: Post) -> Sentence | None:
    """Why somebody in this post may not take this role, or None."""
    if role is TeamRole.LEGAL:
        return None if post in CHECKERS else NOT_A_CHECKER
    if post is Post.AUXILIARY:
        return AUXILIARY
    return None if post in HANDLING else NOT_A_HANDLER.fill(post=post.label)


def why_not_team(members: Iterable[Member]) -> Sentence | None:
    """Why these people can't be the team of a case together, or None."""
    members = list(members)
    for member in members:
        if reason := why_not_in(member.role, member.post):
            return reason
    if len({member.officer_id for member in members}) < len(members):
        return TWICE
    return why_incomplete(member.role for member in members)


def why_incomplete(roles: Iterable[TeamRole]) -> Sentence | None:
    """What a team lacks, or None."""
    roles = set(roles)
    lacking = {TeamRole.LEAD: NO_LEAD, TeamRole.SECOND: NO_SECOND, TeamRole.LEGAL: NO_LEGAL}
    return next((reason for role, reason in lacking.items() if role not in roles), None)


def why_not_approve(officer_id: UUID | None, team: Iterable[Member]) -> Sentence | None:
    """Why this officer may not approve in this case, or None: who acts and who checks don't approve."""
    for member in team:
        if member.officer_id == officer_id:
            return LEGAL_OF_CASE if member.role is TeamRole.LEGAL else OWN_CASE
    return None
