"""Bring in many cases at once, from a simulation or another system: one `imported` entry a case, no clocks, no papers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, TeamMember, TitleGram
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access, ledger, numbering, places
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.records import uuid7
from qingkong.kernel.text import local

BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """A case as another system knows it. `team`: role → (officer id, name, post)."""

    kind: CaseKind
    offence: str
    unit_id: UUID
    division_code: str
    filed_at: datetime
    state: CaseState = CaseState.INVESTIGATING
    over_at: datetime | None = None
    over_ground: str = ""
    external_number: str = ""
    call_number: str = ""
    team: dict[TeamRole, tuple[UUID, str, Post]] = field(default_factory=dict)


def import_cases(rows: Iterable[Imported], *, actor: Actor, at: datetime) -> int:
    """Take cases in batches of 500, each batch whole or not at all; how many were taken. Numbers are given in order."""
    access.require(actor, "cases.import")
    taken = 0
    iterator: Iterator[Imported] = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        with transaction.atomic():
            taken += _take(batch, actor=actor, at=at)
    return taken


def _take(batch: list[Imported], *, actor: Actor, at: datetime) -> int:
    names = places.full_names({row.division_code for row in batch})
    numbers = _numbers(batch)
    cases = [
        Case(
            id=uuid7(),
            number=number,
            external_number=row.external_number,
            kind=row.kind,
            public_order=row.kind is CaseKind.ADMINISTRATIVE,
            title=f"{names[row.division_code]}{row.offence}案",
            offence=row.offence,
            division_code=row.division_code,
            place_name=names[row.division_code],
            unit_id=row.unit_id,
            state=row.state,
            call_number=row.call_number,
            filed_at=row.filed_at,
            filed_by_name=actor.name,
            over_at=row.over_at,
            over_by_name=actor.name if row.over_at else "",
            over_ground=row.over_ground,
        )
        for row, number in zip(batch, numbers, strict=True)
    ]
    Case.objects.bulk_create(cases)
    TeamMember.objects.bulk_create(
        TeamMember(case=case, officer_id=officer, officer_name=name, post=post, role=role, since_at=row.filed_at)
        for case, row in zip(cases, batch, strict=True)
        for role, (officer, name, post) in row.team.items()
    )
    TitleGram.objects.bulk_create(
        [
            TitleGram(gram=gram, moment=queries.moment_of(case.filed_at))
            for case in cases
            for gram in sorted(queries.grams(case.title))
        ],
        ignore_conflicts=True,
    )
    for case in cases:
        ledger.record(actor=actor, at=at, act="cases.imported", subject=case, facts={"external": case.external_number})
    return len(cases)


def _numbers(batch: list[Imported]) -> list[str]:
    """Numbers in the order of the rows, one reservation a series and year."""
    series = ["X" if row.kind is CaseKind.CRIMINAL else "A" for row in batch]
    groups: dict[tuple[str, int], list[int]] = {}
    for index, (letter, row) in enumerate(zip(series, batch, strict=True)):
        groups.setdefault((letter, local(row.filed_at).year), []).append(index)
    numbers = [""] * len(batch)
    for (letter, _), indexes in groups.items():
        first = numbering.take(letter, at=batch[indexes[0]].filed_at, count=len(indexes))
        head, _, serial = first.partition("-")
        for step, index in enumerate(indexes):
            numbers[index] = f"{head}-{int(serial) + step:06d}"
    return numbers
