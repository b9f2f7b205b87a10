"""Database triggers that keep the ledger append-only, and the check that they stand.

Whoever owns the tables can drop them; then `ledger verify` names what was changed, and start-up says they are gone.
"""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

FROZEN = ("ledger_entry", "ledger_leaf", "ledger_checkpoint", "ledger_cosigner", "ledger_cosignature")
TABLES = (*FROZEN, "ledger_facts", "ledger_tile")

_ERASING = """
    OLD.value IS NOT NULL AND NEW.value IS NULL AND NEW.salt IS NULL
    AND NEW.entry_id = OLD.entry_id AND NEW.erasure_id IS NOT NULL
"""
_OUTGROWN = """
    EXISTS (SELECT 1 FROM ledger_tile t WHERE t.level = OLD.level AND t."index" = OLD."index" AND t.width > OLD.width)
"""


def rules() -> list[tuple[str, str, str, str]]:
    """Each rule: name, table, event, and when it lets the event pass ("" for never)."""
    frozen = [(f"{table}_no_{event.lower()}", table, event, "") for table in FROZEN for event in ("UPDATE", "DELETE")]
    return [
        *frozen,
        ("ledger_facts_only_erased", "ledger_facts", "UPDATE", _ERASING),
        ("ledger_facts_no_delete", "ledger_facts", "DELETE", ""),
        ("ledger_tile_no_update", "ledger_tile", "UPDATE", ""),
        ("ledger_tile_only_outgrown", "ledger_tile", "DELETE", _OUTGROWN),
    ]


def create_statements(vendor: str) -> list[str]:
    """The SQL that puts the triggers up."""
    if vendor == "sqlite":
        return [_sqlite(*rule) for rule in rules()]
    return [_FUNCTION, *[_postgresql(*rule) for rule in rules()], *[no_truncate(table) for table in TABLES]]


def drop_statements(vendor: str) -> list[str]:
    """The SQL that takes them down: for a migration backwards, and for tests that tamper."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in expected(vendor)]
    tables = {name: table for name, table, _, _ in rules()} | {f"{table}_no_truncate": table for table in TABLES}
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in tables.items()]


def entry_drop_statements() -> list[str]:
    """The SQL that takes down the guard of the entries alone, on PostgreSQL."""
    return [statement for statement in drop_statements("postgresql") if statement.endswith(" ON ledger_entry")]


def entry_statements(*parts: str) -> list[str]:
    """The SQL that guards the entries, and against TRUNCATE each part of them, which the whole's trigger doesn't reach."""
    rows = [_postgresql(*rule) for rule in rules() if rule[1] == "ledger_entry"]
    return [*rows, *[no_truncate(table) for table in ("ledger_entry", *parts)]]


def expected(vendor: str) -> list[str]:
    """The names of the triggers that must stand."""
    names = [name for name, *_ in rules()]
    return names if vendor == "sqlite" else [*names, *[f"{table}_no_truncate" for table in TABLES]]


def _sqlite(name: str, table: str, event: str, passes: str) -> str:
    when = f"WHEN NOT ({passes})" if passes else ""
    return f"""CREATE TRIGGER {name} BEFORE {event} ON {table} {when}
        BEGIN SELECT RAISE(ABORT, 'ledger: {table} is append-only'); END"""


_FUNCTION = """CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'ledger: % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"""
_FUNCTION_OUTGROWN = f"""CREATE OR REPLACE FUNCTION ledger_refuse_tile() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF {_OUTGROWN} THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'ledger: ledger_tile is append-only' USING ERRCODE = 'restrict_violation'; END $$"""

DROP_OUTGROWN = """CREATE OR REPLACE FUNCTION ledger_drop_outgrown(levels integer[], places bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER AS $$
    DELETE FROM ledger_tile t USING unnest(levels, places) AS grown(level, place)
    WHERE t.level = grown.level AND t."index" = grown.place AND t.width < (
        SELECT max(w.width) FROM ledger_tile w WHERE w.level = t.level AND w."index" = t."index") $$"""
"""The application's role may not delete tiles; this, with the owner's rights, takes away what a wider tile replaces."""


def _postgresql(name: str, table: str, event: str, passes: str) -> str:
    if passes is _OUTGROWN:  # a trigger's WHEN can't hold a subquery there
        return f"""{_FUNCTION_OUTGROWN};
            CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse_tile()"""
    when = f"WHEN (NOT ({passes}))" if passes else ""
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION ledger_refuse()"


def no_truncate(table: str) -> str:
    """The SQL that refuses TRUNCATE of a table, on PostgreSQL."""
    return f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION ledger_refuse()"


def check_triggers(using: str = "default") -> list[str]:
    """What is missing of the ledger's guard in this database, one line each; empty when all stands."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _check_sqlite(cursor)
        return _check_postgresql(cursor)


def _check_postgresql(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid) AND NOT t.tgisinternal"
    )
    standing = set(cursor.fetchall())
    cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'ledger%%' AND pg_function_is_visible(oid)")
    bodies = {name: _squeezed(body) for name, body in cursor.fetchall()}
    cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger_entry'::regclass")
    parts = [part for (part,) in cursor.fetchall()]
    wanted = [(table, name) for name, table, *_ in rules()] + [(table, f"{table}_no_truncate") for table in TABLES]
    wanted += [
        (part, name)
        for part in parts
        for name in ("ledger_entry_no_update", "ledger_entry_no_delete", f"{part}_no_truncate")
    ]
    return [
        *[f"触发器 {name}（{table}）不在或已停用" for table, name in wanted if (table, name) not in standing],
        *[f"触发器函数 {name} 不在或被改动" for name, body in _functions().items() if bodies.get(name) != body],
    ]


def _functions() -> dict[str, str]:
    """The bodies of the trigger functions on PostgreSQL."""
    made = {"ledger_refuse": _FUNCTION, "ledger_refuse_tile": _FUNCTION_OUTGROWN}
    return {name: _squeezed(statement.split("$$")[1]) for name, statement in made.items()}


def _check_sqlite(cursor: Any) -> list[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    standing = {name: _squeezed(sql) for name, sql in cursor.fetchall()}
    wanted = {rule[0]: _squeezed(_sqlite(*rule)) for rule in rules()}
    missing = [f"触发器 {name} 不在或被改动" for name, sql in wanted.items() if standing.get(name) != sql]
    cursor.execute("PRAGMA recursive_triggers")
    if not cursor.fetchone()[0]:
        missing.append("PRAGMA recursive_triggers 没有打开：REPLACE 会绕过触发器")
    return missing


def _squeezed(sql: str) -> str:
    return " ".join(sql.split())


def system_check(*, databases: Sequence[str] | None = None, **_: object) -> list[checks.CheckMessage]:
    """Django's start-up check: every database that holds a ledger still has its triggers."""
    return [
        checks.Error(problem, hint="运行 qingkong ledger verify，并查明是谁动了数据库。", id="ledger.E001")
        for using in databases or ()
        if "ledger_entry" in connections[using].introspection.table_names()
        for problem in check_triggers(using)
    ]
