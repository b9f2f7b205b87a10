"""What happened, told to other rooms in the same transaction; and what changed, told to open pages.

`on` and `happened` couple rooms that must succeed or fail together. `announce` writes a hint that pages
refresh by; it carries no content. Not for: work that may happen later (see `jobs`).
"""

from typing import TYPE_CHECKING, Any

from qingkong.kernel.events.subscribers import happened, on

if TYPE_CHECKING:
    from qingkong.kernel.events.seeing import seen_by
    from qingkong.kernel.events.stream import Announced, announce, last_id

__all__ = ["Announced", "announce", "happened", "last_id", "on", "seen_by"]


def __getattr__(name: str) -> Any:
    """Rows load with the app registry, so what touches them is given lazily."""
    if name not in __all__:
        raise AttributeError(name)
    from qingkong.kernel.events import seeing, stream

    return getattr(seeing if name == "seen_by" else stream, name)
