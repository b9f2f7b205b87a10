"""What the tests of faults share: an empty vault, papers that are typeset already, and the product's own check."""

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel import papers
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.papers import issuing

CLOCK = {"now": AT}


def problems(*, at=AT, grave_only=True) -> list[str]:
    """What `qingkong check --deep` finds, a line each."""
    from qingkong.project import deep

    return [
        f"{result.what}：{problem}"
        for result in deep.check(at=at)
        if not result.ok and (result.grave or not grave_only)
        for problem in result.problems
    ]


@pytest.fixture(autouse=True)
def home(request, tmp_path, settings):
    """A vault of its own for each test, and the outbox readable."""
    if "county" in request.fixturenames:
        settings.QINGKONG_HOME = tmp_path
        settings.QINGKONG_DEMO = True
        cache.clear()
    return tmp_path


@pytest.fixture
def typeset(monkeypatch):
    """Papers come from a page that was typeset before: the typesetter's threads don't live on in a forked child, and it
    writes nothing. What is put to the test is what keeps the paper: vault, row and entry."""

    def render(kind, facts, **where):
        return b"%PDF-1.7 " + f"{kind} {where}".encode()

    monkeypatch.setattr(issuing, "render", render)
    monkeypatch.setattr(papers, "render", render, raising=False)


@pytest.fixture
def sound(county):
    """Assert that nothing is half-written: `sound()`, with the instant at which lateness is judged."""

    def look(*, at=AT) -> None:
        assert problems(at=at) == []

    look()
    return look


@pytest.fixture
def signed_in(county):
    """A browser signed in as an actor, at the tests' instant, that is shown faults as people see them."""
    CLOCK["now"] = AT
    with override_settings(QINGKONG_CLOCK=now):
        yield browser_of


def now():
    return CLOCK["now"]


def browser_of(actor) -> Client:
    appointment = Appointment.objects.select_related("officer").get(
        officer_id=actor.officer_id, unit_id=actor.unit_id, post=actor.post
    )
    browser = Client(raise_request_exception=False)
    browser.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["appointment"] = str(appointment.pk)
    session.save()
    browser.cookies["language"] = "zh-hans"
    return browser


@pytest.fixture
def clock(signed_in):
    """Put the tests' clock to an instant: `clock(AT + timedelta(days=2))`."""
    return lambda at: CLOCK.update(now=at)
