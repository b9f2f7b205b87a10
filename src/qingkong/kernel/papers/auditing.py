"""Whether every paper has its bytes and its entry."""

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery

from qingkong.kernel.ledger.trails import tally
from qingkong.kernel.numbering.auditing import plain_gaps
from qingkong.kernel.papers.issuing import WITHOUT_FORM
from qingkong.kernel.papers.models import Paper
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault.models import Blob

NO_BYTES = zh("文书 {number} 的内容 {sha256} 不在原件库的登记里，或者大小不符。")


def disagreements() -> Iterator[Sentence]:
    """Papers whose bytes the vault doesn't know, papers and entries that don't match, numbers that are missing."""
    known = Subquery(Blob.objects.filter(pk=OuterRef("sha256")).values("size"))
    rows = Paper.objects.annotate(known=known).values_list("number", "sha256", "size", "known")
    for number, sha256, size, there in rows.iterator():
        if there != size:
            yield NO_BYTES.fill(number=number, sha256=sha256)
    yield from tally(["papers.issued"], Paper.objects.all(), subject="about")
    yield from plain_gaps(WITHOUT_FORM, Paper.objects.values_list("number", flat=True).distinct())
