"""The statements that write entries, with facts and pending marks, and leaves. One entry: one round trip on PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections

from qingkong.kernel.ledger import prepared
from qingkong.kernel.ledger.models import Entry, Facts, Leaf, Pending, Tile

if TYPE_CHECKING:
    from qingkong.kernel.ledger.recording import Written

COLUMNS = [str(field.column) for field in Entry._meta.concrete_fields]
_NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
_MARKS = ", ".join(["%s"] * len(COLUMNS))
ENTRY = f'INSERT INTO "{Entry._meta.db_table}" ({_NAMES}) VALUES ({_MARKS})'
FACTS = f'INSERT INTO "{Facts._meta.db_table}" ("entry_id", "salt", "value") VALUES (%s, %s, %s)'
PENDING = f'INSERT INTO "{Pending._meta.db_table}" ("entry_id") VALUES (%s)'

LEAF = f'INSERT INTO "{Leaf._meta.db_table}" ("sequence", "entry_id") VALUES (%s, %s)'
# Each entry by its key, in its month: planned as a join, it may become a reading of all entries there are.
OLDEST = f"""SELECT waiting.id, waiting.entry_id, entry.leaf_hash FROM "{Pending._meta.db_table}" waiting
    CROSS JOIN LATERAL (
        SELECT leaf_hash FROM "{Entry._meta.db_table}" WHERE id = waiting.entry_id OFFSET 0
    ) entry ORDER BY waiting.id LIMIT %s"""
LEAVES = (
    f'INSERT INTO "{Leaf._meta.db_table}" ("sequence", "entry_id") '
    "SELECT %s + place - 1, key FROM unnest(%s::uuid[]) WITH ORDINALITY AS given(key, place)"
)


def insert(written: "Sequence[Written]", using: str) -> None:
    """Write entries, facts and pending rows, in the order given."""
    if not written:
        return
    connection = connections[using]
    with prepared.cursor(connection) as cursor:
        if connection.vendor == "postgresql" and len(written) == 1:
            row, facts, pending = _rows(written[0], connection)
            cursor.execute(_in_one(facts is not None), [*row, *(facts or ()), *pending])
            return
        rows, facts_rows, pending_rows = zip(*[_rows(one, connection) for one in written], strict=True)
        _each(cursor, ENTRY, rows)
        _each(cursor, FACTS, [row for row in facts_rows if row is not None])
        _each(cursor, PENDING, pending_rows)


def oldest(count: int, using: str) -> list[tuple[int, UUID, bytes]]:
    """Pending id, entry and leaf hash of those that wait longest and have their entry."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(OLDEST, [count])
            return list(cursor.fetchall())
    rows = Pending.objects.using(using).order_by("id").values_list("id", "entry_id", "entry__leaf_hash")
    return [(key, entry, bytes(leaf_hash)) for key, entry, leaf_hash in rows[:count]]


def insert_leaves(first: int, entries: Sequence[UUID], using: str) -> None:
    """Give entries their places in the tree, from `first` on."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(LEAVES, [first, list(entries)])
        else:
            _each(cursor, LEAF, [[first + place, key.hex] for place, key in enumerate(entries)])


def drop_outgrown(tiles: Sequence[tuple[int, int, int]], using: str) -> None:
    """Take away the narrower tiles of places where a wider one stands now: level, index, width."""
    if connections[using].vendor == "postgresql":  # where the application's role may not delete tiles itself
        with connections[using].cursor() as cursor:
            levels, indexes, _ = zip(*tiles, strict=True)
            cursor.execute("SELECT ledger_drop_outgrown(%s::integer[], %s::bigint[])", [list(levels), list(indexes)])
        return
    for level, index, width in tiles:
        Tile.objects.using(using).filter(level=level, index=index, width__lt=width).delete()


def forget(pending: Sequence[int], using: str) -> None:
    """These wait no longer."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(f"DELETE FROM {Pending._meta.db_table} WHERE id = ANY(%s)", [list(pending)])
        return
    for start in range(0, len(pending), 1000):
        Pending.objects.using(using).filter(id__in=pending[start : start + 1000]).delete()


def _each(cursor: Any, statement: str, rows: Sequence[list[Any]]) -> None:
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    elif rows:
        cursor.executemany(statement, rows)


@lru_cache(maxsize=2)
def _in_one(facts: bool) -> str:
    parts = [f"entered AS ({ENTRY})", *([f"stated AS ({FACTS})"] if facts else [])]
    return f"WITH {', '.join(parts)} {PENDING}"


def _rows(one: "Written", connection: Any) -> tuple[list[Any], list[Any] | None, list[Any]]:
    """The rows of an entry, of its facts if it has any, and of its pending mark, as this database takes them."""
    key: Any = one.id if connection.features.has_native_uuid_field else one.id.hex
    special = {
        "id": key,
        "at": connection.ops.adapt_datetimefield_value(one.at),
        "canonical": one.canonical,
        "leaf_hash": one.leaf_hash,
    }
    row = [special[column] if column in special else one.fields[column] for column in COLUMNS]
    return row, None if one.facts is None else [key, one.salt, one.facts], [key]
