from datetime import datetime

import pytest
from django.test import Client, override_settings
from django.utils import translation

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.tests import building as calls
from qingkong.domains.enforcement.cases.tests import build as cases
from qingkong.kernel.identity.models import Appointment


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """An empty vault and the Chinese language for each test."""
    settings.QINGKONG_HOME = tmp_path
    with translation.override("zh-hans"):
        yield tmp_path


@pytest.fixture
def call(county):
    """A call to which the station's officer was sent and where the officer arrived."""
    response = calls.a_reported_response(county)
    return response.call


@pytest.fixture
def case(county):
    """An administrative case of the station; its lead is the station's officer."""
    return cases.case(county)


NOW = {"at": AT}


def now() -> datetime:
    """The tests' clock."""
    return NOW["at"]


@pytest.fixture
def signed_in(county):
    """A client signed in as an actor of the county: `signed_in(county.officer)`."""
    NOW["at"] = AT
    with override_settings(QINGKONG_CLOCK=now):
        yield _sign_in


def _sign_in(actor, *, language="zh-hans"):
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
def clock(signed_in):
    """Move the tests' clock: `clock(AT + timedelta(hours=1))`."""
    return lambda at: NOW.update(at=at)
