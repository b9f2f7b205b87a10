"""The gallery's pages, a browser session for any actor, and a live server for looking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from qingkong.conftest import sit_down
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
        return sit_down(Client(**options), actor)

    return client
