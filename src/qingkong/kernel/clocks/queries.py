"""What can be asked of limits and clocks. Lists are one query, whatever they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from qingkong.kernel.access import Actor
from qingkong.kernel.clocks.limits import Limit
from qingkong.kernel.clocks.models import Clock, TimeLimit
from qingkong.kernel.clocks.state import ClockState, left_in_words, state_of
from qingkong.kernel.clocks.wording import Bilingual
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.records import subject_key, threads_of
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Sentence, local, zh

SEE_ALL = frozenset({Post.BUREAU_LEADER, Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.INSPECTOR})
SEE_THEIR_UNIT = frozenset({Post.STATION_HEAD, Post.BRIGADE_HEAD})


class NoSuchLimit(NotFound):
    """No limit of this id is in force on that day."""


class NoFigure(NotFound):
    """The limit has no figure of this name."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as pages show it. `name` reads in the reader's language; `article` is law and article in Chinese."""

    id: UUID
    limit_id: str
    name: Sentence
    article: str
    subject_key: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    suspended_at: datetime | None
    held: bool
    late: bool
    predicted: bool
    promptly: str
    local: bool
    local_source: str
    sure: Sentence
    extensible: bool

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None

    def fraction(self, at: datetime) -> float:
        """How much of the time is gone, 0 to 1; 1 when it has run out."""
        until = self.stopped_at or at
        if self.due_at is None or self.due_at <= self.started_at:
            return 0.0
        return min(max((until - self.started_at) / (self.due_at - self.started_at), 0.0), 1.0)

    def state(self, at: datetime) -> ClockState:
        """ok, warn, overdue or stopped. A local standard never is `overdue`: nobody broke a law."""
        return state_of(
            started_at=self.started_at, due_at=self.due_at, stopped_at=self.stopped_at, local=self.local, at=at
        )

    def left(self, at: datetime) -> Sentence:
        """What is left, or by how much it is over, in words."""
        if self.stopped_at is not None:
            return zh("已办结，逾期") if self.late else zh("已办结")
        if self.suspended:
            return zh("中止中")
        if self.due_at is None:
            return zh("应当{promptly}", promptly=zh(self.promptly)) if self.promptly else zh("未定期限")
        return left_in_words(self.due_at, at)


@dataclass(frozen=True, slots=True)
class Due:
    """A running clock that ends soon, or has."""

    clock: ClockView
    unit_id: UUID | None
    officer_id: UUID | None
    thread: str

    @property
    def subject_key(self) -> str:
        return self.clock.subject_key

    @property
    def due_at(self) -> datetime | None:
        return self.clock.due_at


def limit_in_force(limit_id: str, *, at: datetime) -> TimeLimit:
    """The version of a limit in force on the county's day of `at`. Raises NoSuchLimit."""
    day = local(at).date()
    rows = TimeLimit.objects.filter(Q(effective_to=None) | Q(effective_to__gt=day), effective_from__lte=day)
    row = rows.filter(code=limit_id).first()
    if row is None:
        raise NoSuchLimit(
            zh("{day} 没有有效的期限“{limit}”。", day=day.isoformat(), limit=limit_id),
            how=zh("请先载入期限数据（qingkong data load），或核对编号。"),
        )
    return row


def figure(limit_id: str, name: str, *, at: datetime) -> int:
    """A number of the law that isn't time, in force at `at`: money in fen, people in heads. Raises NoFigure."""
    limit = limit_in_force(limit_id, at=at).limit
    if name not in limit.figures:
        raise NoFigure(zh("“{limit}”没有数字“{name}”。", limit=limit.name, name=name))
    return limit.figures[name]


def all_limits(*, at: datetime | None = None) -> list[Limit]:
    """All limits, or those in force at `at`, by id."""
    rows = TimeLimit.objects.order_by("code", "effective_from")
    found = [row.limit for row in rows]
    return found if at is None else [limit for limit in found if limit.runs_on(local(at).date())]


def of(subject: models.Model | str, *, whole_thread: bool = False) -> list[ClockView]:
    """The clocks of a subject, running ones first in the order they end; with `whole_thread`, also those of everything
    that belongs to the same call or case. One query."""
    mine = Q(subject_key=subject_key(subject))
    if whole_thread and (threads := [subject] if isinstance(subject, str) else threads_of(subject)):
        mine |= Q(thread__in=threads)
    return views(Clock.objects.filter(mine))


def due_for(actor: Actor, *, at: datetime, within: timedelta = timedelta(days=3), limit: int = 200) -> list[Due]:
    """Running clocks that end before `at + within`, the most overdue first, as far as the actor's post looks.

    An officer sees their own and their unit's unassigned ones, heads their unit's, leaders and reviewers all; at most
    `limit` of them. One query.
    """
    rows = _ending(actor, at + within).select_related("limit").order_by("due_at", "id")[:limit]
    return [Due(view(clock), clock.unit_id, clock.officer_id, clock.thread) for clock in rows]


def due_of(subject_keys: Iterable[str], *, at: datetime, within: timedelta = timedelta(days=3)) -> list[Due]:
    """Running clocks of these subjects that end before `at + within`, for who follows them without owning them."""
    rows = Clock.objects.filter(subject_key__in=list(subject_keys), stopped_at=None, due_at__lt=at + within)
    rows = rows.select_related("limit").order_by("due_at", "id")
    return [Due(view(clock), clock.unit_id, clock.officer_id, clock.thread) for clock in rows]


def count_due(actor: Actor, *, at: datetime, within: timedelta = timedelta(days=3)) -> int:
    """How many `due_for` would give without its limit. One query."""
    return _ending(actor, at + within).count()


def runs(limit_id: str, *, subject: models.Model | str) -> bool:
    """Whether this limit runs for this subject."""
    return Clock.objects.filter(subject_key=subject_key(subject), code=limit_id, stopped_at=None).exists()


def views(clocks: QuerySet[Clock]) -> list[ClockView]:
    rows = clocks.select_related("limit").order_by("started_at", "id")
    return sorted((view(clock) for clock in rows), key=_running_first)


def view(clock: Clock) -> ClockView:
    limit = clock.limit.limit
    return ClockView(
        id=clock.pk,
        limit_id=clock.code,
        name=Bilingual(limit.name, limit.name_en),
        article=limit.basis,
        subject_key=clock.subject_key,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        suspended_at=clock.suspended_at,
        held=clock.held,
        late=clock.late,
        predicted=clock.predicted,
        promptly=limit.promptly,
        local=clock.is_local,
        local_source=limit.local.source if clock.is_local and limit.local else "",
        sure=limit.sure.label,
        extensible=bool(limit.extensions) and clock.stopped_at is None,
    )


def _running_first(clock: ClockView) -> tuple[bool, bool, datetime]:
    at = clock.due_at or clock.stopped_at or clock.started_at
    return (clock.stopped_at is not None, clock.due_at is None, at)


def _ending(actor: Actor, before: datetime) -> QuerySet[Clock]:
    clocks = Clock.objects.filter(stopped_at=None, due_at__lt=before)
    if actor.post in SEE_ALL:
        return clocks
    if actor.unit_id is None:
        return clocks.none()
    if actor.post in SEE_THEIR_UNIT:
        return clocks.filter(Q(unit=actor.unit_id) | Q(officer=actor.officer_id))
    return clocks.filter(Q(officer=actor.officer_id) | Q(unit=actor.unit_id, officer=None))
