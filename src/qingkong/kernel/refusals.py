"""What the system declines, and the sentence that says why and what to do next.

A refusal is an answer, not a fault: the edge shows it, and records it in a transaction of its own.
"""

from collections.abc import Mapping

from qingkong.kernel.text import Sentence, zh


class Refusal(Exception):
    """Declined; `reason` says why, `how` what to do instead, `field` which input it is about."""

    status = 409

    def __init__(
        self, reason: Sentence, *, how: Sentence | None = None, field: str | None = None, **facts: object
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.how = how
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.reason}{self.how}" if self.how else str(self.reason)


class NotPermitted(Refusal):
    """The actor's post doesn't carry this permission, or not for this subject."""

    status = 403


NOTHING_THERE = zh("没有找到。")


class NotFound(Refusal):
    """There is no such thing, or none that this actor may know of. The two look alike on purpose."""

    status = 404

    def __init__(self, reason: Sentence = NOTHING_THERE, **kwargs: object) -> None:
        super().__init__(reason, **kwargs)  # type: ignore[arg-type]


class TooMany(Refusal):
    """Too many tries in a short time."""

    status = 429


class Invalid(Refusal):
    """Input that can't be taken; `errors` names each field and what is wrong with it."""

    status = 422

    def __init__(self, errors: Mapping[str, Sentence]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = dict(errors)
