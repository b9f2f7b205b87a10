"""Promises that a database keeps by itself, in the dialects of both: refuse a write where a condition holds.

Used in migrations: `Refuse("movement_never_changes", "property_movement", on="UPDATE", message="…")`. The condition is
plain SQL that both dialects understand, with NEW and OLD; it may ask other tables. A refused write raises
IntegrityError.
"""

from typing import Any, Literal

from django.db import connections, router
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation


class Refuse(Operation):
    """Make a trigger that refuses INSERT, UPDATE or DELETE of a row where `when` holds (always, if empty).

    `of` limits an UPDATE to these columns. On PostgreSQL, one that refuses every DELETE refuses TRUNCATE too.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(
        self,
        name: str,
        table: str,
        *,
        on: Literal["INSERT", "UPDATE", "DELETE"],
        message: str,
        when: str = "",
        of: tuple[str, ...] = (),
    ) -> None:
        self.name, self.table, self.on, self.message, self.when, self.of = name, table, on, message, when, of

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        rest = {"on": self.on, "message": self.message, "when": self.when, "of": self.of}
        return type(self).__qualname__, [self.name, self.table], rest

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Triggers aren't part of Django's state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not router.allow_migrate(schema_editor.connection.alias, app_label):
            return
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(self._sqlite(), params=None)
            return
        for statement in self._postgres():
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if not router.allow_migrate(schema_editor.connection.alias, app_label):
            return
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name}", params=None)
            return
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}", params=None)
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.name}_truncate ON {self.table}", params=None)
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {self.name}()", params=None)

    def describe(self) -> str:
        return f"Refuse {self.on} on {self.table}: {self.message}"

    def _event(self) -> str:
        return f"UPDATE OF {', '.join(self.of)}" if self.on == "UPDATE" and self.of else self.on

    def _sqlite(self) -> str:
        when = f"WHEN {self.when} " if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self._event()} ON {self.table} FOR EACH ROW {when}"
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def _postgres(self) -> list[str]:
        row = "OLD" if self.on == "DELETE" else "NEW"
        raise_ = f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation';"
        body = f"IF {self.when} THEN {raise_} END IF;" if self.when else raise_
        statements = [
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {row}; END $$",
            f"CREATE TRIGGER {self.name} BEFORE {self._event()} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]
        if self.on == "DELETE" and not self.when:
            statements.append(
                f"CREATE TRIGGER {self.name}_truncate BEFORE TRUNCATE ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
            )
        return statements


def standing(*names: str, using: str = "default") -> list[str]:
    """Which of these triggers are missing; asked at start-up, because a rebuilt table loses its triggers."""
    connection = connections[using]
    sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {row[0] for row in cursor.fetchall()}
    return [name for name in names if name not in there]


def always_refused() -> dict[str, frozenset[str]]:
    """Per table, which of UPDATE and DELETE the migrations refuse whatever the row: no role needs the right to it."""
    found: dict[str, set[str]] = {}
    for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, Refuse) and not operation.when and not operation.of:
                found.setdefault(operation.table, set()).add(operation.on)
    return {table: frozenset(events - {"INSERT"}) for table, events in found.items()}
