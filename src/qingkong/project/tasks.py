"""What runs by itself across rooms: sealing the ledger, ringing the clocks and telling whom they concern."""

from datetime import datetime, timedelta

from qingkong.kernel import access, clocks, jobs, ledger, notices, vault
from qingkong.kernel.access import retention
from qingkong.kernel.clocks import Rang
from qingkong.kernel.ledger import publishing
from qingkong.kernel.text import zh

OVER = zh("{limit}已到期。")
SOON = zh("{limit}快到期了。")


@jobs.pulse("ledger.seal")
def seal(at: datetime) -> None:
    """Twice a second: entries that were committed join the tree and a checkpoint is signed."""
    ledger.integrate()


@jobs.pulse("ledger.publish")
def publish(at: datetime) -> None:
    """After each checkpoint or cosignature: the ledger's public files follow, in steps of bounded work."""
    publishing.publish_or_say_why()


@jobs.job("ledger.months", every=timedelta(days=1))
def months(*, at: datetime) -> None:
    """The months to come have their part of the entries' table (PostgreSQL)."""
    ledger.make_months(at=at)


@jobs.job("vault.carry_on", every=timedelta(minutes=1))
def carry_on(*, at: datetime) -> None:
    """What waits on this machine for a store of originals that was away goes on when it is back."""
    vault.carry_on(actor=access.system("jobs"), at=at)


@jobs.job("access.forget", every=timedelta(days=1))
def forget(*, at: datetime) -> None:
    """What is kept about persons goes when its time is over."""
    retention.forget_what_is_over(actor=access.system("retention"), at=at)


@jobs.job("clocks.ring", every=timedelta(minutes=1))
def ring(*, at: datetime) -> None:
    """Every rung that has been reached rings once."""
    clocks.ring(at)


def tell(rang: Rang) -> None:
    """Put a line into the inbox of who answers for the clock; of the unit where nobody is named."""
    if not (rang.officer_id or rang.unit_id):
        return
    whom = {"officer_id": rang.officer_id} if rang.officer_id else {"unit_id": rang.unit_id}
    sentence = (OVER if rang.over else SOON).fill(limit=rang.clock.name)
    notices.tell(text=sentence, subject=rang.clock.subject_key, at=rang.at, **whom)
