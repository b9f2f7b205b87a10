"""SIGKILL at random points of every write path: what was being done is there whole, entry and all, or not at all.

Half of the points are steps (a statement, a commit), half are instants, wherever the process is then. After each, the
tables hold what they held or what the finished work adds; and `check --deep` finds nothing.
"""

import random
import time
from collections import Counter

import pytest
from django.apps import apps

from qingkong.kernel import ledger
from qingkong.killing import killed_after, killed_at, steps_of
from tests.faults.conftest import problems
from tests.faults.works import IN_STAGES, WORKS

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])

SEALING = {"ledger.Pending", "ledger.Leaf", "ledger.Tile", "ledger.Checkpoint"}  # come after the commit, at any time
ONCE = {
    "numbering.Serial",
    "calls.PlaceGram",
    "cases.TitleGram",
    "jobs.Timetable",
    "vault.Blob",
}  # rows that further work shares
SEED = 2011


def rows() -> Counter:
    """How many rows each of our tables holds."""
    own = [m for m in apps.get_models() if m.__module__.startswith("qingkong.") and m._meta.managed]
    return Counter({m._meta.label: m._default_manager.count() for m in own if m._meta.label not in SEALING | ONCE})


def added(before: Counter) -> dict[str, int]:
    return {label: n - before[label] for label, n in rows().items() if n != before[label]}


class Killer:
    """Breaks works off at random points, and counts."""

    def __init__(self, county, seed, *, checked_every):
        self.county, self.dice, self.checked_every = county, random.Random(seed), checked_every
        self.tries = self.killed = self.undone = self.done = 0

    def break_off(self, prepare, times):
        """Learn what the work adds and how long it is, in peace; then kill it so often."""
        work = prepare(self.county)
        before, begun = rows(), time.perf_counter()
        steps = steps_of(work)
        lasts, whole = time.perf_counter() - begun, added(before)
        for _ in range(times):
            work = prepare(self.county)
            before = rows()
            if self.dice.random() < 0.5:
                died = killed_at(self.dice.randrange(steps + 1), work)
            else:
                died = killed_after(self.dice.uniform(0, lasts * 1.2), work)
            self._judge(prepare, died, added(before), whole)

    def _judge(self, prepare, died, change, whole):
        self.tries += 1
        self.killed += died
        self.undone += not change
        self.done += bool(change)
        if prepare not in IN_STAGES:
            assert change in ({}, whole), (prepare.__name__, change, whole)
        if self.tries % self.checked_every == 0 or prepare in IN_STAGES:
            ledger.integrate()  # as the worker does at every poll: what was left pending or unsigned is taken up
            assert problems() == [], prepare.__name__


def test_work_killed_at_sixty_random_points_is_there_whole_or_not_at_all(county, typeset):
    killer = Killer(county, SEED, checked_every=12)
    for prepare in killer.dice.sample(WORKS, 15):
        killer.break_off(prepare, 4)
    ledger.integrate()
    assert problems() == []
    assert killer.tries == 60
    assert killer.killed > 20 and killer.undone > 10 and killer.done > 5  # it was in the middle of things


@pytest.mark.deep
def test_work_killed_at_a_thousand_random_points_is_there_whole_or_not_at_all(county, typeset, record_property):
    killer = Killer(county, SEED + 1, checked_every=5)
    for _ in range(5):
        for prepare in killer.dice.sample(WORKS, len(WORKS)):
            killer.break_off(prepare, 5)
            print(
                f"{killer.tries} tries, {killer.killed} killed, {killer.undone} undone, {killer.done} done", flush=True
            )
    ledger.integrate()
    assert problems() == []
    record_property("tries", killer.tries)
    assert killer.tries >= 1000
    assert killer.killed > 400 and killer.undone > 200 and killer.done > 100
