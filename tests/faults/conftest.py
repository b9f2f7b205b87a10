"""What the tests of faults share: an empty vault, papers that are typeset already, and the product's own check."""

from functools import partial

import pytest
from django.core.cache import cache

from qingkong.conftest import AT
from qingkong.kernel import papers
from qingkong.kernel.papers import issuing


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
def signed_in(signed_in):
    """A browser signed in as an actor, that is shown faults as people see them."""
    return partial(signed_in, raise_request_exception=False)
