"""Announcements are hints for open pages: after a day nobody waits for them."""

from datetime import datetime, timedelta

from qingkong.kernel import jobs

KEPT_FOR = timedelta(days=1)


@jobs.job("events.sweep", every=timedelta(hours=1))
def sweep(*, at: datetime) -> None:
    from qingkong.kernel.events.models import Announcement
    from qingkong.kernel.events.stream import last_id

    Announcement.objects.filter(at__lt=at - KEPT_FOR, id__lt=last_id()).delete()
