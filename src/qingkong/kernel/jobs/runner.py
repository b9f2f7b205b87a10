"""Run what is due, one after another. The only place that catches every fault: a job's, to keep it."""

from datetime import datetime

from django_tasks_db.models import DBTaskResult

from qingkong.kernel.jobs import faults, queue, timetable, workers
from qingkong.kernel.jobs.registry import Job


def run_due(at: datetime, *, worker: str | None = None) -> int:
    """Run every job that is due at `at`, recurring ones first; how many were run, well or not.

    Doesn't raise for a job's fault: that is kept with the job, which is tried again later.
    """
    worker = worker or workers.this_worker()
    workers.take_back_from_the_dead(at=at)
    ran = 0
    for job in timetable.due(at=at):
        if timetable.claim(job, at=at, worker=worker):
            _run_recurring(job, at=at, worker=worker)
            ran += 1
    while row := queue.claim_next(at=at, worker=worker):
        _run_queued(row, at=at)
        ran += 1
    return ran


def _run_recurring(job: Job, *, at: datetime, worker: str) -> None:
    try:
        job.function(at=at)
    except Exception as fault:  # noqa: BLE001  whatever it was is kept with the job, not lost
        timetable.fail(job, at=at, worker=worker, fault=fault)
    except BaseException:
        timetable.give_back(job, at=at, worker=worker)
        raise
    else:
        timetable.finish(job, worker=worker)


def _run_queued(row: DBTaskResult, *, at: datetime) -> None:
    try:
        queue.perform.call(**row.args_kwargs["kwargs"], at=at)
    except Exception as fault:  # noqa: BLE001  whatever it was is kept with the job, not lost
        faults.try_again_or_fail(row, at=at, fault=faults.name_of(fault), trace=faults.trace_of(fault))
    except BaseException:
        queue.give_back(row)
        raise
    else:
        queue.finish(row, at=at)
