"""Jobs as rows of django-tasks-db: put in with the caller's transaction, claimed by one UPDATE."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.jobs import registry
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

NO_SUCH_JOB = zh("没有编号为 {id} 的失败任务。")


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that will not be tried again by itself."""

    id: UUID
    name: str
    tries: int
    failed_at: datetime
    fault: str


@task()
def perform(name: str, args: dict[str, Any], at: datetime) -> None:
    """Run one job now."""
    registry.find(name).function(at=at, **args)


def enqueue(name: str, *, at: datetime, **args: Any) -> UUID:
    """Have a job run at `at` or soon after, if the caller's transaction commits.

    `args` are JSON values: ids and numbers, no personal data. Raises KeyError for an unknown job.
    """
    registry.find(name)
    result = perform.using(run_after=at).enqueue(name=name, args=args)  # type: ignore[call-arg]
    return UUID(str(result.id))


def claim_next(*, at: datetime, worker: str) -> DBTaskResult | None:
    """Take the next due job for a worker, or None. Two workers never get the same one."""
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY, run_after__lte=at, task_path=perform.module_path)
    while row := ready.first():
        row.worker_ids, row.started_at = [*row.worker_ids, worker], at
        if ready.filter(pk=row.pk).update(status=TaskResultStatus.RUNNING, started_at=at, worker_ids=row.worker_ids):
            return row
    return None


def finish(row: DBTaskResult, *, at: datetime) -> None:
    DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at).update(
        status=TaskResultStatus.SUCCESSFUL, finished_at=at, exception_class_path="", traceback=""
    )


def give_back(row: DBTaskResult) -> None:
    """Undo a claim whose run was interrupted; it doesn't count as a try."""
    DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at).update(
        status=TaskResultStatus.READY, worker_ids=row.worker_ids[:-1]
    )


def failed(*, limit: int = 100) -> list[FailedJob]:
    """Jobs that failed for good, the latest first."""
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).order_by("-finished_at")[:limit]
    return [
        FailedJob(
            row.id, row.args_kwargs["kwargs"]["name"], len(row.worker_ids), row.finished_at, row.exception_class_path
        )
        for row in rows
        if row.finished_at
    ]


def run_again(job_id: UUID, *, at: datetime) -> None:
    """Queue a failed job anew, with all its tries. Raises NotFound."""
    if not DBTaskResult.objects.filter(pk=job_id, status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY, run_after=at, worker_ids=[]
    ):
        raise NotFound(NO_SUCH_JOB.fill(id=job_id))
