"""Work that happens later or again and again: rows of the main database, run by `qingkong jobs run`.

A job is idempotent: after a crash it runs again. Its arguments are ids and numbers, never personal data.
Not for: what must happen with the change itself (see `events`).
"""

from typing import TYPE_CHECKING, Any

from qingkong.kernel.jobs.registry import job, pulse

if TYPE_CHECKING:
    from qingkong.kernel.jobs.queue import enqueue, failed, run_again
    from qingkong.kernel.jobs.runner import run_due

_HOME = {"enqueue": "queue", "failed": "queue", "run_again": "queue", "run_due": "runner"}

__all__ = ["enqueue", "failed", "job", "pulse", "run_again", "run_due"]


def __getattr__(name: str) -> Any:
    """Rows load with the app registry, so what touches them is given lazily."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
