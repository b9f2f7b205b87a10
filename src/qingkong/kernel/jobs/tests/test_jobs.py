import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from qingkong.kernel import jobs
from qingkong.kernel.jobs import faults, registry, workers
from qingkong.kernel.jobs.models import Heartbeat, Timetable
from qingkong.killing import is_killed

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Broken(Exception):
    pass


@pytest.fixture
def only() -> Iterator[dict[str, registry.Job]]:
    """A registry that holds only the test's own jobs."""
    kept = dict(registry._jobs)
    registry._jobs.clear()
    yield registry._jobs
    registry._jobs.clear()
    registry._jobs.update(kept)


@pytest.fixture
def ran(only: object) -> list[int]:
    """What the job "count" was called with."""
    calls: list[int] = []

    @jobs.job("count")
    def count(*, at: datetime, number: int) -> None:
        calls.append(number)

    return calls


@pytest.mark.django_db
def test_a_job_runs_once_when_it_is_due(ran):
    jobs.enqueue("count", at=AT + MINUTE, number=7)
    assert (jobs.run_due(AT), ran) == (0, [])
    assert (jobs.run_due(AT + MINUTE), ran) == (1, [7])
    assert (jobs.run_due(AT + MINUTE), ran) == (0, [7])


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_failed_never_was(ran):
    with pytest.raises(Broken), transaction.atomic():
        jobs.enqueue("count", at=AT, number=1)
        raise Broken
    assert (jobs.run_due(AT), ran) == (0, [])


@pytest.mark.django_db
def test_an_unknown_job_is_refused_where_it_is_asked_for(only):
    with pytest.raises(KeyError):
        jobs.enqueue("no.such.job", at=AT)


def test_two_functions_can_not_share_a_name(ran):
    with pytest.raises(ValueError, match="twice"):
        jobs.job("count")(lambda *, at: None)


@pytest.mark.django_db
def test_a_failing_job_is_tried_with_growing_delay_and_then_kept_as_failed(only):
    @jobs.job("breaks")
    def breaks(*, at: datetime) -> None:
        tries.append(at)
        raise Broken("138" + "00000000")

    tries: list[datetime] = []
    job_id = jobs.enqueue("breaks", at=AT)
    now = AT
    for delay in (*faults.DELAYS, timedelta(0)):
        assert jobs.run_due(now) == 1
        assert jobs.run_due(now) == 0
        now += delay
    assert len(tries) == faults.TRIES
    assert jobs.run_due(now + timedelta(days=9)) == 0

    (failed,) = jobs.failed()
    assert (failed.id, failed.name, failed.tries) == (job_id, "breaks", faults.TRIES)
    assert failed.fault.endswith("Broken")
    row = DBTaskResult.objects.get()
    assert "breaks" in row.traceback
    assert "19900000000" not in row.traceback, "a message may quote somebody's data"

    jobs.run_again(job_id, at=now)
    assert jobs.failed() == []
    assert jobs.run_due(now) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_was_killed_half_way_runs_again(only, tmp_path):
    trace = tmp_path / "trace"

    @jobs.job("long")
    def long(*, at: datetime) -> None:
        with trace.open("a") as out:
            out.write(f"{os.getpid()}\n")
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    parent = os.getpid()
    jobs.enqueue("long", at=AT)
    assert is_killed(lambda: jobs.run_due(AT))
    assert DBTaskResult.objects.get().status == "RUNNING"

    assert jobs.run_due(AT) == 1
    assert len(trace.read_text().split()) == 2
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_kills_every_worker_is_given_up(only):
    @jobs.job("deadly")
    def deadly(*, at: datetime) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    jobs.enqueue("deadly", at=AT)
    for _ in range(faults.TRIES):
        assert is_killed(lambda: jobs.run_due(AT))
    assert jobs.run_due(AT) == 0
    assert [failed.name for failed in jobs.failed()] == ["deadly"]


@pytest.mark.django_db
def test_a_job_running_elsewhere_is_left_alone_while_its_worker_is_seen(ran):
    jobs.enqueue("count", at=AT, number=1)
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["other/1/2"], started_at=AT)
    Heartbeat.objects.create(worker="other/1/2", seen_at=AT)
    assert jobs.run_due(AT + MINUTE) == 0
    assert jobs.run_due(AT + workers.SILENT_FOR) == 1
    assert ran == [1]


@pytest.mark.django_db
def test_an_interrupted_job_is_given_back(only):
    @jobs.job("interrupted")
    def interrupted(*, at: datetime) -> None:
        raise KeyboardInterrupt

    jobs.enqueue("interrupted", at=AT)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_due(AT)
    row = DBTaskResult.objects.get()
    assert (row.status, row.worker_ids) == ("READY", [])


@pytest.mark.django_db
def test_a_recurring_job_runs_at_once_and_then_at_its_interval(only):
    runs: list[datetime] = []
    jobs.job("tick", every=timedelta(hours=1))(lambda *, at: runs.append(at))
    for minutes in (0, 30, 59, 60, 61, 200):
        jobs.run_due(AT + minutes * MINUTE)
    assert runs == [AT, AT + 60 * MINUTE, AT + 200 * MINUTE]


@pytest.mark.django_db
def test_a_clock_put_back_does_not_stop_the_timetable(only):
    runs: list[datetime] = []
    jobs.job("tick", every=MINUTE)(lambda *, at: runs.append(at))
    jobs.run_due(AT + timedelta(days=3650))
    jobs.run_due(AT)
    assert runs[-1] == AT


@pytest.mark.django_db
def test_a_failing_recurring_job_is_kept_and_comes_again(only):
    @jobs.job("daily", every=timedelta(days=1))
    def daily(*, at: datetime) -> None:
        raise Broken

    jobs.run_due(AT)
    line = Timetable.objects.get(name="daily")
    assert (line.failures, line.running_by, line.next_run_at) == (1, "", AT + MINUTE)
    assert "Broken" in line.last_fault
    for _ in range(faults.TRIES):
        jobs.run_due(Timetable.objects.get(name="daily").next_run_at)
    last = Timetable.objects.get(name="daily")
    assert last.next_run_at - last.last_run_at == timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_a_recurring_job_whose_worker_was_killed_runs_again(only, tmp_path):
    trace = tmp_path / "trace"

    @jobs.job("daily", every=timedelta(days=1))
    def daily(*, at: datetime) -> None:
        with trace.open("a") as out:
            out.write("x")
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    parent = os.getpid()
    assert is_killed(lambda: jobs.run_due(AT))
    assert jobs.run_due(AT) == 1
    assert trace.read_text() == "xx"


@pytest.mark.django_db(transaction=True)
def test_eight_workers_run_each_job_once(only, in_parallel):
    calls: list[int] = []
    ticks: list[datetime] = []
    jobs.job("count")(lambda *, at, number: calls.append(number))
    jobs.job("tick", every=MINUTE)(lambda *, at: ticks.append(at))
    for number in range(40):
        jobs.enqueue("count", at=AT, number=number)
    ran = [in_parallel(jobs.run_due, AT) for _ in range(8)]
    assert sum(future.result() for future in ran) == 41
    assert sorted(calls) == list(range(40))
    assert ticks == [AT]


@pytest.mark.django_db
def test_finished_jobs_go_after_a_week_and_failed_ones_stay(ran):
    from qingkong.kernel.jobs.sweeping import sweep

    jobs.enqueue("count", at=AT, number=1)
    jobs.run_due(AT)
    jobs.enqueue("count", at=AT, number=2)
    DBTaskResult.objects.filter(status="READY").update(status="FAILED", finished_at=AT)
    sweep(at=AT + timedelta(days=8))
    assert [row.status for row in DBTaskResult.objects.all()] == ["FAILED"]
