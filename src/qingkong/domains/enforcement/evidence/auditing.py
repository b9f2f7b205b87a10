"""Whether evidence agrees with what was entered about it, and derivatives with their parents (`qingkong check --deep`)."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from qingkong.domains.enforcement.evidence.models import Derivative, EvidenceItem
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.numbering.auditing import plain_gaps
from qingkong.kernel.text import Sentence, zh

PARENT = zh("{number} 的“{kind}”记着由另一份原件制成。")
SIZE = zh("{number} 记着 {size} 字节，它的原件登记的是 {stored} 字节。")
NUMBER = zh("{number} 记着的警情或案件编号和所属的警情、案件不一致。")


def disagreements() -> Iterator[Sentence]:
    derived = Count("derivatives", filter=~Q(derivatives__blob=None))
    rows = EvidenceItem.objects.annotate(derived=derived).values_list("pk", "number", "derived")
    for trail in trails(rows):
        if trail.row is None:
            yield without_row(trail, EvidenceItem)
            continue
        _, number, made = trail.row
        yield from trail.differs(number, {"evidence.registered": 1, "evidence.derived": made})
    strangers = Derivative.objects.exclude(parent_sha256=F("item__original_id")).select_related("item")
    for one in strangers:
        yield PARENT.fill(number=one.item.number, kind=one.kind)
    wrong = EvidenceItem.objects.exclude(size=F("original__size")).select_related("original")
    for item in wrong:
        yield SIZE.fill(number=item.number, size=item.size, stored=item.original.size)
    astray = Q(call__isnull=False) & ~Q(call_number=F("call__number")) | Q(case__isnull=False) & ~Q(
        case_number=F("case__number")
    )
    for number in EvidenceItem.objects.filter(astray).values_list("number", flat=True):
        yield NUMBER.fill(number=number)
    yield from plain_gaps("D", EvidenceItem.objects.values_list("number", flat=True))
