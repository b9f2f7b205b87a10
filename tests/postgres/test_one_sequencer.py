"""Eight processes write while two put entries into the tree, and processes are killed in the middle of it."""

import os
import random
import signal
import time
from pathlib import Path

import pytest
from django.db import connections, transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Entry, Leaf, Pending
from qingkong.kernel.ledger.tests.building import AT, actor
from qingkong.killing import ended, forked

WRITERS, SEQUENCERS = 8, 2


class Stopped(Exception):
    """A change that its own operation takes back."""


def test_eight_writers_and_two_sequencers_killed_on_the_way_lose_and_double_nothing(two_roles, tmp_path):
    _storm(two_roles[1], tmp_path, each=25, kills=6)


@pytest.mark.deep
def test_a_long_storm_of_writers_and_kills_loses_and_doubles_nothing(two_roles, tmp_path):
    _storm(two_roles[1], tmp_path, each=600, kills=80)


def _storm(using: str, folder: Path, *, each: int, kills: int) -> None:
    connections.close_all()
    chance = random.Random(20261124)
    sequencers = [forked(lambda: _sequence(using)) for _ in range(SEQUENCERS)]
    writers = {number: forked(lambda n=number: _write(n, each, using, folder)) for number in range(WRITERS)}
    try:
        for kill in range(kills):
            _wait_for_leaves(using, (kill + 1) * WRITERS * each // (2 * kills))
            victim = chance.randrange(SEQUENCERS)
            _kill(sequencers[victim])
            sequencers[victim] = forked(lambda: _sequence(using))
            if kill % 3 == 2:  # a writer too; it goes on where its rows end
                number = chance.randrange(WRITERS)
                _kill(writers[number])
                writers[number] = forked(lambda n=number: _write(n, each, using, folder))
        assert [os.waitpid(child, 0)[1] for child in writers.values()] == [0] * WRITERS
    finally:
        for child in sequencers:
            _kill(child)
    ledger.integrate(using)
    _whole(using, each)
    _in_order_of_commit(using, folder)


def _write(writer: int, each: int, using: str, folder: Path) -> None:
    """A row and its entry each time; some are taken back, some have two entries."""
    log = os.open(folder / f"{writer}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM done WHERE writer = %s", [writer])
        (first,) = cursor.fetchone()
    for number in range(first, each):
        began = time.monotonic_ns()
        if number % 7 == 3:
            _take_back(writer, number, using)
        with transaction.atomic(using=using):
            _change(writer, number, using)
        os.write(log, f"{writer}-{number} {began} {time.monotonic_ns()}\n".encode())


def _take_back(writer: int, number: int, using: str) -> None:
    try:
        with transaction.atomic(using=using):
            _change(writer, number, using)
            raise Stopped
    except Stopped:
        pass


def _change(writer: int, number: int, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("INSERT INTO done VALUES (%s, %s) ON CONFLICT DO NOTHING", [writer, number])
        if not cursor.rowcount:  # the commit of one that was killed came through after all
            return
    facts = {"what": number}
    ledger.record(actor=actor(), at=AT, act="tests.done", subject=f"done:{writer}-{number}", facts=facts, using=using)


def _sequence(using: str) -> None:
    while True:
        if not ledger.integrate(using):
            time.sleep(0.002)  # the tick of a job worker, faster


def _whole(using: str, each: int) -> None:
    expected = {f"done:{writer}-{number}" for writer in range(WRITERS) for number in range(each)}
    assert sorted(Entry.objects.using(using).values_list("subject", flat=True)) == sorted(expected)
    sequences = list(Leaf.objects.using(using).order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(len(expected)))
    assert Leaf.objects.using(using).values("entry_id").distinct().count() == len(expected)
    assert not Pending.objects.using(using).exists()
    report = ledger.verify(using)
    assert report.ok, report.problems


def _in_order_of_commit(using: str, folder: Path) -> None:
    """What was committed before another began stands before it in the tree."""
    spans = {}
    for log in folder.glob("*.log"):
        for line in log.read_text().splitlines():
            subject, began, committed = line.split()
            spans[f"done:{subject}"] = int(began), int(committed)
    latest = 0
    for subject in Leaf.objects.using(using).order_by("sequence").values_list("entry__subject", flat=True):
        began, committed = spans.get(subject, (latest, latest))  # a writer killed between commit and log
        assert committed >= latest, f"{subject} was committed before an entry that stands before it began"
        latest = max(latest, began)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    assert ended(child) in (0, -signal.SIGKILL), "it had failed before it was killed"


def _wait_for_leaves(using: str, count: int) -> None:
    deadline = time.monotonic() + 120
    while Leaf.objects.using(using).count() < count:
        assert time.monotonic() < deadline, "the tree doesn't grow"
        time.sleep(0.005)
    connections[using].close()  # a fork must not inherit it
