"""Recurring jobs: each has one row with its next run, claimed by a conditional UPDATE."""

from datetime import datetime

from django.db.models import F

from qingkong.kernel.jobs import faults
from qingkong.kernel.jobs.models import Timetable
from qingkong.kernel.jobs.registry import Job, recurring


def due(*, at: datetime) -> list[Job]:
    """Recurring jobs that should run now; a job seen for the first time runs at once."""
    jobs = {job.name: job for job in recurring()}
    rows = {row.name: row for row in Timetable.objects.filter(name__in=jobs)}
    if new := [Timetable(name=name, next_run_at=at) for name in jobs.keys() - rows.keys()]:
        Timetable.objects.bulk_create(new, ignore_conflicts=True)
        rows |= {row.name: row for row in new}
    return [
        job
        for name, job in jobs.items()
        if not rows[name].running_by and not at < rows[name].next_run_at <= at + 2 * job.every  # type: ignore[operator]
    ]


def claim(job: Job, *, at: datetime, worker: str) -> bool:
    """Take a run for a worker: of two that try, one gets it."""
    return bool(
        Timetable.objects.filter(name=job.name)
        .due(at=at, every=job.every)  # type: ignore[attr-defined,arg-type]
        .update(running_by=worker, next_run_at=at + job.every, last_run_at=at)  # type: ignore[operator]
    )


def finish(job: Job, *, worker: str) -> None:
    Timetable.objects.filter(name=job.name, running_by=worker).update(running_by="", failures=0, last_fault="")


def give_back(job: Job, *, at: datetime, worker: str) -> None:
    """Undo a claim whose run was interrupted."""
    Timetable.objects.filter(name=job.name, running_by=worker).update(running_by="", next_run_at=at)


def fail(job: Job, *, at: datetime, worker: str, fault: BaseException) -> None:
    """Keep the fault. After the bounded quick tries it waits for its next regular time."""
    row = Timetable.objects.filter(name=job.name, running_by=worker)
    row.update(failures=F("failures") + 1, last_fault=f"{faults.name_of(fault)}\n{faults.trace_of(fault)}")
    failures = row.values_list("failures", flat=True).get()
    wait = min(faults.delay_after(failures), job.every) if failures < faults.TRIES else job.every  # type: ignore[type-var]
    row.update(running_by="", next_run_at=at + wait)  # type: ignore[operator]
    faults.log.error("recurring job %s failed, %d in a row: %s", job.name, failures, faults.name_of(fault))
