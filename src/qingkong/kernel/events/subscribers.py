"""Subscribers of "this happened": called at once, in the same transaction, and failing with it."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connections

Handler = Callable[..., Any]

_handlers: dict[str, list[Handler]] = defaultdict(list)


def on(name: str, handler: Handler) -> None:
    """Call `handler(at=, actor=, **objects)` whenever `name` happened. Hanging it twice hangs it once."""
    if handler not in _handlers[name]:
        _handlers[name].append(handler)


def happened(name: str, *, at: datetime, actor: Any, using: str = "default", **objects: Any) -> None:
    """Tell every subscriber, in the order they were hung.

    A subscriber's exception goes through and so undoes the change. Raises RuntimeError outside a transaction,
    where it could undo nothing.
    """
    if not connections[using].in_atomic_block:
        raise RuntimeError(f"{name} must be told in the transaction in which it happened")
    for handler in _handlers.get(name, ()):
        handler(at=at, actor=actor, **objects)


def subscribers() -> dict[str, list[Handler]]:
    """Who listens to what; for the page that shows the wiring."""
    return {name: list(handlers) for name, handlers in sorted(_handlers.items())}
