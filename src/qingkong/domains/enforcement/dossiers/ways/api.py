"""Case files for programs: the catalogue, and the last check."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.dossiers import operations, queries, rules
from qingkong.domains.enforcement.dossiers.models import Dossier
from qingkong.kernel.refusals import NotFound

router = Router(tags=["dossiers"])


class LineOut(Schema):
    """One line of the catalogue. `pages` 0: a medium beside the file."""

    id: UUID
    position: int
    title: str
    source: str
    number: str
    sha256: str
    made_at: datetime
    pages: int
    first_page: int | None
    responsible: str


class DossierOut(Schema):
    id: UUID
    case: str
    state: str
    passed_at: datetime | None
    catalogue_digest: str
    papers: list[LineOut]


class FaultIn(Schema):
    """`ask` is `repeat` or `explanation`; nothing else can be asked."""

    point: str = Field(max_length=12)
    reason: str = Field(min_length=1, max_length=500)
    ask: rules.ReturnAsk
    paper: UUID | None = None


class CheckIn(Schema):
    """A verdict on each of the six points. Faults where any is faulty."""

    verdicts: dict[str, rules.Verdict]
    faults: list[FaultIn] = Field(default_factory=list, max_length=50)
    words: str = Field("", max_length=500)


@router.get("/{case_number}", response=DossierOut)
def get(request: HttpRequest, case_number: str) -> dict[str, Any]:
    """The file of a case with its catalogue."""
    return _whole(_of(request, case_number))


@router.post("/{case_number}/gather", response=DossierOut)
def gather(request: HttpRequest, case_number: str) -> dict[str, Any]:
    """Open the file of a case if need be, and put in everything the case has."""
    case = cases.get_case_by_number(actor=request.actor, number=case_number)
    one = operations.open_dossier(case=case, actor=request.actor, at=request.at)
    operations.gather(dossier=one, actor=request.actor, at=request.at)
    return _whole(_of(request, case_number))


@router.post("/{case_number}/submit", response=DossierOut)
def submit(request: HttpRequest, case_number: str) -> dict[str, Any]:
    """Hand the file to the legal officer of the case."""
    operations.submit(dossier=_of(request, case_number), actor=request.actor, at=request.at)
    return _whole(_of(request, case_number))


@router.post("/{case_number}/check", response=DossierOut)
def check(request: HttpRequest, case_number: str, body: CheckIn) -> dict[str, Any]:
    """Make the last check: without faults it passes, with faults it is returned."""
    one = _of(request, case_number)
    shared: dict[str, Any] = {
        "dossier": one, "verdicts": body.verdicts, "words": body.words, "actor": request.actor, "at": request.at,
    }  # fmt: skip
    if body.faults:
        faults = [rules.Fault(f.point, f.reason, f.ask, f.paper) for f in body.faults]
        operations.return_dossier(**shared, faults=faults)
    else:
        operations.pass_check(**shared)
    return _whole(_of(request, case_number))


def _of(request: HttpRequest, case_number: str) -> Dossier:
    case = cases.get_case_by_number(actor=request.actor, number=case_number)
    one = queries.dossier_of(case)
    if one is None:
        raise NotFound(rules.NO_DOSSIER)
    return queries.dossier(actor=request.actor, dossier_id=one.pk)


def _whole(one: Dossier) -> dict[str, Any]:
    return {
        "id": one.pk, "case": one.case.number, "state": one.state, "passed_at": one.passed_at,
        "catalogue_digest": one.catalogue_digest,
        "papers": [
            {
                "id": piece.paper.pk, "position": piece.line.position, "title": piece.line.title,
                "source": piece.line.source, "number": piece.line.number, "sha256": piece.line.sha256,
                "made_at": piece.line.made_at, "pages": piece.line.pages, "first_page": piece.line.first_page,
                "responsible": piece.line.responsible,
            }
            for piece in queries.pieces(one)
        ],
    }  # fmt: skip
