"""What runs by itself: sending digits, forgetting challenges."""

from datetime import datetime, timedelta
from uuid import UUID

from qingkong.domains.trust.disclosure import operations
from qingkong.kernel import access, jobs


@jobs.job("disclosure.send_digits")
def send_digits(*, at: datetime, challenge_id: str) -> None:
    operations.send_digits(challenge_id=UUID(challenge_id), actor=access.system("disclosure"), at=at)


@jobs.job("disclosure.forget_challenges", every=timedelta(hours=1))
def forget_challenges(*, at: datetime) -> None:
    operations.forget_challenges(actor=access.system("disclosure"), at=at)
