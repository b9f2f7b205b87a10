"""A browser session for any actor of the county, at the tests' instant."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel.identity.models import Appointment

CLOCK = {"now": AT}


def now() -> datetime:
    return CLOCK["now"]


@pytest.fixture
def signed_in(county: Any) -> Any:
    """A client signed in as an actor of the county: `signed_in(county.dispatcher)`."""

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

    CLOCK["now"] = AT
    with override_settings(QINGKONG_CLOCK="qingkong.domains.enforcement.calls.tests.conftest.now"):
        yield client


@pytest.fixture
def at_minute() -> Callable[[float], datetime]:
    """Move the clock of the pages to so many minutes after the tests' instant."""
    from qingkong.domains.enforcement.calls.tests.building import minutes

    def move(count: float) -> datetime:
        CLOCK["now"] = minutes(AT, count)
        return CLOCK["now"]

    return move
