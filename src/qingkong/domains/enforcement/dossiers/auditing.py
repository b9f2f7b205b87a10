"""Whether case files agree with their checks, their digests and what was entered (`qingkong check --deep`)."""

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q

from qingkong.domains.enforcement.dossiers import queries, rules
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault.models import Blob

DIGEST = zh("{number} 的卷宗目录和检查通过时的校验值不一致。")
NO_BYTES = zh("{number} 的卷内材料“{title}”不在原件库的登记里。")


def disagreements() -> Iterator[Sentence]:
    passed = Count("checks", filter=Q(checks__outcome=rules.Outcome.PASSED))
    returned = Count("checks", filter=Q(checks__outcome=rules.Outcome.RETURNED))
    rows = Dossier.objects.annotate(passed=passed, returned=returned)
    for trail in trails(rows.values_list("pk", "case__number", "state", "passed", "returned")):
        if trail.row is None:
            yield without_row(trail, Dossier)
            continue
        _, number, state, passes, returns = trail.row
        wanted = {"dossiers.opened": 1, "dossiers.passed": passes, "dossiers.returned": returns}
        sealed = state == rules.State.SEALED
        if sealed != bool(trail.acts["dossiers.sealed"]):
            wanted["dossiers.sealed"] = int(sealed)
        yield from trail.differs(number, wanted)
    for dossier in Dossier.objects.exclude(catalogue_digest="").select_related("case").iterator():
        if rules.catalogue_digest(dossier.case.number, queries.catalogue(dossier)) != dossier.catalogue_digest:
            yield DIGEST.fill(number=dossier.case.number)
    there = Exists(Blob.objects.filter(pk=OuterRef("sha256")))
    lost = DossierPaper.objects.annotate(there=there).filter(there=False)
    for number, title in lost.values_list("dossier__case__number", "title"):
        yield NO_BYTES.fill(number=number, title=title)
