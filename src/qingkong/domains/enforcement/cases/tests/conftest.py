"""A browser session for any actor of the county, on the tests' clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel.identity.models import Appointment


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
