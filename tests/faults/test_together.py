"""Several at once, a listener that fails, a job that dies: whole or not at all, and taken up again."""

import os
import signal
from datetime import timedelta

import pytest
from django.db import connections

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.rules import Result, State
from qingkong.domains.enforcement.calls.tests.building import a_call
from qingkong.kernel import events, jobs, ledger
from qingkong.kernel.events import subscribers
from qingkong.kernel.jobs import registry
from qingkong.kernel.ledger.models import Entry, Leaf, Pending
from qingkong.killing import ended, forked, is_killed
from tests.faults import works
from tests.faults.conftest import problems

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])


def test_two_processes_that_integrate_at_once_make_one_tree(county, settings, sound):
    settings.QINGKONG_LEDGER_PAUSE = 1e9  # nothing is taken up but by the two
    a_call(county)
    for _ in range(5):
        for _ in range(20):
            a_call(county)
        connections.close_all()
        both = [forked(lambda: [ledger.integrate() for _ in range(5)]) for _ in range(2)]
        assert [ended(child) for child in both] == [0, 0]
    assert not Pending.objects.exists()
    assert Leaf.objects.count() == Entry.objects.count()
    sound()


def test_writers_and_two_integrating_processes_at_once_lose_nothing(county, sound):
    def write() -> None:
        for _ in range(10):
            a_call(county)

    a_call(county)
    connections.close_all()
    several = [forked(work) for work in (write, write, lambda: [ledger.integrate() for _ in range(20)])]
    assert [ended(child) for child in several] == [0, 0, 0]
    ledger.integrate()
    assert not Pending.objects.exists()
    assert Entry.objects.filter(act="calls.taken").count() == 21
    sound()


class Broken(Exception):
    pass


def test_a_listener_that_raises_undoes_the_whole_closing(county, sound):
    call = a_call(county)

    def fail(**_):
        raise Broken

    events.on("calls.closed", fail)
    close = {"call": call, "result": Result.INVALID, "note": "误报", "actor": county.dispatcher, "at": AT}
    try:
        with pytest.raises(Broken):
            calls.close_call(**close)
    finally:
        subscribers._handlers["calls.closed"].remove(fail)
    assert call.fresh().state == State.TAKEN
    assert not Entry.objects.filter(act__in=["calls.closed", "satisfaction.invited"]).exists()
    ledger.integrate()
    sound()
    calls.close_call(**close)
    ledger.integrate()
    sound()


@pytest.fixture
def dying(county):
    """A job that is killed in the middle of its first run, after it has written something."""
    kept = dict(registry._jobs)

    @jobs.job("tests.dying")
    def die(*, at):
        a_call(county)
        if DEATHS:
            os.kill(os.getpid(), signal.SIGKILL)

    yield
    registry._jobs.clear()
    registry._jobs.update(kept)


DEATHS: list[int] = []


def test_a_job_that_dies_half_way_is_named_and_then_done(county, dying, sound):
    DEATHS.append(1)
    jobs.enqueue("tests.dying", at=AT)
    connections.close_all()
    assert is_killed(lambda: jobs.run_due(AT))
    DEATHS.clear()  # the parent's copy: the second run goes through
    ledger.integrate()
    named = problems(grave_only=False)
    assert len(named) == 1 and "已经不在的进程" in named[0]
    assert jobs.run_due(AT + timedelta(minutes=1)) >= 1
    ledger.integrate()
    assert problems(grave_only=False) == []
    sound()


def test_a_message_whose_job_died_is_sent_once_it_runs_again(county, typeset, sound):
    work = works.running_jobs(county)
    connections.close_all()

    def begin_and_die() -> None:
        name = "disclosure.send_digits"
        registry._jobs[name] = registry.Job(name, lambda **_: os.kill(os.getpid(), signal.SIGKILL), None)
        work()

    assert is_killed(begin_and_die)
    work()
    ledger.integrate()
    assert Entry.objects.filter(act="notices.queued").count() == 1
    assert problems(grave_only=False) == []
