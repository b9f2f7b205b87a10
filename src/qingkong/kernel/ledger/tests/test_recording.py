from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import rfc8785
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong.kernel import ledger
from qingkong.kernel.ledger import canonical
from qingkong.kernel.ledger.models import Checkpoint, Entry, Facts, Leaf, Pending
from qingkong.kernel.ledger.tests.building import AT, actor, enter
from qingkong_verify.merkle import leaf_hash


def test_an_entry_outside_a_transaction_is_refused(apart):
    with pytest.raises(ledger.CannotRecord):
        ledger.record(actor=actor(), at=AT, act="tests.seen", subject="tests.thing:1", using=apart)


def test_an_act_nobody_registered_is_refused(apart):
    with pytest.raises(ledger.UnknownAct):
        enter(act="tests.never")


def test_an_entry_goes_when_its_transaction_goes(apart):
    with pytest.raises(ZeroDivisionError), transaction.atomic(using=apart):
        ledger.record(actor=actor(), at=AT, act="tests.seen", subject="tests.thing:1", using=apart)
        raise ZeroDivisionError
    assert not Entry.objects.using(apart).exists()
    assert not Pending.objects.using(apart).exists()


def test_an_entry_holds_who_what_when_why_and_its_own_hash(apart):
    entry = Entry.objects.using(apart).get(pk=enter(7, purpose="handling", reference="J2026-000001").pk)
    assert (entry.actor_name, entry.actor_post, entry.unit_name) == ("示例甲", "officer", "沙河站派出所")
    assert (entry.purpose, entry.reference, entry.thread, entry.at) == ("handling", "J2026-000001", "J2026-000001", AT)
    assert leaf_hash(bytes(entry.canonical)) == bytes(entry.leaf_hash)
    assert entry.facts.value == '{"what":"第7件"}'
    assert canonical.commitment(bytes(entry.facts.salt), entry.facts.value) == entry.commitment


def test_an_entry_joins_the_tree_right_after_commit_on_sqlite_and_at_the_tick_elsewhere(apart):
    enter()
    if connections[apart].vendor != "sqlite":
        assert Pending.objects.using(apart).count() == 1
        assert ledger.integrate(apart) == 1
    assert Leaf.objects.using(apart).get().sequence == 0
    assert Checkpoint.objects.using(apart).get().size == 1
    assert not Pending.objects.using(apart).exists()


def test_bulk_work_extends_the_tree_once(apart):
    with ledger.deferred(apart):
        for number in range(10):
            enter(number)
        assert not Leaf.objects.using(apart).exists()
    assert Leaf.objects.using(apart).count() == 10
    assert Checkpoint.objects.using(apart).get().size == 10


def test_many_acts_are_entered_in_one_go_in_their_order(apart):
    items = [
        {"actor": actor(), "at": AT, "act": "tests.done", "subject": f"tests.thing:{n}", "facts": {"what": n}}
        for n in range(600)
    ]
    with transaction.atomic(using=apart):
        assert ledger.record_many(items, using=apart) == 600
    ledger.integrate(apart)
    subjects = Leaf.objects.using(apart).order_by("sequence").values_list("entry__subject", flat=True)
    assert list(subjects) == [item["subject"] for item in items]
    assert ledger.verify(apart).ok


def test_facts_become_plain_json_and_what_cannot_is_refused(apart):
    day, key, moment = date(2026, 11, 24), UUID(int=7), datetime(2026, 11, 24, 9, tzinfo=UTC)
    text = canonical.facts_text({"b": [day, key, None, True, 3], "a": {"at": moment}})
    assert text == (
        '{"a":{"at":"2026-11-24T09:00:00.000000Z"},"b":["2026-11-24","00000000-0000-0000-0000-000000000007",null,true,3]}'
    )
    for value in (object(), {1, 2}, float("nan"), 2**60, b"x", datetime(2026, 1, 1)):
        with pytest.raises(ValueError):
            enter(facts={"x": value})


@pytest.mark.parametrize("field", ["purpose", "reference", "thread"])
def test_what_a_column_cannot_hold_is_refused_on_both_databases(apart, field):
    for value in ("长" * 300, "nul\0"):
        with pytest.raises(ledger.CannotRecord):
            enter(**{field: value})
    assert not Entry.objects.using(apart).exists()


def test_a_checkpoint_is_never_signed_inside_a_transaction(apart):
    with ledger.deferred(apart):
        enter()
        with pytest.raises(RuntimeError), transaction.atomic(using=apart):
            ledger.integrate(apart)


def test_an_idle_tick_takes_no_write_lock(apart):
    enter()
    ledger.integrate(apart)
    with CaptureQueriesContext(connections[apart]) as asked:
        assert ledger.integrate(apart) == 0
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"] * len(asked)


def test_an_act_registered_twice_with_other_words_is_refused():
    from qingkong.kernel.text import zh

    ledger.register_acts({"tests.seen": zh("看过")})
    with pytest.raises(ledger.UnknownAct):
        ledger.register_acts({"tests.seen": zh("没看过")})


@pytest.mark.parametrize("table", ["entry", "leaf", "checkpoint", "tile", "facts"])
@pytest.mark.parametrize("statement", ["UPDATE ledger_{} SET {}", "DELETE FROM ledger_{}"])
def test_the_database_refuses_to_change_or_delete(apart, table, statement):
    enter()
    ledger.integrate(apart)
    change = {
        "entry": "actor_name = 'x'", "leaf": "sequence = 5", "checkpoint": "note = 'x'",
        "tile": "width = 3", "facts": "value = 'x'",
    }[table]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic(using=apart), connections[apart].cursor() as cursor:
        cursor.execute(statement.format(table, change))
    assert ledger.verify(apart).ok


def test_replace_and_truncate_do_not_slip_by(apart):
    entry = enter()
    ledger.integrate(apart)
    connection = connections[apart]
    with pytest.raises(IntegrityError), transaction.atomic(using=apart), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT OR REPLACE INTO ledger_leaf (sequence, entry_id) VALUES (0, %s)", [entry.pk.hex])
        else:
            cursor.execute("TRUNCATE ledger_leaf CASCADE")
    assert ledger.verify(apart).ok


def test_a_missing_or_altered_trigger_is_named_at_start_up(apart):
    assert ledger.check_triggers(apart) == []
    on = "" if connections[apart].vendor == "sqlite" else " ON ledger_leaf"
    with connections[apart].cursor() as cursor:
        cursor.execute(f"DROP TRIGGER ledger_leaf_no_delete{on}")
    assert [line for line in ledger.check_triggers(apart) if "ledger_leaf_no_delete" in line]


def test_a_guard_that_stands_and_does_nothing_is_named_at_start_up(apart):
    with connections[apart].cursor() as cursor:
        if connections[apart].vendor == "sqlite":
            cursor.execute("DROP TRIGGER ledger_leaf_no_delete")
            cursor.execute("CREATE TRIGGER ledger_leaf_no_delete BEFORE DELETE ON ledger_leaf BEGIN SELECT 1; END")
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"
            )
    assert len(ledger.check_triggers(apart)) == 1


def test_facts_are_erased_by_two_people_with_a_ground_and_the_log_stays_whole(apart):
    entry = enter(3)
    other = actor("示例乙", "0190aaaa-0000-7000-8000-000000000002")
    for bad in ({"ground": " "}, {"second": actor()}, {"second": None}):
        with pytest.raises(ledger.CannotErase):
            ledger.erase_facts(
                entry,
                **{"ground": "个人信息保护法第四十七条", "actor": actor(), "second": other, "at": AT, **bad},
                using=apart,
            )
    ledger.erase_facts(entry, ground="个人信息保护法第四十七条", actor=actor(), second=other, at=AT, using=apart)
    ledger.integrate(apart)
    kept = Facts.objects.using(apart).get(pk=entry.pk)
    assert (kept.value, kept.salt) == (None, None)
    assert ledger.verify(apart).ok
    assert str(ledger.timeline(entry.subject, using=apart)[0].sentence) == "办理（已依法删除）"
    with pytest.raises(ledger.CannotErase):
        ledger.erase_facts(entry, ground="同上", actor=actor(), second=other, at=AT, using=apart)


@settings(max_examples=200)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=len(canonical.FIELDS), max_size=len(canonical.FIELDS)))
def test_the_bytes_of_an_entry_are_those_of_rfc_8785(values):
    fields = dict(zip(canonical.FIELDS, values, strict=True))
    assert canonical.entry_bytes(fields) == rfc8785.dumps({"format": canonical.FORMAT, **fields})
