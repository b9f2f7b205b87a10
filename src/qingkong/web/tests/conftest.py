"""The gallery's pages, a browser session for any actor, and a live server for looking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.kernel.identity.models import Appointment
from qingkong.web.tests import gallery as pages


@pytest.fixture
def gallery(db: None, settings: Any) -> Any:
    """Serve the gallery beside the real pages."""
    templates = [{**settings.TEMPLATES[0], "DIRS": [pages.TEMPLATES]}]
    clock = "qingkong.web.tests.conftest.now"
    with override_settings(ROOT_URLCONF="qingkong.web.tests.gallery", TEMPLATES=templates, QINGKONG_CLOCK=clock):
        pages.done_words.clear()
        yield pages


def now() -> Any:
    """The tests' clock."""
    return pages.AT


@pytest.fixture
def signed_in(gallery: Any, county: Any) -> Callable[..., Client]:
    """A client signed in as an actor of the county (`county.officer`)."""

    def client(actor: Any, **options: Any) -> Client:
        browser = Client(**options)
        appointment = Appointment.objects.select_related("officer").get(
            officer_id=actor.officer_id, unit_id=actor.unit_id, post=actor.post
        )
        browser.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
        session = browser.session
        session["appointment"] = str(appointment.pk)
        session.save()
        browser.cookies["language"] = "zh-hans"
        return browser

    return client
