"""Answers to submits are kept for a day: nobody sends the same form again later. Forgotten uploads go."""

from datetime import datetime, timedelta

from qingkong.kernel import jobs

KEPT_FOR = timedelta(days=1)


@jobs.job("web.sweep", every=timedelta(hours=1))
def sweep(*, at: datetime) -> None:
    from qingkong.web.models import Answered

    Answered.objects.filter(at__lt=at - KEPT_FOR).delete()


@jobs.job("uploads.sweep", every=timedelta(minutes=10))
def sweep_uploads(*, at: datetime) -> None:
    from qingkong.web.uploads import operations

    operations.sweep(at=at)
