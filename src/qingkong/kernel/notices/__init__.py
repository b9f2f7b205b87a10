"""Telling people: short messages to a phone, lines in an officer's inbox.

The phone is sealed and opened only to deliver; nothing personal is logged.
Not for: papers that must be served (they have a service record of their own).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.notices.gateways import Gateway, GatewayFault
    from qingkong.kernel.notices.inbox import Told, inbox_of, mark_read, tell, unread_count
    from qingkong.kernel.notices.messages import outbox, send, undelivered
    from qingkong.kernel.notices.models import Message

_WHERE = {
    "gateways": ("Gateway", "GatewayFault"),
    "inbox": ("Told", "inbox_of", "mark_read", "tell", "unread_count"),
    "models": ("Message",),
    "messages": ("outbox", "send", "undelivered"),
}
_HOME = {name: module for module, names in _WHERE.items() for name in names}
__all__ = [
    "Gateway", "GatewayFault", "Message", "Told", "inbox_of", "mark_read", "outbox", "send", "tell", "undelivered",
    "unread_count",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Rows load with the app registry, so what touches them is given lazily."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
