"""Fill a demo instance in bulk, for measuring: one `imported` entry a call, a case."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from qingkong.domains.enforcement.calls import operations as call_operations
from qingkong.domains.enforcement.calls.rules import Result, Sent
from qingkong.domains.enforcement.cases import operations as case_operations
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
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


def _timed(what: str, count: int, do: Callable[[], int]) -> None:
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


OFFENCES = ("殴打他人", "盗窃", "寻衅滋事", "故意损毁财物", "赌博")


def _case_rows(found: Scene, count: int, seed: int, at: datetime) -> Iterator[case_operations.Imported]:
    random, begin = Random(seed + 1), at - SPAN
    teams = {
        unit.code: (found.bureau.actors(unit.code, Post.OFFICER), found.bureau.actor(unit.code, Post.LEGAL_OFFICER))
        for unit in found.bureau.stations()
    }
    for number in range(count):
        filed_at, village = begin + SPAN * (number / count), random.choice(found.villages)
        unit = found.bureau.station_of(village)
        officers, legal = teams[unit.code]
        lead, second = random.sample(officers, 2)
        over_at = filed_at + timedelta(days=random.uniform(3, 29))
        over = over_at < at and random.random() < 0.985
        yield case_operations.Imported(
            kind=CaseKind.ADMINISTRATIVE, offence=random.choice(OFFENCES), unit_id=unit.pk, division_code=village,
            filed_at=filed_at, state=CaseState.CLOSED if over else CaseState.INVESTIGATING,
            over_at=over_at if over else None, over_ground="258-3" if over else "",
            external_number=f"SIM{seed}-A{number:08}",
            team={
                role: (actor.officer_id, actor.name, actor.post)
                for role, actor in ((TeamRole.LEAD, lead), (TeamRole.SECOND, second), (TeamRole.LEGAL, legal))
                if actor.officer_id and actor.post
            },
        )  # fmt: skip
