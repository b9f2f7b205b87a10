from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.models import Call, Caller, Response
from qingkong.domains.enforcement.calls.operations import ImportedCall
from qingkong.domains.enforcement.calls.rules import Result, Sent, State
from qingkong.domains.enforcement.calls.tests.building import INTAKE, a_call, minutes
from qingkong.kernel import access, clocks
from qingkong.kernel.refusals import NotPermitted

pytestmark = pytest.mark.django_db
SYSTEM = access.system("import")


def a_row(county, n: int = 0, **changes) -> ImportedCall:
    taken_at = minutes(county.at, -60 * 24 + n)
    sent = Sent(taken_at, *(minutes(taken_at, m) for m in (1, 3, 12, 40)))
    return ImportedCall(
        intake=replace(INTAKE, external_number=f"旧-{n}"),
        taken_at=taken_at,
        sent=sent,
        unit_id=county.station.pk,
        lead_id=county.officers.officer.pk,
        lead_name=county.officer.name,
        result=Result.CASE_WORTHY,
        closed_at=minutes(taken_at, 50),
        **changes,
    )


def bring(county, rows, **options):
    return operations.import_calls(rows=rows, actor=SYSTEM, at=county.at, **options)


def test_imported_calls_stand_whole_with_one_entry_each_and_no_clock(county):
    outcome = bring(county, [a_row(county, n) for n in range(7)], chunk=3)
    assert (outcome.made, outcome.already, outcome.refused) == (7, 0, [])
    call = Call.objects.order_by("number").first()
    assert call.number == "J2026-000001" and call.state == State.CLOSED and call.unit == county.station
    assert Response.objects.get(call=call).reported_at == minutes(call.taken_at, 40)
    assert Caller.objects.count() == 7
    assert ledger_acts(call) == ["calls.imported"]
    assert clocks.of(call) == []
    assert queries.find_calls(actor=county.dispatcher, text="供销社").calls


def test_importing_again_changes_nothing(county):
    rows = [a_row(county, n) for n in range(5)]
    bring(county, rows)
    outcome = bring(county, [*rows, a_row(county, 9), rows[0]], chunk=4)
    assert (outcome.made, outcome.already) == (1, 6)
    assert a_call(county).number == "J2026-000007"


def test_a_faulty_row_is_refused_by_its_position_and_the_rest_is_taken(county):
    rows = [a_row(county, n) for n in range(6)]
    rows[1] = replace(rows[1], intake=replace(rows[1].intake, kind="ufo"))
    rows[2] = replace(rows[2], closed_at=None)
    rows[3] = replace(rows[3], sent=replace(rows[3].sent, departed_at=minutes(county.at, -99_999)))
    rows[4] = replace(rows[4], taken_at=minutes(county.at, 5))
    outcome = bring(county, rows)
    assert outcome.made == 2
    assert [position for position, _ in outcome.refused] == [1, 2, 3, 4]


def test_numbers_follow_the_county_s_year_of_the_call(county):
    old = ImportedCall(intake=INTAKE, taken_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    new = ImportedCall(intake=INTAKE, taken_at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    bring(county, [old, new])
    assert sorted(Call.objects.values_list("number", flat=True)) == ["J2025-000001", "J2026-000001"]


def test_a_dispatcher_may_not_import(county):
    with pytest.raises(NotPermitted):
        operations.import_calls(rows=[], actor=county.dispatcher, at=county.at)
