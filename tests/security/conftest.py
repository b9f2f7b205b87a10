"""Two stations, filled once for each test that asks for them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from tests.security.asking import Asker
from tests.security.stations import LATER, made_by, staffed


@pytest.fixture
def stations(county: SimpleNamespace, tmp_path: Any, settings: Any) -> Any:
    """`stations.here` and `stations.there`: each a county seen from one station, and that station's subjects."""
    settings.QINGKONG_HOME = tmp_path
    settings.QINGKONG_API_A_MINUTE = 10**6
    there = staffed(county)
    with override_settings(QINGKONG_CLOCK=lambda: LATER):
        yield SimpleNamespace(here=county, there=there, mine=made_by(county), theirs=made_by(there))


@pytest.fixture
def asker() -> Callable[..., Asker]:
    """One client for each actor."""
    known: dict[Any, Asker] = {}

    def of(actor: Any, **options: Any) -> Asker:
        key = (getattr(actor, "officer_id", None), getattr(actor, "unit_id", None), *options.items())
        if key not in known:
            known[key] = Asker(actor, **options)
        return known[key]

    return of
