"""The papers that were issued in a case: its own and those of the reports it began with."""

from django.db.models import Q

from qingkong.domains.enforcement.cases.models import Case
from qingkong.kernel.papers import Paper


def papers_of_case(case: Case) -> list[Paper]:
    """All papers of the case and of its reports, the oldest first. One query."""
    threads = Q(thread=case.number) | Q(thread__in=case.reports.values("number"))
    return list(Paper.objects.filter(threads).order_by("issued_at", "id"))
