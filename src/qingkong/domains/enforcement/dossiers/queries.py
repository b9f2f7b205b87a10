"""Everything that can be asked about case files: scoped like their cases, plus the legal officer's queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.dossiers import rules, sources, tables
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper, LastCheck, ReturnedPoint
from qingkong.domains.enforcement.property import queries as exhibits
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Sentence

__all__ = [
    "Dossier", "DossierPaper", "DossierRow", "LastCheck", "ReturnedPoint", "acted_in", "catalogue", "checks_of", "count_in",
    "dossier", "dossier_of", "fault", "left_out", "legal_of", "listed", "missing", "open_faults", "paper", "passed",
    "pieces", "returned_to", "submitted_by", "to_check", "to_check_count",
]  # fmt: skip

PAGE = 50
MOST = 100
LEGAL, HANDLERS = "legal", ("lead", "second")


@dataclass(frozen=True, slots=True)
class DossierRow:
    """One line of a list of files."""

    id: UUID
    case_number: str
    case_title: str
    unit_name: str
    state: Sentence
    state_key: str
    papers: int
    submitted_at: datetime | None
    submitted_by: str
    round: int


# --- who -----------------------------------------------------------------------------------------------------


def legal_of(case: Any) -> set[UUID]:
    """The legal officer of the team now."""
    return {member.officer_id for member in case.team if member.role == LEGAL}


def acted_in(case: Any) -> set[UUID]:
    """Who handled, approved, decided, seized or kept anything in a case, ever: none of them checks its file."""
    ids = set(case.members.filter(role__in=HANDLERS).values_list("officer_id", flat=True))
    ids |= set(case.approvals.values_list("answered_by", flat=True))
    for decided, proposed in case.decisions.values_list("decided_by", "proposed_by"):
        ids |= {decided, proposed}
    return (ids | exhibits.took_part(case)) - {None}


def visible(actor: Actor) -> QuerySet[Dossier]:
    """The files of the cases an actor may see."""
    return Dossier.objects.filter(case__in=cases.cases_for(actor))


# --- one -----------------------------------------------------------------------------------------------------


def dossier(*, actor: Actor, dossier_id: UUID) -> Dossier:
    """One file with its case and team. Raises NotFound for one the actor may not know of."""
    access.require(actor, "dossiers.see")
    found = Dossier.objects.filter(pk=dossier_id).select_related("case", "case__unit", "unit")
    one = found.prefetch_related("case__members").first()
    if one is None or not access.may(actor, "dossiers.see", one):
        raise NotFound()
    return one


def dossier_of(case: Any) -> Dossier | None:
    """The file of a case, if it has been opened."""
    return Dossier.objects.filter(case=case).select_related("case", "unit").first()


def paper(*, actor: Actor, paper_id: UUID) -> DossierPaper:
    """One piece of a file. Raises NotFound."""
    access.require(actor, "dossiers.see")
    found = DossierPaper.objects.filter(pk=paper_id).select_related("dossier__case").first()
    if found is None or not access.may(actor, "dossiers.see", found.dossier):
        raise NotFound()
    return found


def catalogue(of: Dossier) -> list[rules.Line]:
    """The catalogue with its page numbers; one query."""
    return rules.paginate(one.line() for one in of.papers.inside())


@dataclass(frozen=True, slots=True)
class Piece:
    """A paper in the file with the line it has in the catalogue."""

    paper: DossierPaper
    line: rules.Line
    group: tables.Group
    begins_group: bool


def pieces(of: Dossier) -> list[Piece]:
    """The papers in order with their page numbers; one query."""
    inside = list(of.papers.inside())
    found, last = [], ""
    for one, line in zip(inside, rules.paginate(p.line() for p in inside), strict=True):
        group = tables.group_of(one.kind)
        found.append(Piece(one, line, group, group.id != last))
        last = group.id
    return found


def left_out(of: Dossier) -> list[DossierPaper]:
    """What was taken out, with its reason; it stays known."""
    return list(of.papers.filter(left_out_at__isnull=False).order_by("left_out_at"))


def missing(of: Dossier, *, actor: Actor) -> list[sources.Available]:
    """Papers and evidence of the case that aren't in the file yet, in the order they would take."""
    inside = set(of.papers.values_list("source_key", flat=True))
    return in_order([one for one in sources.available(of.case, actor=actor) if one.key not in inside])


def checks_of(of: Dossier) -> list[LastCheck]:
    """The checks of a file with what they returned, the latest first."""
    return list(of.checks.prefetch_related("faults__paper", "faults__answer_paper").order_by("-round"))


def open_faults(of: Dossier) -> list[ReturnedPoint]:
    """What the latest return asks and nobody has answered."""
    found = ReturnedPoint.objects.filter(check_made__dossier=of, answered_at=None)
    return list(found.select_related("check_made", "paper").order_by("check_made__round", "id"))


def fault(*, actor: Actor, fault_id: UUID) -> ReturnedPoint:
    """One returned point. Raises NotFound."""
    access.require(actor, "dossiers.see")
    found = ReturnedPoint.objects.filter(pk=fault_id).select_related("check_made__dossier__case", "paper").first()
    if found is None or not access.may(actor, "dossiers.see", found.check_made.dossier):
        raise NotFound()
    return found


# --- lists ---------------------------------------------------------------------------------------------------


def listed(*, actor: Actor, state: str = "") -> QuerySet[Dossier]:
    """The files an actor may see, with how many papers and checks each has (`inside`, `rounds`)."""
    access.require(actor, "dossiers.see")
    found = visible(actor)
    return _counted(found.filter(state=state) if state in set(rules.State) else found)


def to_check(actor: Actor) -> list[DossierRow]:
    """The legal officer's queue: files of their cases that wait for the last check, the longest waiting first."""
    return [_row(one) for one in _counted(_waiting(actor)).order_by("submitted_at")[:PAGE]]


def to_check_count(actor: Actor, at: datetime) -> int | None:
    if actor.post not in (Post.LEGAL_OFFICER, Post.LEGAL_SECTION):
        return None
    return _waiting(actor).values("pk")[:MOST].count()


def returned_to(actor: Actor) -> QuerySet[ReturnedPoint]:
    """What was returned in the cases the actor handles and isn't answered yet, the oldest first."""
    found = ReturnedPoint.objects.filter(
        answered_at=None,
        check_made__dossier__state=rules.State.RETURNED,
        check_made__dossier__case__in=cases.own_cases(actor),
    )
    return found.select_related("check_made__dossier__case").order_by("check_made__at")[:PAGE]


def submitted_by(actor: Actor) -> QuerySet[Dossier]:
    """Files of the actor's cases that wait for the legal officer."""
    found = Dossier.objects.filter(state=rules.State.SUBMITTED, case__in=cases.own_cases(actor))
    return found.select_related("case").order_by("submitted_at")


def count_in(case: Any) -> int | None:
    """How many papers the file of a case has, for its tab."""
    return DossierPaper.objects.filter(dossier__case=case, left_out_at=None).count()


def _waiting(actor: Actor) -> QuerySet[Dossier]:
    mine = Q(case__members__officer_id=actor.officer_id, case__members__role=LEGAL, case__members__until_at=None)
    return Dossier.objects.filter(mine, state=rules.State.SUBMITTED)


def _counted(found: QuerySet[Dossier]) -> QuerySet[Dossier]:
    inside = Count("papers", filter=Q(papers__left_out_at=None), distinct=True)
    return found.select_related("case", "unit").annotate(inside=inside, rounds=Count("checks", distinct=True))


def _row(one: Any) -> DossierRow:
    return DossierRow(
        id=one.pk,
        case_number=one.case.number,
        case_title=one.case.title,
        unit_name=one.unit.name,
        state=rules.State(one.state).label,
        state_key=one.state,
        papers=one.inside,
        submitted_at=one.submitted_at,
        submitted_by=one.submitted_by_name,
        round=one.rounds,
    )


def passed(case: Any) -> bool:
    """Whether the last check of a case's file has passed and nothing was reopened since."""
    return Dossier.objects.filter(case=case, state__in=rules.FROZEN).exists()


def why_not_passed(case: Any) -> Sentence | None:
    """What stands between a case and a passed file, in words; None where it has passed."""
    one = dossier_of(case)
    if one is None:
        return rules.NO_DOSSIER
    return None if rules.State(one.state) in rules.FROZEN else rules.STANDS.fill(state=rules.State(one.state).label)


def in_order(keys: Sequence[sources.Available]) -> list[sources.Available]:
    """Sources in the order of the parts of a file, then of time."""
    return sorted(keys, key=lambda one: (*tables.place_of(one.kind), one.made_at, one.number))
