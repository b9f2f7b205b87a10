"""What is derived of a clock: when it ends and when it rings next. The only place that writes them."""

from collections.abc import Iterable
from datetime import datetime

from qingkong.kernel.clocks import rungs
from qingkong.kernel.clocks.loading import calendar_in_force
from qingkong.kernel.clocks.models import Clock
from qingkong.kernel.clocks.reckoning import Reckoned, Span, reckon
from qingkong.kernel.clocks.working_calendar import Calendar

DERIVED = ("due_at", "next_rung_at", "predicted")


def reckoned(clock: Clock, *, spans: Iterable[Span], calendar: Calendar) -> Reckoned | None:
    """The end of a clock with its steps; None where no number is set."""
    budget = clock.reckoned_budget()
    if budget is None:
        return None
    return reckon(budget, start=clock.started_at, calendar=calendar, suspended=list(spans))


def derive(clock: Clock, *, spans: Iterable[Span] = (), rung_already: Iterable[str] = (), calendar: Calendar) -> None:
    """Set the derived columns of a clock in memory. While it is suspended it has no end and doesn't ring."""
    clock.due_at = clock.next_rung_at = None
    clock.predicted = False
    if clock.suspended_at is not None:
        return
    result = reckoned(clock, spans=spans, calendar=calendar)
    if result is None:
        return
    clock.due_at, clock.predicted = result.due, result.predicted
    done = set(rung_already)
    clock.next_rung_at = next((at for rung, at in ladder_of(clock) if rung not in done), None)


def refresh(clock: Clock, *, calendar: Calendar | None = None, also: Iterable[str] = ()) -> None:
    """Derive anew from what is stored and save it, with the columns named in `also`."""
    derive(
        clock,
        spans=spans_of(clock),
        rung_already=clock.rungs.filter(round=round_of(clock)).values_list("rung", flat=True),
        calendar=calendar or calendar_in_force(),
    )
    clock.save(update_fields=[*DERIVED, *also])


def spans_of(clock: Clock) -> list[Span]:
    """The suspensions that have ended."""
    ended = clock.suspensions.exclude(until_at=None).values_list("since_at", "until_at")
    return [Span(since, until) for since, until in ended if until is not None]


def round_of(clock: Clock) -> int:
    """How often the clock was extended: each extension lets its alarms ring anew."""
    return clock.extensions.count()


def ladder_of(clock: Clock) -> list[tuple[str, datetime]]:
    """(rung, instant) of a clock that has an end."""
    budget = clock.reckoned_budget()
    if budget is None or clock.due_at is None:
        return []
    return rungs.ladder(clock.limit.limit.rungs or rungs.usual(budget), start=clock.started_at, due=clock.due_at)
