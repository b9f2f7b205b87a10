"""My day: what is due in the order of the clocks, and what waits for others."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qingkong.kernel import clocks
from qingkong.kernel.access import Actor
from qingkong.kernel.clocks.state import left_in_words
from qingkong.kernel.text import Sentence, local
from qingkong.web import desk
from qingkong.web.hanging import DueRow

AHEAD = timedelta(days=3)
LAST = datetime.max.replace(tzinfo=UTC)
MOST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the thing to do, and how it stands."""

    due: DueRow
    state: str  # overdue, warn, ok or idle
    left: Sentence | None


@dataclass(frozen=True, slots=True)
class Day:
    rows: list[Row]
    waiting: list[Row]
    overdue: int
    today: int
    soon: int
    more: int

    @property
    def pressing(self) -> int:
        """Overdue and due today: what the menu shows in red."""
        return self.overdue + self.today


def day_of(actor: Actor, *, at: datetime) -> Day:
    """An officer's day: clocks that end within three days and what rooms hang, the most overdue first."""
    due = [_of_clock(one) for one in clocks.due_for(actor, at=at, within=AHEAD)]
    due += [row for rows in desk.hung.due for row in rows(actor, at)]
    rows = sorted((_row(row, at) for row in due), key=lambda row: row.due.due_at or LAST)
    waiting = [_row(row, at) for rows_of in desk.hung.waiting for row in rows_of(actor, at)]
    ends = [row.due.due_at for row in rows if row.due.due_at]
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return Day(
        rows=rows[:MOST],
        waiting=waiting,
        overdue=sum(end <= at for end in ends),
        today=sum(at < end <= midnight for end in ends),
        soon=sum(midnight < end <= at + AHEAD for end in ends),
        more=max(0, len(rows) - MOST),
    )


def _of_clock(due: clocks.Due) -> DueRow:
    return DueRow(
        sentence=due.clock.name,
        url=desk.subject_url(due.subject_key),
        reference=due.thread,
        basis=due.clock.article,
        due_at=due.due_at,
    )


def _row(due: DueRow, at: datetime) -> Row:
    if due.due_at is None:
        return Row(due, "idle", None)
    left = due.due_at - at
    state = "overdue" if left <= timedelta(0) else "warn" if left <= timedelta(days=1) else "ok"
    return Row(due, state, left_in_words(due.due_at, at))
