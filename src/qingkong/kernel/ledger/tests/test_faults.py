"""SIGKILL at every statement of the write path, and several processes at once: nothing lost, nothing doubled."""

import pytest
from django.db import connections, transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Checkpoint, Entry, Leaf, Pending
from qingkong.kernel.ledger.tests.building import AT, actor, enter, fill, sql
from qingkong.killing import ended, forked, killed_at

LONGEST = 80  # more statements than recording and integrating one entry takes


def change_with_entry(using: str, number: int) -> None:
    """A business row with its entry, in one transaction."""
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute("INSERT INTO business (number) VALUES (%s)", [number])
        ledger.record(
            actor=actor(), at=AT, act="tests.done", subject=f"business:{number}", facts={"what": number}, using=using
        )


@pytest.mark.parametrize("already", [0, 255])
def test_a_process_killed_at_any_statement_loses_and_doubles_nothing(apart, already):
    sql(apart, "CREATE TABLE business (number integer PRIMARY KEY)")
    fill(already)
    survived = False
    for point in range(LONGEST):

        def work(point=point):
            change_with_entry(apart, point)
            ledger.integrate(apart)

        survived = not killed_at(point, work, using=apart)
        _whole(apart)
        if survived:
            break
    assert survived, "the write path has more steps than were tried"
    ledger.integrate(apart)
    _whole(apart)
    assert ledger.verify(apart).ok
    assert not Pending.objects.using(apart).exists()


def _whole(using: str) -> None:
    """Each business row has its one entry, and the other way round; the ledger is sound or merely unsigned."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT number FROM business ORDER BY number")
        rows = [f"business:{number}" for (number,) in cursor.fetchall()]
    entries = Entry.objects.using(using).filter(subject__startswith="business:").values_list("subject", flat=True)
    assert sorted(entries) == sorted(rows)
    assert {problem.kind for problem in ledger.verify(using).problems} <= {"unsigned"}


def test_processes_that_record_and_integrate_at_once_build_one_tree(apart, settings):
    each, processes = 40, 3

    def write(process: int) -> None:
        for number in range(each):
            enter(process * each + number, subject=f"tests.thing:{process}-{number}")
            if number % 3 == 0:
                ledger.integrate(apart)

    children = [forked(lambda process=process: write(process)) for process in range(processes)]
    assert [ended(child) for child in children] == [0] * processes
    ledger.integrate(apart)
    sequences = list(Leaf.objects.using(apart).order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(each * processes))
    assert Entry.objects.using(apart).values("subject").distinct().count() == each * processes
    assert ledger.verify(apart).ok
    for process in range(processes):
        own = (
            Leaf.objects.using(apart).filter(entry__subject__startswith=f"tests.thing:{process}-").order_by("sequence")
        )
        order = [int(subject.rpartition("-")[2]) for subject in own.values_list("entry__subject", flat=True)]
        assert order == list(range(each))


def test_a_lost_key_stops_the_signing_and_not_the_work(apart, tmp_path):
    (key,) = (tmp_path / "keys").glob("*.key")
    key.rename(tmp_path / "away")
    enter()
    assert Entry.objects.using(apart).count() == 1
    with pytest.raises(ledger.KeyMissing):
        ledger.integrate(apart)
    with pytest.raises(ledger.KeyMissing):
        ledger.make_key(origin="qingkong/test", using=apart)
    (tmp_path / "away").rename(key)
    ledger.integrate(apart)
    assert Checkpoint.objects.using(apart).get().size == 1
    assert ledger.verify(apart).ok
