from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction

from qingkong.kernel import access, events
from qingkong.kernel.events import subscribers
from qingkong.kernel.events.models import Announcement

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class Broken(Exception):
    pass


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    kept = {name: list(handlers) for name, handlers in subscribers._handlers.items()}
    subscribers._handlers.clear()
    yield
    subscribers._handlers.clear()
    subscribers._handlers.update(kept)


def write(*, at: datetime, actor: access.Actor, word: str) -> None:
    events.announce(word, "test", at=at)


def break_off(*, at: datetime, actor: access.Actor, word: str) -> None:
    raise Broken


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_writes_in_the_same_transaction():
    events.on("test.happened", write)
    with transaction.atomic():
        events.happened("test.happened", at=AT, actor=access.system("test"), word="one")
    assert list(Announcement.objects.values_list("topic", "at")) == [("one", AT)]


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_raises_undoes_the_change_and_the_other_subscribers():
    events.on("test.happened", write)
    events.on("test.happened", break_off)
    with pytest.raises(Broken), transaction.atomic():
        events.announce("the change itself", "test")
        events.happened("test.happened", at=AT, actor=access.system("test"), word="one")
    assert not Announcement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_may_happen_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        events.happened("test.happened", at=AT, actor=access.system("test"))


@pytest.mark.django_db
def test_a_subscriber_hung_twice_is_called_once():
    events.on("test.happened", write)
    events.on("test.happened", write)
    with transaction.atomic():
        events.happened("test.happened", at=AT, actor=access.system("test"), word="one")
    assert Announcement.objects.count() == 1
