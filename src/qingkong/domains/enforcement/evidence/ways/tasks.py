"""Jobs of evidence: make the derivatives of what was registered."""

from datetime import datetime

from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.kernel import access, jobs

SYSTEM = "evidence.derive"


@jobs.job("evidence.derive")
def derive(*, at: datetime, item: str) -> None:
    """Make the derivatives of one item. Idempotent: what stands isn't made anew."""
    found = queries.EvidenceItem.objects.filter(pk=item).first()
    if found is not None:
        operations.make_derivatives(item=found, actor=access.system(SYSTEM), at=at)
