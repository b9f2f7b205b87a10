"""Whether every challenge that is still kept was entered (`qingkong check --deep`). They go after a day; entries stay."""

from collections.abc import Iterator

from qingkong.domains.trust.disclosure.models import Challenge
from qingkong.kernel.ledger.trails import trails
from qingkong.kernel.text import Sentence


def disagreements() -> Iterator[Sentence]:
    for trail in trails(Challenge.objects.values_list("pk")):
        if trail.row is not None:
            yield from trail.differs(f"disclosure.challenge:{trail.key}", {"disclosure.challenged": 1})
