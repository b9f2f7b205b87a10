"""The two passes of a submit. In the second, the form that had said yes says no and shows the refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from qingkong.kernel.refusals import Refusal

FormKey = tuple[type, str]

_accepted: ContextVar[list[FormKey] | None] = ContextVar("accepted", default=None)
_refused: ContextVar[tuple[Refusal, FormKey] | None] = ContextVar("refused", default=None)


@contextmanager
def first() -> Iterator[list[FormKey]]:
    """The forms that say yes while a page runs, in that order."""
    accepted: list[FormKey] = []
    token = _accepted.set(accepted)
    try:
        yield accepted
    finally:
        _accepted.reset(token)


@contextmanager
def second(refusal: Refusal, accepted: list[FormKey]) -> Iterator[None]:
    """While a page runs again: the last form that had said yes is refused."""
    token = _refused.set((refusal, accepted[-1]))
    try:
        yield
    finally:
        _refused.reset(token)


def accept(key: FormKey) -> None:
    """A form has said yes."""
    if (accepted := _accepted.get()) is not None:
        accepted.append(key)


def refusal_of(key: FormKey) -> Refusal | None:
    """The refusal this form must show, if any."""
    refused = _refused.get()
    return refused[0] if refused and refused[1] == key else None
