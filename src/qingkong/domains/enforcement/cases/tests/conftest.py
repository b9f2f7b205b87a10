"""A browser session for any actor of the county, on the tests' clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel.identity.models import Appointment


@pytest.fixture(autouse=True)
def own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """This room's tests ask this room's checks: what other rooms hang on its steps is proved by them."""
    from qingkong.kernel.gates import checks

    own = {step: [c for c in hung if c.id.startswith("cases.")] for step, hung in checks._by_step.items()}
    monkeypatch.setattr(checks, "_by_step", own)


def now() -> datetime:
    return AT + timedelta(minutes=1)


@pytest.fixture
def signed_in(county: Any) -> Iterator[Any]:
    """A client signed in as an actor of the county: `signed_in(county.officer)`."""

    def client(actor: Any, language: str = "zh-hans") -> Client:
        appointment = Appointment.objects.select_related("officer").get(
            officer_id=actor.officer_id, unit_id=actor.unit_id, post=actor.post
        )
        browser = Client()
        browser.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
        session = browser.session
        session["appointment"] = str(appointment.pk)
        session.save()
        browser.cookies["language"] = language
        return browser

    with override_settings(QINGKONG_CLOCK="qingkong.domains.enforcement.cases.tests.conftest.now"):
        yield client
