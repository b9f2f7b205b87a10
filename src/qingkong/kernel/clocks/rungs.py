"""When a clock rings: so long before its end, and at its end. Pure."""

import re
from datetime import datetime, timedelta

from qingkong.kernel.clocks.reckoning import Budget, TimeUnit

END = "0"
_FORM = re.compile(r"(\d{1,3})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def before(rung: str) -> timedelta:
    """How long before the end a rung rings: "3d", "4h", "30m", or "0" at the end. Raises ValueError."""
    if rung == END:
        return timedelta(0)
    match = _FORM.fullmatch(rung)
    if not match:
        raise ValueError(f"a rung is written 3d, 4h, 30m or 0, not {rung!r}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def usual(budget: Budget) -> tuple[str, ...]:
    """The rungs of a limit that names none, by its length."""
    match budget.unit:
        case TimeUnit.MINUTES:
            return (END,)
        case TimeUnit.HOURS:
            return ("4h", "1h", END) if budget.amount >= 12 else ("1h", "30m", END)
        case TimeUnit.MONTHS | TimeUnit.YEARS:
            return ("15d", "7d", "3d", "1d", END)
        case _:
            return ("7d", "3d", "1d", END) if budget.amount > 15 else ("1d", END)


def ladder(rungs: tuple[str, ...], *, start: datetime, due: datetime) -> list[tuple[str, datetime]]:
    """(rung, instant) in the order they ring; one that would ring before the start doesn't ring."""
    instants = [(rung, due - before(rung)) for rung in rungs]
    return sorted(((rung, at) for rung, at in instants if at > start or rung == END), key=lambda each: each[1])
