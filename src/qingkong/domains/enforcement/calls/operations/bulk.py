"""Import many calls at once, as a register hands them over: one `calls.imported` entry a call."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from django.db import transaction

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Call, Caller, PlaceGram, Response
from qingkong.domains.enforcement.calls.operations.intake import Checked, Intake, check
from qingkong.domains.enforcement.calls.operations.take import build, build_caller, grams_of
from qingkong.kernel import access, ledger, numbering
from qingkong.kernel.access import Actor
from qingkong.kernel.records import uuid7
from qingkong.kernel.refusals import Invalid
from qingkong.kernel.text import Sentence, local, zh

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ImportedCall:
    """A call as another register has it: when it was taken there, who went, how it ended."""

    intake: Intake
    taken_at: datetime
    sent: rules.Sent | None = None
    unit_id: UUID | None = None  # of who went
    lead_id: UUID | None = None
    lead_name: str = ""
    result: rules.Result | None = None
    note: str = ""
    closed_at: datetime | None = None


@dataclass(slots=True)
class Imported:
    """What came of an import: counts, and for each row refused its position (from 0) and why."""

    made: int = 0
    already: int = 0
    refused: list[tuple[int, Sentence]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ready:
    position: int
    row: ImportedCall
    checked: Checked


def import_calls(*, rows: Iterable[ImportedCall], actor: Actor, at: datetime, chunk: int = CHUNK) -> Imported:
    """Take over calls from elsewhere, `chunk` of them in a transaction; a chunk is there whole or not at all.

    A row with an external number that is known already is left alone; a faulty row is refused by its position and
    the rest goes on. No events happen and no clocks start: what is over elsewhere isn't begun anew here.
    """
    access.require(actor, "calls.import")
    outcome = Imported()
    numbered = enumerate(rows)
    while part := list(islice(numbered, chunk)):
        _import_chunk(part, outcome, actor, at)
    return outcome


@transaction.atomic
def _import_chunk(part: Sequence[tuple[int, ImportedCall]], outcome: Imported, actor: Actor, at: datetime) -> None:
    ready = list(_checked(part, outcome, at))
    known = _known_numbers(ready)
    fresh: list[_Ready] = []
    for one in ready:
        number = one.checked.intake.external_number
        if number and number in known:
            outcome.already += 1
            continue
        known.add(number)
        fresh.append(one)
    calls = list(_numbered(fresh, actor))
    _insert(fresh, calls, at)
    ledger.record_many(
        {
            "actor": actor, "at": at, "act": "calls.imported", "subject": call,
            "facts": {"number": call.number, "external_number": call.external_number or "", "taken_at": call.taken_at},
        }
        for call in calls
    )  # fmt: skip
    outcome.made += len(calls)


def _checked(part: Sequence[tuple[int, ImportedCall]], outcome: Imported, at: datetime) -> Iterator[_Ready]:
    known = queries.known({row.intake.division_code for _, row in part})
    for position, row in part:
        try:
            checked = check(row.intake, known)
        except Invalid as invalid:
            outcome.refused.append((position, invalid.reason))
            continue
        if reason := _why_not(row, at):
            outcome.refused.append((position, reason))
            continue
        yield _Ready(position, row, checked)


def _why_not(row: ImportedCall, at: datetime) -> Sentence | None:
    if row.taken_at > at:
        return zh("时间晚于现在。")
    if (row.result is None) != (row.closed_at is None):
        return zh("结警要有结果和时间。")
    if row.sent is not None and (row.unit_id is None or row.lead_id is None):
        return zh("派警要有单位和带队民警。")
    moments = [row.taken_at]
    if row.sent is not None:
        moments += [row.sent.sent_at, *(m for s in rules.STAMPS if (m := row.sent.stamp(s)) is not None)]
        if row.sent.reported_at is not None and row.sent.arrived_at is None:
            return rules.ARRIVE_FIRST
    if row.closed_at is not None:
        moments.append(row.closed_at)
    return zh("时间前后颠倒。") if moments != sorted(moments) else None


def _known_numbers(ready: Sequence[_Ready]) -> set[str]:
    wanted = [one.checked.intake.external_number for one in ready if one.checked.intake.external_number]
    known = Call.objects.filter(external_number__in=wanted).values_list("external_number", flat=True)
    return {number for number in known if number}


def _numbered(fresh: Sequence[_Ready], actor: Actor) -> Iterator[Call]:
    """A Call for each row, numbers taken in one go for each year, in the order of the rows."""
    for year, group in groupby(fresh, key=lambda one: local(one.row.taken_at).year):
        rows = list(group)
        first = numbering.take("J", at=rows[0].row.taken_at, count=len(rows), form="{serial}")
        for serial, one in enumerate(rows, start=int(first)):
            yield _call(one, numbering.PLAIN.format(series="J", year=year, serial=serial), actor)


def _call(one: _Ready, number: str, actor: Actor) -> Call:
    row = one.row
    call = build(one.checked, call_id=uuid7(), number=number, actor=actor, at=row.taken_at)
    call.unit_id = row.unit_id or row.intake.unit_id
    if row.closed_at is not None and row.result is not None:
        call.state, call.result, call.result_note = rules.State.CLOSED, row.result, row.note
        call.closed_at, call.closed_by_name = row.closed_at, actor.name
    elif row.sent is not None:
        call.state = rules.state_of([row.sent])
    return call


def _insert(fresh: Sequence[_Ready], calls: Sequence[Call], at: datetime) -> None:
    Call.objects.insert_rows(calls)
    pairs = list(zip(fresh, calls, strict=True))
    Caller.objects.insert_rows(
        build_caller(call, one.checked.intake, at=at) for one, call in pairs if one.checked.intake.has_caller
    )
    Response.objects.insert_rows(
        _response(one.row, call, one.row.sent) for one, call in pairs if one.row.sent is not None
    )
    PlaceGram.objects.enter(sorted(gram for call in calls for gram in grams_of(call)))


def _response(row: ImportedCall, call: Call, sent: rules.Sent) -> Response:
    return Response(
        call=call, unit_id=row.unit_id, lead_id=row.lead_id, lead_name=row.lead_name, sent_at=sent.sent_at,
        sent_by_name=call.taken_by_name, acknowledged_at=sent.acknowledged_at, departed_at=sent.departed_at,
        arrived_at=sent.arrived_at, reported_at=sent.reported_at, stood_down_at=sent.stood_down_at,
    )  # fmt: skip
