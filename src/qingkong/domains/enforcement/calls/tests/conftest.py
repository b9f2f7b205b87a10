from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.tests.building import minutes


@pytest.fixture
def at_minute(clock: Any) -> Callable[[float], datetime]:
    """Move the clock of the pages to so many minutes after the tests' instant."""

    def move(count: float) -> datetime:
        clock(minutes(AT, count))
        return minutes(AT, count)

    return move
