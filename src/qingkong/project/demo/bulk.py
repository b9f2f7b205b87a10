"""Fill a demo instance in bulk, for measuring: one `imported` entry a call, a case."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from qingkong.domains.enforcement.calls import operations as call_operations
from qingkong.domains.enforcement.calls.rules import Result, Sent
from qingkong.domains.enforcement.cases import operations as case_operations
from qingkong.kernel import access, ledger
from qingkong.kernel.identity.posts import Post
from qingkong.project.demo import bureau as bureaus
from qingkong.project.demo.calls import PLACES, TOLD, Scene, minutes, scene

SPAN = timedelta(days=3650)


def fill(*, calls: int, cases: int, seed: int, at: datetime) -> None:
    """Add so many calls and cases spread over ten years before `at`; says how fast it went."""
    found = scene(bureaus.find())
    if calls:
        _timed("警情 / calls", calls, lambda: _calls(found, calls, seed, at))
    if cases:
        _timed("案件 / cases", cases, lambda: _cases(found, cases, seed, at))


def _timed(what: str, count: int, do) -> None:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    made = do()
    seconds = time.perf_counter() - began
    print(f"==> {what}: {made:,} / {count:,}, {seconds:.1f} s, {made / max(seconds, 0.001):,.0f}/s", file=sys.stderr)


def _calls(found: Scene, count: int, seed: int, at: datetime) -> int:
    with ledger.deferred():
        outcome = call_operations.import_calls(
            rows=_rows(found, count, seed, at), actor=access.system("simulation"), at=at
        )
    return outcome.made


def _rows(found: Scene, count: int, seed: int, at: datetime) -> Iterator[call_operations.ImportedCall]:
    random, weights, begin = Random(seed), [told.often for told in TOLD], at - SPAN
    leads = {unit.code: found.bureau.actors(unit.code, Post.OFFICER) for unit in found.bureau.stations()}
    for number in range(count):
        taken_at = begin + SPAN * (number / count)
        told, village = random.choices(TOLD, weights)[0], random.choice(found.villages)
        station = found.bureau.station_of(village)
        lead = random.choice(leads[station.code])
        sent_at = taken_at + minutes(random, 0.3, 2)
        arrived_at = sent_at + minutes(random, 5, 25)
        sent = Sent(
            sent_at=sent_at, acknowledged_at=sent_at + timedelta(seconds=40), departed_at=sent_at + timedelta(minutes=3),
            arrived_at=arrived_at, reported_at=arrived_at + timedelta(minutes=20),
        )  # fmt: skip
        yield call_operations.ImportedCall(
            intake=call_operations.Intake(
                kind=told.kind, division_code=village, what=random.choice(told.what), place_text=random.choice(PLACES),
                external_number=f"SIM{seed}-{number:08}",
            ),
            taken_at=taken_at, sent=sent, unit_id=station.pk, lead_id=lead.officer_id, lead_name=lead.name,
            result=told.result if told.result is not Result.CASE_WORTHY else Result.SETTLED, note=told.report,
            closed_at=arrived_at + timedelta(minutes=30),
        )  # fmt: skip


def _cases(found: Scene, count: int, seed: int, at: datetime) -> int:
    with ledger.deferred():
        return case_operations.import_cases(
            rows=_case_rows(found, count, seed, at), actor=access.system("simulation"), at=at
        )
