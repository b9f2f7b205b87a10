"""The statements that write an entry with its facts and its pending row: one round trip on PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connections

from qingkong.kernel.ledger.models import Entry, Facts, Pending

if TYPE_CHECKING:
    from qingkong.kernel.ledger.recording import Written

COLUMNS = [field.column for field in Entry._meta.concrete_fields]
_NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
_MARKS = ", ".join(["%s"] * len(COLUMNS))
ENTRY = f'INSERT INTO "{Entry._meta.db_table}" ({_NAMES}) VALUES ({_MARKS})'  # noqa: S608
FACTS = f'INSERT INTO "{Facts._meta.db_table}" ("entry_id", "salt", "value") VALUES (%s, %s, %s)'  # noqa: S608
PENDING = f'INSERT INTO "{Pending._meta.db_table}" ("entry_id") VALUES (%s)'  # noqa: S608


def insert(written: "Sequence[Written]", using: str) -> None:
    """Write entries, facts and pending rows, in the order given."""
    if not written:
        return
    connection = connections[using]
    rows = [_row(one.entry, connection) for one in written]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(written) == 1:
            one = written[0]
            facts = [rows[0][0], one.salt, one.facts] if one.facts is not None else []
            cursor.execute(_in_one(bool(facts)), [*rows[0], *facts, rows[0][0]])
            return
        facts_rows = [
            (row[0], one.salt, one.facts) for row, one in zip(rows, written, strict=True) if one.facts is not None
        ]
        if len(written) == 1:
            cursor.execute(ENTRY, rows[0])
            if facts_rows:
                cursor.execute(FACTS, facts_rows[0])
            cursor.execute(PENDING, [rows[0][0]])
            return
        cursor.executemany(ENTRY, rows)
        if facts_rows:
            cursor.executemany(FACTS, facts_rows)
        cursor.executemany(PENDING, [(row[0],) for row in rows])


@lru_cache(maxsize=2)
def _in_one(facts: bool) -> str:
    parts = [f"entered AS ({ENTRY})", *([f"stated AS ({FACTS})"] if facts else [])]
    return f"WITH {', '.join(parts)} {PENDING}"


def _row(entry: Entry, connection: Any) -> list[Any]:
    return [
        field.get_db_prep_save(getattr(entry, field.attname), connection=connection)
        for field in Entry._meta.concrete_fields
    ]
