"""A call, a case and signed-in senders; an empty vault for each test."""

from typing import Any

import pytest

from qingkong.domains.enforcement.evidence.tests.conftest import call, case, home
from tests.uploads.sending import Sender

__all__ = ["call", "case", "home"]  # fixtures


@pytest.fixture
def send(signed_in: Any, county: Any, call: Any) -> Sender:
    """The station's officer, sending for the call."""
    return Sender(signed_in(county.officer), call.number)


@pytest.fixture
def sender_of(signed_in: Any, call: Any) -> Any:
    """Somebody else, sending for the same call."""
    return lambda actor, number="": Sender(signed_in(actor), number or call.number)
