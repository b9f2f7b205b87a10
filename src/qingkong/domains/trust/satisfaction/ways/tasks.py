"""What runs by itself: releasing answers."""

from datetime import datetime, timedelta

from qingkong.domains.trust.satisfaction.operations import release
from qingkong.kernel import access, jobs


@jobs.job("satisfaction.release", every=timedelta(hours=6))
def release_answers(*, at: datetime) -> None:
    release(actor=access.system("satisfaction"), at=at)
