"""Jobs that nobody runs any more, failed for good, or should have run long ago."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.jobs import workers
from qingkong.kernel.jobs.models import Timetable
from qingkong.kernel.text import Sentence, local, zh

LATE = timedelta(hours=1)
DEAD = zh("后台任务 {name} 由已经不在的进程 {worker} 占着。")
WAITS = zh("后台任务 {name} 有 {count} 次早该运行（最早的在 {due}）：后台任务进程在运行吗？")
FAILED = zh("后台任务 {name}（{id}）多次失败，不再重试。")
FAILS = zh("定时任务 {name} 连续失败 {times} 次。")


def stuck(*, at: datetime) -> Iterator[Sentence]:
    """What needs somebody, by name. Nothing here is a fault of the records: work waits, none is lost."""
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if row.worker_ids and not workers.is_alive(row.worker_ids[-1], at=at):
            yield DEAD.fill(name=row.task_path, worker=row.worker_ids[-1])
    late = Q(run_after=None, enqueued_at__lt=at - LATE) | Q(run_after__lt=at - LATE)
    waiting: dict[str, list[datetime]] = {}
    for row in DBTaskResult.objects.filter(late, status=TaskResultStatus.READY):
        waiting.setdefault(_name(row), []).append(row.run_after or row.enqueued_at)
    for name, due in sorted(waiting.items()):
        yield WAITS.fill(name=name, count=len(due), due=f"{local(min(due)):%Y-%m-%d %H:%M}")
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.FAILED):
        yield FAILED.fill(name=_name(row), id=row.pk)
    for line in Timetable.objects.exclude(running_by=""):
        if not workers.is_alive(line.running_by, at=at):
            yield DEAD.fill(name=line.name, worker=line.running_by)
    for line in Timetable.objects.filter(failures__gt=0):
        yield FAILS.fill(name=line.name, times=line.failures)


def _name(row: DBTaskResult) -> str:
    return str(row.args_kwargs.get("kwargs", {}).get("name", row.task_path))
