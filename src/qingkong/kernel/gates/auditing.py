"""Whether findings agree with what was entered about them: found once, ended once."""

from collections.abc import Iterator

from qingkong.kernel.gates.models import Finding, FindingState
from qingkong.kernel.ledger.trails import tally
from qingkong.kernel.text import Sentence


def disagreements() -> Iterator[Sentence]:
    """Findings without their entry, entries without their finding, and ends that only one of the two knows."""
    yield from tally(["gates.found"], Finding.objects.all(), subject="subject_key")
    for state in FindingState:
        if state is not FindingState.OPEN:
            yield from tally([f"gates.{state.value}"], Finding.objects.filter(state=state), subject="subject_key")
