"""Cut a PostgreSQL table of entries by month, without copying: all that stands there becomes the first part.

For migrations and `qingkong database prepare`, as the owner of the tables.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from qingkong.kernel.ledger import triggers
from qingkong.kernel.ledger.months import BEFORE, KEY_AT, MAKE, REST, TABLE, key_at

MOVING = "ledger_entry_moving"
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
# One sequencer at a time fills and empties these; autovacuum has to keep pace with a queue, not with a table's size.
BUSY = "ALTER TABLE ledger_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"
FUNCTIONS = ("ledger_make_months(timestamptz, integer)", "ledger_drop_outgrown(integer[], bigint[])")
"""What runs with the owner's rights; only the application's role may call it."""
OWN_SCHEMA = (
    """DO $$ BEGIN EXECUTE format('ALTER FUNCTION {} SET search_path = %I, pg_temp', current_schema()); END $$"""
)


class NotByTime(RuntimeError):
    """An entry's key doesn't begin with a time of the past: the table can't be cut by it."""


def cut(cursor: Any, *, at: datetime) -> None:
    """Make `ledger_entry` a table of months from the month after `at` on. Raises NotByTime."""
    until = _next_month(max(at, _newest(cursor, at)))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or ALTER TABLE finds checks that still wait
    references = _let_go(cursor)
    for statement in triggers.entry_drop_statements():
        cursor.execute(statement)
    indexes = _rename_indexes(cursor)
    cursor.execute(f"ALTER TABLE {TABLE} RENAME TO {BEFORE}")
    cursor.execute(
        f"CREATE TABLE {TABLE} (LIKE {BEFORE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)"
    )
    cursor.execute(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (id)")
    for definition in indexes:
        cursor.execute(definition)
    cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {BEFORE} FOR VALUES FROM (MINVALUE) TO ('{key_at(until)}')")
    _rest(cursor)
    for statement in (KEY_AT, MAKE, triggers.DROP_OUTGROWN):
        cursor.execute(statement)
    for function in FUNCTIONS:
        cursor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        cursor.execute(OWN_SCHEMA.format(function))
    for statement in triggers.entry_statements(BEFORE, REST):
        cursor.execute(statement)
    for table, name, definition in references:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    cursor.execute(BUSY)
    cursor.execute("SELECT ledger_make_months(%s, 3)", [at])


def spread_rest(cursor: Any) -> int:
    """Move what lies in the default part into months of its own; how many entries were moved. Rights to the new default part are to be given."""
    cursor.execute(f"SELECT id FROM {REST}")
    months = {(moment.year, moment.month): moment for (key,) in cursor.fetchall() if (moment := _moment(key))}
    if not months:
        return 0
    cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {REST}")
    cursor.execute(f"ALTER TABLE {REST} RENAME TO {MOVING}")
    _rest(cursor)
    cursor.execute(triggers.no_truncate(REST))
    for moment in months.values():
        cursor.execute("SELECT ledger_make_months(%s, 0)", [moment])
    cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM {MOVING} ORDER BY id")
    moved = int(cursor.rowcount)
    cursor.execute(f"DROP TABLE {MOVING}")
    return moved


def _rest(cursor: Any) -> None:
    cursor.execute(f"CREATE TABLE {REST} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {REST} DEFAULT")


def _newest(cursor: Any, at: datetime) -> datetime:
    cursor.execute(f"SELECT id FROM {TABLE} ORDER BY id DESC LIMIT 1")
    row = cursor.fetchone()
    moment = _moment(row[0]) if row else at
    if moment is None or moment > at + timedelta(days=366):
        raise NotByTime(f"entry {row[0]} doesn't begin with a time up to now")
    return moment


def _moment(key: UUID) -> datetime | None:
    """When a key was made; None for one that isn't a UUIDv7 of this or the next century."""
    seconds = (key.int >> 80) / 1000
    return datetime.fromtimestamp(seconds, UTC) if seconds < LATEST else None


def _next_month(moment: datetime) -> datetime:
    first = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _let_go(cursor: Any) -> list[tuple[str, str, str]]:
    """Drop the foreign keys to the table; those to be put up again: table, name, definition.

    A leaf's isn't: it locked a row for each leaf, and `ledger verify` names a leaf without an entry anyway.
    """
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        f"WHERE contype = 'f' AND confrelid = '{TABLE}'::regclass"
    )
    found = cursor.fetchall()
    for table, name, _ in found:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return [row for row in found if row[0] != "ledger_leaf"]


def _rename_indexes(cursor: Any) -> list[str]:
    """Give the old table's indexes other names; the definitions, for the new table, of all but the primary key's."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary FROM pg_index i "
        f"JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '{TABLE}'::regclass"
    )
    found = cursor.fetchall()
    for number, (index, name, _, _) in enumerate(found):
        cursor.execute(f'ALTER INDEX {index} RENAME TO "{name[:50]}_before{number}"')
    return [definition for _, _, definition, primary in found if not primary]
