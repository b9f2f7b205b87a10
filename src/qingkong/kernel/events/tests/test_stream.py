from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from qingkong.kernel import events
from qingkong.kernel.events.models import Announcement
from qingkong.kernel.events.sweeping import KEPT_FOR, sweep
from qingkong.kernel.events.tail import WAIT_SECONDS, Tail
from qingkong.kernel.records import uuid7

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
OURS, THEIRS = uuid7(), uuid7()

pytestmark = pytest.mark.django_db


def topics(announced: list[events.Announced]) -> list[str]:
    return [each.topic for each in announced]


def test_officers_hear_their_unit_and_what_concerns_no_unit():
    tail = Tail()
    events.announce("ours", "calls.call:1", OURS)
    events.announce("theirs", "calls.call:2", THEIRS)
    events.announce("everybody", "calls.call:3")
    assert topics([each for each in tail.poll(0.0) if each.may_be_heard_by(OURS)]) == ["ours", "everybody"]


def test_without_an_instant_the_database_says_when():
    before = timezone.now() - timedelta(seconds=1)
    events.announce("now", "x")
    assert before <= Announcement.objects.get().at <= timezone.now() + timedelta(seconds=1)


def test_a_tail_gives_each_announcement_once():
    events.announce("before", "x")
    tail = Tail()
    events.announce("one", "x")
    assert topics(tail.poll(0.0)) == ["one"]
    assert tail.poll(1.0) == []


def test_one_that_commits_late_is_not_lost():
    events.announce("first", "x")
    tail = Tail()
    start = tail.last
    Announcement.objects.create(pk=start + 3, topic="third", subject_key="x")
    assert topics(tail.poll(0.0)) == ["third"]
    Announcement.objects.create(pk=start + 2, topic="second", subject_key="x")
    assert topics(tail.poll(1.0)) == ["second"]
    assert tail.poll(WAIT_SECONDS + 1) == []
    Announcement.objects.create(pk=start + 1, topic="far too late", subject_key="x")
    assert tail.poll(WAIT_SECONDS + 2) == []


def test_a_tail_that_begins_anew_still_waits_for_what_was_being_written():
    events.announce("before", "x")
    start = events.last_id()
    Announcement.objects.create(pk=start + 2, topic="second", subject_key="x")
    tail = Tail()  # as after the process was killed
    assert tail.poll(0.0) == []
    Announcement.objects.create(pk=start + 1, topic="written late", subject_key="x")
    assert topics(tail.poll(1.0)) == ["written late"]


def test_announcements_go_after_a_day_but_the_last_id_is_never_forgotten():
    for _ in range(3):
        events.announce("old", "x", at=AT)
    last = events.last_id()
    sweep(at=AT + KEPT_FOR + timedelta(minutes=1))
    assert events.last_id() == last
    events.announce("new", "x", at=AT)
    assert events.last_id() == last + 1
