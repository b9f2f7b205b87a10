"""Is there a recording of what was done at the scene?"""

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.evidence import rules
from qingkong.domains.enforcement.evidence.models import EvidenceItem


def lacks_recording(call: calls.Call) -> bool:
    """Whether somebody was at the scene of this call and no film or sound of it is registered."""
    if not call.responses.filter(arrived_at__isnull=False).exists():
        return False
    moving = (rules.Kind.VIDEO, rules.Kind.AUDIO)
    return not EvidenceItem.objects.filter(call=call, kind__in=moving, state=rules.State.KEPT).exists()
