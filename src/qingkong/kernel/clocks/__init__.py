"""Time limits of the law that run, warn before they break, and can show how they were reckoned.

Import from here; what touches the database loads with the app registry, so it is given lazily.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.clocks.approving import ApprovalMissing
    from qingkong.kernel.clocks.limits import Body, Limit, Sure
    from qingkong.kernel.clocks.loading import calendar_in_force, load
    from qingkong.kernel.clocks.operations import (
        AlreadyRuns,
        CannotExtend,
        CannotResume,
        CannotSuspend,
        NotRunning,
        extend,
        resume,
        start,
        stop,
        stop_all,
        suspend,
    )
    from qingkong.kernel.clocks.queries import (
        ClockView,
        Due,
        NoFigure,
        NoSuchLimit,
        all_limits,
        count_due,
        due_for,
        due_of,
        figure,
        limit_in_force,
        of,
        runs,
    )
    from qingkong.kernel.clocks.reckoning import Budget, Span, TimeUnit, reckon
    from qingkong.kernel.clocks.ringing import Rang, on_ring, ring
    from qingkong.kernel.clocks.state import ClockState

_WHERE = {
    "approving": ("ApprovalMissing",),
    "limits": ("Body", "Limit", "Sure"),
    "loading": ("calendar_in_force", "load"),
    "operations": (
        "AlreadyRuns", "CannotExtend", "CannotResume", "CannotSuspend", "NotRunning",
        "extend", "resume", "start", "stop", "stop_all", "suspend",
    ),
    "queries": (
        "ClockView", "Due", "NoFigure", "NoSuchLimit", "all_limits", "count_due", "due_for", "due_of", "figure", "limit_in_force", "of", "runs",
    ),
    "reckoning": ("Budget", "Span", "TimeUnit", "reckon"),
    "ringing": ("Rang", "on_ring", "ring"),
    "state": ("ClockState",),
}  # fmt: skip
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
