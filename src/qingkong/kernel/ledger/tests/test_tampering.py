"""What somebody who owns the tables can do, and that `verify` names it."""

import pytest
from django.db import connections

from qingkong.kernel import ledger
from qingkong.kernel.ledger import keys, notes, tree
from qingkong.kernel.ledger.canonical import FIELDS, entry_bytes
from qingkong.kernel.ledger.models import Checkpoint, Entry, Leaf
from qingkong.kernel.ledger.tests.building import actor, enter, fill, sql
from qingkong_verify.merkle import leaf_hash

COUNTS = [9, 300]  # all in one open tile; the row tampered with in a full one


def named(using: str) -> set[tuple[str, str, str, str]]:
    report = ledger.verify(using)
    assert report.ok is not bool(report.problems)
    return {(problem.kind, problem.table, problem.row, problem.column) for problem in report.problems}


def raw(using: str, key) -> str:
    return key.hex if connections[using].vendor == "sqlite" else str(key)


def test_an_untouched_ledger_is_sound(apart):
    entries = fill(300)
    enter(subject="tests.thing:none", act="tests.seen")
    ledger.integrate(apart)
    report = ledger.verify(apart)
    assert (report.ok, report.entries, report.problems) == (True, len(entries) + 1, [])


def test_an_empty_ledger_is_sound(apart):
    assert ledger.verify(apart) == ledger.verify(apart)
    assert ledger.verify(apart).ok


def test_entries_that_wait_for_the_tree_are_sound_and_counted(apart):
    with ledger.deferred(apart):
        enter()
        assert (ledger.verify(apart).ok, ledger.verify(apart).entries) == (True, 1)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("column", [*FIELDS, "canonical", "leaf_hash"])
def test_an_altered_column_of_an_entry_is_named(unguarded, column, count):
    entry = fill(count)[4]
    value = {"at": "2026-11-24 02:00:00+00:00", "canonical": b"x", "leaf_hash": b"y" * 32}.get(column, "x")
    where = raw(unguarded, entry.pk)
    if column == "id":
        value = raw(unguarded, type(entry.pk)(int=5))
    sql(unguarded, f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", [value, where])
    found = named(unguarded)
    if column == "id":
        assert ("missing", "ledger_entry", str(entry.pk), "") in found
        assert ("altered", "ledger_entry", "00000000-0000-0000-0000-000000000005", "id") in found
    else:
        assert found == {("altered", "ledger_entry", str(entry.pk), column)}


GARBAGE = {
    "sqlite": [b"\xff\xfe", 7, None, "", "2026-13-45 99:99:99"],
    "postgresql": ["infinity", "-infinity", "4713-01-01 BC"],
}


def test_garbage_in_a_column_is_named_and_stops_nothing(unguarded):
    """What a column can be made to hold: anything on SQLite, moments beyond all calendars on PostgreSQL."""
    vendor, entry = connections[unguarded].vendor, fill(9)[4]
    if vendor == "sqlite":
        sql(unguarded, "PRAGMA ignore_check_constraints = ON")
    change = "coalesce(%s, 'null')" if vendor == "sqlite" else "%s"
    for value in GARBAGE[vendor]:
        sql(unguarded, f"UPDATE ledger_entry SET at = {change} WHERE id = %s", [value, raw(unguarded, entry.pk)])
        assert named(unguarded) == {("altered", "ledger_entry", str(entry.pk), "at")}, value


@pytest.mark.parametrize("count", COUNTS)
def test_an_entry_rewritten_with_all_its_hashes_is_named(unguarded, count):
    entry = fill(count)[4]
    fields = {
        **{name: str(getattr(entry, name)) for name in FIELDS},
        "actor_name": "示例乙",
        "at": "2026-11-24T01:00:00.000000Z",
    }
    data = entry_bytes(fields)
    sql(
        unguarded,
        "UPDATE ledger_entry SET actor_name = '示例乙', canonical = %s, leaf_hash = %s WHERE id = %s",
        [data, leaf_hash(data), raw(unguarded, entry.pk)],
    )
    assert named(unguarded) == {("altered", "ledger_entry", str(entry.pk), "canonical")}


@pytest.mark.parametrize("count", COUNTS)
def test_a_deleted_entry_is_named(unguarded, count):
    entry = fill(count)[4]
    for table, column in (("ledger_facts", "entry_id"), ("ledger_entry", "id")):
        sql(unguarded, f"DELETE FROM {table} WHERE {column} = %s", [raw(unguarded, entry.pk)])
    assert named(unguarded) == {("missing", "ledger_entry", str(entry.pk), "")}


def test_an_inserted_entry_is_named(unguarded):
    fill(9)
    enter(act="tests.seen")
    ledger.integrate(unguarded)
    last = Leaf.objects.using(unguarded).order_by("-sequence").first()
    sql(unguarded, "DELETE FROM ledger_leaf WHERE sequence = %s", [last.sequence])
    found = named(unguarded)
    assert ("inserted", "ledger_entry", str(last.entry_id), "") in found
    assert ("missing", "ledger_leaf", str(last.sequence), "") in found


def test_two_entries_with_their_contents_swapped_are_named(unguarded):
    one, two, *_ = fill(9)
    for entry, other in ((one, two), (two, one)):
        sql(
            unguarded,
            "UPDATE ledger_entry SET canonical = %s, leaf_hash = %s WHERE id = %s",
            [bytes(other.canonical), bytes(other.leaf_hash), raw(unguarded, entry.pk)],
        )
    rows = {row for _, table, row, _ in named(unguarded) if table == "ledger_entry"}
    assert {str(one.pk), str(two.pk)} <= rows


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("position", [0, 4, -1])
def test_a_deleted_leaf_is_named(unguarded, count, position):
    sequence = range(len(fill(count)))[position]
    sql(unguarded, "DELETE FROM ledger_leaf WHERE sequence = %s", [sequence])
    assert ("missing", "ledger_leaf", str(sequence), "") in named(unguarded)


def test_an_inserted_leaf_is_named(unguarded):
    fill(9)
    with ledger.deferred(unguarded):
        entry = enter(act="tests.seen")
        sql(unguarded, "INSERT INTO ledger_leaf (sequence, entry_id) VALUES (9, %s)", [raw(unguarded, entry.pk)])
        found = named(unguarded)
        sql(unguarded, "DELETE FROM ledger_leaf WHERE sequence = 9")
    assert ("inserted", "ledger_leaf", "9", "") in found
    assert ("inserted", "ledger_pending", str(entry.pk), "") in found


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("column", ["sequence", "entry_id"])
def test_swapped_leaves_are_named(unguarded, count, column):
    fill(count)
    two, six = (Leaf.objects.using(unguarded).get(sequence=sequence) for sequence in (2, 6))
    sql(unguarded, "DELETE FROM ledger_leaf WHERE sequence IN (2, 6)")
    for sequence, leaf in ((6, two), (2, six)):
        sql(
            unguarded,
            "INSERT INTO ledger_leaf (sequence, entry_id) VALUES (%s, %s)",
            [sequence, raw(unguarded, leaf.entry_id)],
        )
    assert named(unguarded) == {
        ("swapped", "ledger_leaf", "2", "entry_id"),
        ("swapped", "ledger_leaf", "6", "entry_id"),
    }


@pytest.mark.parametrize("value", [-1, 20, "not a number"])
def test_a_leaf_with_an_altered_sequence_is_named(unguarded, value):
    if connections[unguarded].vendor == "postgresql" and value == "not a number":
        value = 2**62  # there a column keeps its type: as far off as it goes
    fill(9)
    sql(unguarded, "UPDATE ledger_leaf SET sequence = %s WHERE sequence = 4", [value])
    found = named(unguarded)
    assert ("missing", "ledger_leaf", "4", "") in found
    assert {row for _, table, row, _ in found if table == "ledger_leaf"} == {"4", str(value)}


@pytest.mark.parametrize("value", ['\'{"what":"别的"}\'', "NULL"])
def test_altered_facts_are_named(unguarded, value):
    entry = fill(9)[4]
    sql(unguarded, f"UPDATE ledger_facts SET value = {value} WHERE entry_id = %s", [raw(unguarded, entry.pk)])
    assert {(table, row) for _, table, row, _ in named(unguarded)} == {("ledger_facts", str(entry.pk))}


def test_an_altered_salt_deleted_facts_and_swapped_facts_are_named(unguarded):
    salted, gone, one, two, *_ = fill(9)
    sql(unguarded, "UPDATE ledger_facts SET salt = %s WHERE entry_id = %s", [b"s" * 32, raw(unguarded, salted.pk)])
    sql(unguarded, "DELETE FROM ledger_facts WHERE entry_id = %s", [raw(unguarded, gone.pk)])
    values = {entry: Entry.objects.using(unguarded).get(pk=entry.pk).facts.value for entry in (one, two)}
    sql(unguarded, "UPDATE ledger_facts SET value = %s WHERE entry_id = %s", [values[one], raw(unguarded, two.pk)])
    sql(unguarded, "UPDATE ledger_facts SET value = %s WHERE entry_id = %s", [values[two], raw(unguarded, one.pk)])
    rows = {(kind, row) for kind, table, row, _ in named(unguarded) if table == "ledger_facts"}
    assert rows == {
        ("altered", str(salted.pk)), ("missing", str(gone.pk)), ("altered", str(one.pk)), ("altered", str(two.pk)),
    }  # fmt: skip


def test_facts_erased_without_an_entry_of_the_erasure_are_named(unguarded):
    entry, other, *_ = fill(9)
    sql(
        unguarded,
        "UPDATE ledger_facts SET value = NULL, salt = NULL, erasure_id = %s WHERE entry_id = %s",
        [raw(unguarded, other.pk), raw(unguarded, entry.pk)],
    )
    assert named(unguarded) == {("altered", "ledger_facts", str(entry.pk), "erasure")}


def test_facts_added_to_an_entry_that_had_none_or_to_no_entry_are_named(unguarded):
    entry = enter(act="tests.seen")
    ledger.integrate(unguarded)
    stray = type(entry.pk)(int=5)
    for key in (entry.pk, stray):
        sql(
            unguarded,
            "INSERT INTO ledger_facts (entry_id, salt, value) VALUES (%s, %s, '{}')",
            [raw(unguarded, key), b"s" * 32],
        )
    assert named(unguarded) == {
        ("inserted", "ledger_facts", str(entry.pk), ""), ("inserted", "ledger_facts", str(stray), ""),
    }  # fmt: skip


def test_a_pending_row_removed_or_added_is_named(unguarded):
    done = fill(3)[1]
    with ledger.deferred(unguarded):
        waiting = enter(act="tests.seen")
        sql(unguarded, "DELETE FROM ledger_pending WHERE entry_id = %s", [raw(unguarded, waiting.pk)])
        sql(unguarded, "INSERT INTO ledger_pending (entry_id) VALUES (%s)", [raw(unguarded, done.pk)])
        found = named(unguarded)
        sql(unguarded, "DELETE FROM ledger_pending")
    assert found == {
        ("inserted", "ledger_entry", str(waiting.pk), ""),
        ("inserted", "ledger_pending", str(done.pk), ""),
    }


def test_a_pending_row_that_lost_its_entry_is_named_and_holds_nothing_up(unguarded):
    with ledger.deferred(unguarded):
        gone = enter(act="tests.seen")
        sql(unguarded, "DELETE FROM ledger_entry WHERE id = %s", [raw(unguarded, gone.pk)])
        enter(act="tests.seen")
    assert named(unguarded) == {("inserted", "ledger_pending", str(gone.pk), "")}
    assert Leaf.objects.using(unguarded).count() == 1


@pytest.mark.parametrize("count", COUNTS)
def test_a_hash_altered_in_a_tile_is_named_as_the_tile(unguarded, count):
    fill(count)
    width = min(count, 256)
    hashes = b"".join(
        bytes(leaf.entry.leaf_hash) for leaf in Leaf.objects.using(unguarded).order_by("sequence")[:width]
    )
    forged = hashes[:96] + b"z" * 32 + hashes[128:]
    sql(unguarded, 'UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND "index" = 0', [forged])
    assert ("altered", "ledger_tile", "0/0", "hashes") in named(unguarded)


@pytest.mark.parametrize("change", ["level = 7", '"index" = 9', "width = 17", "hashes = ''"])
def test_a_tile_moved_resized_or_emptied_is_named(unguarded, change):
    fill(300)
    change = change.replace("''", "''::bytea") if connections[unguarded].vendor == "postgresql" else change
    sql(unguarded, f'UPDATE ledger_tile SET {change} WHERE level = 0 AND "index" = 0')
    assert "0/0" in {row for _, table, row, _ in named(unguarded) if table == "ledger_tile"}


@pytest.mark.parametrize("place", [(0, 0), (0, 1), (1, 0)])
def test_a_deleted_tile_is_named(unguarded, place):
    fill(300)
    sql(unguarded, 'DELETE FROM ledger_tile WHERE level = %s AND "index" = %s', place)
    assert ("missing", "ledger_tile", "{}/{}".format(*place), "") in named(unguarded)


@pytest.mark.parametrize("column", ["number", "size", "root", "note"])
def test_an_altered_column_of_a_checkpoint_is_named(unguarded, column):
    for number in range(3):
        enter(number)
        ledger.integrate(unguarded)
    value = {"number": 9, "size": 99, "root": b"r" * 32, "note": "x"}[column]
    sql(unguarded, f"UPDATE ledger_checkpoint SET {column} = %s WHERE number = 2", [value])
    assert {row for _, table, row, _ in named(unguarded) if table == "ledger_checkpoint"} & {"2", "9"}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_deleted_checkpoint_is_named(unguarded, number):
    for entry in range(3):
        enter(entry)
        ledger.integrate(unguarded)
    sql(unguarded, "DELETE FROM ledger_checkpoint WHERE number = %s", [number])
    kind, row = ("unsigned", "") if number == 3 else ("missing", str(number))
    assert named(unguarded) == {(kind, "ledger_checkpoint", row, "")}


def test_swapped_and_inserted_checkpoints_are_named(unguarded):
    for entry in range(4):
        enter(entry)
        ledger.integrate(unguarded)
    for number, new in ((2, 90), (3, 2), (90, 3)):
        sql(unguarded, "UPDATE ledger_checkpoint SET number = %s WHERE number = %s", [new, number])
    assert ("swapped", "ledger_checkpoint", "3", "size") in named(unguarded)
    stranger = keys.write_key(keys._file("stranger"), "qingkong/test", keys.ED25519)
    note = notes.sign_checkpoint(stranger, 50, b"r" * 32)
    sql(unguarded, "INSERT INTO ledger_checkpoint (number, size, root, note) VALUES (5, 50, %s, %s)", [b"r" * 32, note])
    assert ("altered", "ledger_checkpoint", "5", "note") in named(unguarded)


def test_a_tail_cut_off_with_its_tiles_is_named_by_the_checkpoint(unguarded):
    fill(9)
    kept = Checkpoint.objects.using(unguarded).get()
    for table in ("leaf", "tile", "pending", "facts", "entry"):
        sql(unguarded, f"DELETE FROM ledger_{table}")
    assert ("missing", "ledger_leaf", "0", "") in named(unguarded)
    assert kept.size == 9


def test_a_log_rewritten_with_good_tiles_contradicts_its_checkpoint(unguarded):
    fill(9)
    note = Checkpoint.objects.using(unguarded).get()
    for table in ("leaf", "tile", "pending", "facts", "entry", "checkpoint"):
        sql(unguarded, f"DELETE FROM ledger_{table}")
    fill(9)
    sql(unguarded, "DELETE FROM ledger_checkpoint")
    sql(
        unguarded, "INSERT INTO ledger_checkpoint (number, size, root, note) VALUES (1, 9, %s, %s)",
        [bytes(note.root), note.note],
    )  # fmt: skip
    assert named(unguarded) == {("disagrees", "ledger_checkpoint", "1", "root")}
    enter(act="tests.seen", actor=actor("示例丙"))
    with pytest.raises(ledger.LedgerBroken):
        ledger.integrate(unguarded)
    assert tree.size(unguarded) == 10
