"""The checks of the four gates, as code registers them. Their wording and force are rows a county may edit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qingkong.kernel.text import Labelled, Sentence, zh

Fails = Callable[[Any, datetime], bool | str | Sentence]


class Gate(Labelled):
    """Where supervision stands beside the work. Closing needs the first three; accountability comes after."""

    SOURCE = "source", zh("案件源头")
    PROCESS = "process", zh("执法过程")
    CLOSING = "closing", zh("结案")
    ACCOUNTABILITY = "accountability", zh("责任追究")


@dataclass(frozen=True, slots=True)
class Check:
    """One question a gate asks at a step.

    `fails(subject, at)` gives a false value where all is well, True where not, or words that say what exactly is wrong.
    `sentence` says what is missing to a tired officer, `how` how to put it right (never by back-dating), `article` the law
    in words, empty for local practice. `waivable_by` is the post that may let it pass with a written reason.
    """

    id: str
    gate: Gate
    at_step: str | tuple[str, ...]
    sentence: Sentence
    how: Sentence
    fails: Fails = field(compare=False)
    article: str = ""
    blocks: bool = True
    waivable_by: str | None = None
    effective_from: date = date.min
    effective_to: date | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        return (self.at_step,) if isinstance(self.at_step, str) else self.at_step


class TwiceRegistered(ValueError):
    """Two different checks carry the same id."""


_checks: dict[str, Check] = {}
_by_step: dict[str, list[Check]] = {}


def register(checks: Iterable[Check]) -> None:
    """Hang checks on their steps. The same check again is no fault. Raises TwiceRegistered for another of its id."""
    for check in checks:
        known = _checks.get(check.id)
        if known is not None:
            if known != check:
                raise TwiceRegistered(check.id)
            continue
        _checks[check.id] = check
        for step in check.steps:
            _by_step.setdefault(step, []).append(check)


def unregister(check_id: str) -> None:
    """Take a check down; for tests that hang their own."""
    check = _checks.pop(check_id)
    for step in check.steps:
        _by_step[step].remove(check)


def registered() -> list[Check]:
    """All checks, in the order of the gates and their ids."""
    order = list(Gate)
    return sorted(_checks.values(), key=lambda check: (order.index(check.gate), check.id))


def at_step(step: str) -> list[Check]:
    return list(_by_step.get(step, ()))


def known(check_id: str) -> Check | None:
    return _checks.get(check_id)
