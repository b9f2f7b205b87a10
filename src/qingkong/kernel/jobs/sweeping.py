"""Finished jobs go after a week; failed ones stay until somebody has seen to them."""

from datetime import datetime, timedelta

from qingkong.kernel.jobs.registry import job

KEPT_FOR = timedelta(days=7)


@job("jobs.sweep", every=timedelta(days=1))
def sweep(*, at: datetime) -> None:
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from qingkong.kernel.jobs.models import Heartbeat

    DBTaskResult.objects.filter(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=at - KEPT_FOR).delete()
    Heartbeat.objects.filter(seen_at__lt=at - KEPT_FOR).delete()
