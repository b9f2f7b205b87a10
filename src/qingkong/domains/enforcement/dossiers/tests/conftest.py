from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel.identity.models import Appointment

NOW = {"at": AT}


def now() -> Any:
    """The tests' clock."""
    return NOW["at"]


@pytest.fixture
def signed_in(county: Any) -> Any:
    """A client signed in as an actor of the county (`signed_in(county.officer)`), at AT unless `at` is moved."""
    NOW["at"] = AT
    with override_settings(QINGKONG_CLOCK=now):
        yield _sign_in


def _sign_in(actor: Any, *, language: str = "zh-hans") -> Client:
    browser = Client()
    appointment = Appointment.objects.select_related("officer").get(
        officer_id=actor.officer_id, unit_id=actor.unit_id, post=actor.post
    )
    browser.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["appointment"] = str(appointment.pk)
    session.save()
    browser.cookies["language"] = language
    return browser


@pytest.fixture
def clock(signed_in: Any) -> Callable[[Any], None]:
    """Move the tests' clock: `clock(AT + timedelta(hours=1))`."""
    return lambda at: NOW.update(at=at)
