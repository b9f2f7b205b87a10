"""Which jobs there are. Pure: a name, a function, and how often it comes round."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Job:
    """A function called as `function(at=…, **args)`; with `every` it is on the timetable too."""

    name: str
    function: Callable[..., Any]
    every: timedelta | None


Pulse = Callable[[datetime], Any]
F = TypeVar("F", bound=Callable[..., Any])

_jobs: dict[str, Job] = {}
_pulses: dict[str, Pulse] = {}


def job(name: str, *, every: timedelta | None = None) -> Callable[[F], F]:
    """Register a function as a job. Raises ValueError where another function has the name."""

    def register(function: F) -> F:
        known = _jobs.get(name)
        if known and _place(known.function) != _place(function):
            raise ValueError(f"job {name} is registered twice")
        _jobs[name] = Job(name, function, every)
        return function

    return register


def pulse(name: str) -> Callable[[Pulse], Pulse]:
    """Register `function(at)` to be called about twice a second, beside the jobs of a worker.

    It leaves no row, so it must cost one read when there is nothing to do. A fault ends the worker,
    which the supervisor starts again.
    """

    def register(function: Pulse) -> Pulse:
        _pulses[name] = function
        return function

    return register


def find(name: str) -> Job:
    """The job of that name. Raises KeyError."""
    return _jobs[name]


def recurring() -> list[Job]:
    return [job for job in _jobs.values() if job.every]


def pulses() -> list[Pulse]:
    return list(_pulses.values())


def _place(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, function.__qualname__
