"""Pulses go on beside the jobs, and a fault of theirs ends the worker."""

import threading
import time
from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.kernel.jobs import registry
from qingkong.kernel.jobs.commands import work


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(registry, "_jobs", {})
    monkeypatch.setattr(registry, "_pulses", {})


def until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_long_job_doesnt_keep_the_pulses_waiting(transactional_db, known):
    stop, beats, at_work = threading.Event(), [], threading.Event()

    @registry.job("tests.long", every=timedelta(days=1))
    def long(*, at):
        at_work.set()
        seen = len(beats)
        until(lambda: len(beats) > seen)
        stop.set()

    registry.pulse("tests.pulse")(beats.append)
    work(clock=lambda: AT, stop=stop)
    assert at_work.is_set() and beats


def test_a_fault_of_a_pulse_ends_the_worker(transactional_db, known):
    @registry.pulse("tests.broken")
    def broken(at):
        raise LookupError("broken")

    with pytest.raises(LookupError):
        work(clock=lambda: AT, stop=threading.Event())
