"""What carries messages out of the house. A county names its own in QINGKONG_SMS_GATEWAY."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class GatewayFault(Exception):
    """The message was not taken; it is tried again later. The text of the fault names no person."""


class Gateway(Protocol):
    """Carries one message. `leaves_the_house` is False where messages only stay in the outbox."""

    leaves_the_house: bool

    def send(self, *, to_phone: str, text: str, reference: str) -> None:
        """Hand a message over; done when this returns. Raises GatewayFault.

        `reference` is the same each time a message is tried, so that a gateway can drop the second one.
        """


class Outbox:
    """The default: messages stay in the outbox and go nowhere."""

    leaves_the_house = False

    def send(self, *, to_phone: str, text: str, reference: str) -> None:
        raise GatewayFault("no gateway is connected")


def gateway() -> Gateway:
    """The gateway of this instance."""
    name = getattr(settings, "QINGKONG_SMS_GATEWAY", "") or f"{__name__}.Outbox"
    return import_string(name)()  # type: ignore[no-any-return]
