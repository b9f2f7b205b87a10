"""This room's own checks, and pages a minute after the tests' instant."""

from datetime import timedelta
from typing import Any

import pytest

from qingkong.conftest import AT


@pytest.fixture(autouse=True)
def own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """This room's tests ask this room's checks: what other rooms hang on its steps is proved by them."""
    from qingkong.kernel.gates import checks

    own = {step: [c for c in hung if c.id.startswith("cases.")] for step, hung in checks._by_step.items()}
    monkeypatch.setattr(checks, "_by_step", own)


@pytest.fixture
def signed_in(signed_in: Any, clock: Any) -> Any:
    """A browser a minute after what the tests build."""
    clock(AT + timedelta(minutes=1))
    return signed_in
