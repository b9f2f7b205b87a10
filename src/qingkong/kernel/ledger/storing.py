"""The statements that write entries, with facts and pending marks, and leaves. One entry: one round trip on PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections

from qingkong.kernel.ledger.models import Entry, Facts, Leaf, Pending

if TYPE_CHECKING:
    from qingkong.kernel.ledger.recording import Written

COLUMNS = [str(field.column) for field in Entry._meta.concrete_fields]
_NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
_MARKS = ", ".join(["%s"] * len(COLUMNS))
ENTRY = f'INSERT INTO "{Entry._meta.db_table}" ({_NAMES}) VALUES ({_MARKS})'  # noqa: S608
FACTS = f'INSERT INTO "{Facts._meta.db_table}" ("entry_id", "salt", "value") VALUES (%s, %s, %s)'  # noqa: S608
PENDING = f'INSERT INTO "{Pending._meta.db_table}" ("entry_id") VALUES (%s)'  # noqa: S608

LEAF = f'INSERT INTO "{Leaf._meta.db_table}" ("sequence", "entry_id") VALUES (%s, %s)'  # noqa: S608


def insert(written: "Sequence[Written]", using: str) -> None:
    """Write entries, facts and pending rows, in the order given."""
    if not written:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(written) == 1:
            row, facts, pending = _rows(written[0], connection)
            cursor.execute(_in_one(facts is not None), [*row, *(facts or ()), *pending])
            return
        rows, facts_rows, pending_rows = zip(*[_rows(one, connection) for one in written], strict=True)
        _each(cursor, ENTRY, rows)
        _each(cursor, FACTS, [row for row in facts_rows if row is not None])
        _each(cursor, PENDING, pending_rows)


def insert_leaves(first: int, entries: Sequence[UUID], using: str) -> None:
    """Give entries their places in the tree, from `first` on."""
    connection = connections[using]
    native = connection.features.has_native_uuid_field
    rows: list[list[Any]] = [[first + place, key if native else key.hex] for place, key in enumerate(entries)]
    with connection.cursor() as cursor:
        _each(cursor, LEAF, rows)


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
