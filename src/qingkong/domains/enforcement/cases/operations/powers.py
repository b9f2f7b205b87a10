"""Whether the law gives the actor the power for a matter in this unit, and whether somebody else must approve."""

from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case
from qingkong.domains.enforcement.cases.rules import teams
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotPermitted, Refusal
from qingkong.kernel.text import zh

BY_LAW = zh("{matter}由{posts}批准（{article}）。")
ASK = zh("请报请审批。")
OTHER_UNIT = zh("这是其他单位的案件。")


class NoPower(NotPermitted):
    """The law gives this matter to other posts; the message names them and the article."""


class OwnCase(Refusal):
    """Who handles or checks a case doesn't approve in it."""

    status = 403


def has_power(matter: Matter, *, unit: Unit, actor: Actor, at: datetime) -> bool:
    """Whether the actor may do this at once, or must ask."""
    return _carrying(matter, unit, actor, at) and _within(unit, actor)


def require_power(matter: Matter, *, unit: Unit, actor: Actor, at: datetime, case: Case | None = None) -> None:
    """Raises NoPower where the law names other posts, OwnCase where the actor stands in the case's team."""
    if not _carrying(matter, unit, actor, at):
        rows = [row for row in queries.powers(matter, at=at) if row.unit in (None, unit.kind)]
        posts = sorted({post for row in rows for post in row.posts}, key=list(Post).index)
        raise NoPower(
            BY_LAW.fill(
                matter=matter.label,
                posts="、".join(str(post.label) for post in posts) or "—",
                article=rows[0].article if rows else "—",
            ),
            how=ASK,
        )
    if not _within(unit, actor):
        raise NoPower(OTHER_UNIT)
    if case is not None and (reason := teams.why_not_approve(actor.officer_id, queries.team_of(case))):
        raise OwnCase(reason, case=case.number)


def _carrying(matter: Matter, unit: Unit, actor: Actor, at: datetime) -> bool:
    rows: list[Any] = queries.powers(matter, at=at)
    return any(actor.post in row.posts and row.unit in (None, unit.kind) for row in rows)


def _within(unit: Unit, actor: Actor) -> bool:
    return actor.post is Post.BUREAU_LEADER or actor.unit_id == unit.pk
