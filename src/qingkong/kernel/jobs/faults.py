"""What becomes of a job that failed: tried again with growing delay, at last kept as failed."""

import logging
import traceback
from datetime import datetime, timedelta

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
TRIES = len(DELAYS) + 1

log = logging.getLogger("qingkong.jobs")


def delay_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    return DELAYS[min(failures, len(DELAYS)) - 1]


def name_of(fault: BaseException) -> str:
    return f"{type(fault).__module__}.{type(fault).__qualname__}"


def trace_of(fault: BaseException) -> str:
    """Where it happened. Without the message: that may quote somebody's data."""
    return "".join(traceback.format_tb(fault.__traceback__))


def try_again_or_fail(row: DBTaskResult, *, at: datetime, fault: str, trace: str, delayed: bool = True) -> int:
    """Queue a failed try again, or keep it as failed after the last; 1 if it was still ours."""
    tries = len(row.worker_ids)
    ours = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at)
    if tries >= TRIES:
        log.error(
            "job %s (%s) failed for good after %d tries: %s", row.args_kwargs["kwargs"]["name"], row.pk, tries, fault
        )
        return ours.update(status=TaskResultStatus.FAILED, finished_at=at, exception_class_path=fault, traceback=trace)
    log.warning("job %s (%s) failed, try %d of %d: %s", row.args_kwargs["kwargs"]["name"], row.pk, tries, TRIES, fault)
    return ours.update(
        status=TaskResultStatus.READY,
        run_after=at + delay_after(tries) if delayed else at,
        exception_class_path=fault,
        traceback=trace,
    )
