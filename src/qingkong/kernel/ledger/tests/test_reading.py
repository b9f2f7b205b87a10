from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from qingkong.kernel import ledger
from qingkong.kernel.ledger.tests.building import AT, enter, fill


def test_a_timeline_shows_the_newest_first_with_its_seals(apart):
    fill(3)
    with ledger.deferred(apart):
        enter(0, act="tests.peeked", at=AT + timedelta(minutes=1), purpose="handling", reference="J2026-000001")
        newest, *rest = ledger.timeline("J2026-000001", using=apart)
        assert (newest.sequence, newest.sealed, newest.is_look) == (None, False, True)
        assert [line.sequence for line in rest] == [2, 1, 0]
        assert all(line.sealed and not line.cosigned for line in rest)
        assert str(rest[0].sentence) == "办理第2件"
    assert ledger.timeline("J2026-000001", using=apart)[0].sealed


def test_a_timeline_of_a_subject_leaves_out_the_others(apart):
    fill(6)
    assert [line.sequence for line in ledger.timeline("tests.thing:1", using=apart)] == [4, 1]
    assert ledger.timeline("tests.thing:9", using=apart) == []
    assert ledger.timeline("", using=apart) == []


def test_pages_of_a_timeline_join_without_gap_or_overlap(apart):
    fill(25)
    seen, before = [], None
    while lines := ledger.timeline("J2026-000001", limit=10, before=before, using=apart):
        seen += [line.sequence for line in lines]
        before = lines[-1].entry_id
    assert seen == list(range(24, -1, -1))


def test_looks_are_told_apart_from_acts(apart):
    fill(3)
    enter(act="tests.peeked", purpose="review", reference="J2026-000001")
    (look,) = ledger.looks_at("J2026-000001", using=apart)
    assert (look.purpose, look.reference, look.actor_name) == ("review", "J2026-000001", "示例甲")


@pytest.mark.parametrize("count", [3, 60])
def test_a_timeline_asks_two_questions_however_long_it_is(apart, count):
    fill(count)
    with CaptureQueriesContext(
        connections[apart],
    ) as asked:
        assert len(ledger.timeline("J2026-000001", limit=100, using=apart)) == count
    assert len(asked) == 2


@pytest.mark.parametrize(("key", "index"), [("J2026-000001", "by_thread"), ("tests.thing:1", "by_subject")])
def test_a_timeline_is_read_in_order_from_its_index(apart, key, index):
    fill(9)
    with CaptureQueriesContext(connections[apart]) as asked:
        ledger.timeline(key, using=apart)
    with transaction.atomic(using=apart), connections[apart].cursor() as cursor:
        if connections[apart].vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")  # nine rows are planned as a million would be
            cursor.execute(f"EXPLAIN {asked[0]['sql']}")
            plan = " ".join(row[0] for row in cursor.fetchall())
    assert f"ledger_entry_{index}" in plan
    assert "TEMP B-TREE" not in plan and "Sort  (" not in plan
