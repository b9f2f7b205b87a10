"""How the jobs are, in numbers: who works, what waits, what failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.jobs.models import Heartbeat, Timetable
from qingkong.kernel.jobs.workers import SILENT_FOR

LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Health:
    """`workers` seen in the last two minutes; `waiting` jobs that may run now; `late` and `failing` name jobs."""

    workers: int
    seen_at: datetime | None
    waiting: int
    oldest_at: datetime | None
    failed: int
    late: list[str]
    failing: list[str]


def health(at: datetime) -> Health:
    """How the jobs are at `at`. Three queries."""
    may_run = Q(status=TaskResultStatus.READY) & (Q(run_after=None) | Q(run_after__lte=at))
    queue = DBTaskResult.objects.aggregate(
        waiting=Count("pk", filter=may_run),
        oldest=Min("enqueued_at", filter=may_run),
        failed=Count("pk", filter=Q(status=TaskResultStatus.FAILED)),
    )
    beats = list(Heartbeat.objects.values_list("seen_at", flat=True))
    lines = list(Timetable.objects.order_by("name").values_list("name", "next_run_at", "failures"))
    return Health(
        workers=sum(at - beat < SILENT_FOR for beat in beats),
        seen_at=max(beats, default=None),
        waiting=queue["waiting"],
        oldest_at=queue["oldest"],
        failed=queue["failed"],
        late=[name for name, next_at, _ in lines if next_at < at - LATE],
        failing=[name for name, _, failures in lines if failures],
    )
