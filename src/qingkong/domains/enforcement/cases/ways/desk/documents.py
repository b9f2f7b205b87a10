"""The papers of a report and of a case, to be read. They name people: opening one is a look."""

from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import queries
from qingkong.kernel import access, papers
from qingkong.kernel.access import Purpose
from qingkong.kernel.refusals import NotFound
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.documents import pdf


@desk.page("cases/<uuid:case_id>/papers/<uuid:paper_id>.pdf", needs="cases.look", name="cases.paper")
def case_paper(request: DeskRequest, case_id: UUID, paper_id: UUID) -> HttpResponse:
    found = queries.get_case(actor=request.actor, id=case_id)
    return _read(request, found, queries.papers_of_case(found), paper_id)


@desk.page("reports/<uuid:report_id>/papers/<uuid:paper_id>.pdf", needs="cases.look_report", name="cases.report_paper")
def report_paper(request: DeskRequest, report_id: UUID, paper_id: UUID) -> HttpResponse:
    found = queries.get_report(actor=request.actor, id=report_id)
    return _read(request, found, papers.of(found), paper_id)


def _read(
    request: DeskRequest, subject: queries.Case | queries.Report, known: list[papers.Paper], paper_id: UUID
) -> HttpResponse:
    """One of the subject's papers, under a look. Raises NotFound alike for none and for another subject's."""
    paper = next((one for one in known if one.pk == paper_id), None)
    if paper is None:
        raise NotFound()
    access.look(actor=request.actor, subject=subject, purpose=Purpose.HANDLING, reference=subject.number, at=request.at)
    return pdf(papers.bytes_of(paper), f"{paper.number} {paper.title.in_chinese()}.pdf")
