"""What the application's role may do in the database, table by table, and whether it is so.

The owner's role makes the tables and their triggers; the application's can't drop, disable or truncate any of it, nor
change what is entered. Whoever has the owner's password still can: that is what cosigners are for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections

from qingkong.kernel import triggers
from qingkong.kernel.ledger import cutting, months

ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
ADD_ONLY = frozenset({"SELECT", "INSERT"})
EXCEPT = {
    "ledger_entry": ADD_ONLY,
    "ledger_leaf": ADD_ONLY,
    "ledger_tile": ADD_ONLY,  # outgrown ones go by ledger_drop_outgrown
    "ledger_checkpoint": ADD_ONLY,
    "ledger_cosigner": ADD_ONLY,
    "ledger_cosignature": ADD_ONLY,
    "ledger_facts": ADD_ONLY,  # and the columns below
    "ledger_pending": ADD_ONLY | {"DELETE"},
    "vault_tombstone": ADD_ONLY,
    "django_migrations": frozenset({"SELECT"}),
}
COLUMNS = {"ledger_facts": ("salt", "value", "erasure_id")}  # erased by law; a trigger sees to the rest
OURS = "relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"

SUPERUSER = "应用以超级用户 {role} 连接数据库，触发器和权限对它都不起作用"
OWNER = "应用的数据库角色 {role} 拥有 {count} 张表（如 {table}），可以停用触发器"
CREATES = "应用的数据库角色 {role} 可以在 {schema} 里建表"
REPLICA = "应用的数据库角色 {role} 可以改 session_replication_role，绕过触发器"
TOO_MUCH = "{table} 不该有 {privileges} 权限"
TOO_LITTLE = "{table} 缺 {privileges} 权限"
FORBIDDEN = frozenset({"TRUNCATE", "REFERENCES", "TRIGGER"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what the application's role may do with its rows."""

    name: str
    allowed: frozenset[str]


def tables(cursor: Any) -> list[Table]:
    """The tables of the schema, without the months of the ledger, which are reached through the whole."""
    cursor.execute(f"SELECT relname FROM pg_class WHERE {OURS} ORDER BY relname")
    never = triggers.always_refused()
    return [Table(name, EXCEPT.get(name, ALL - never.get(name, frozenset()))) for (name,) in cursor.fetchall()]


def grant(cursor: Any, role: str) -> int:
    """Give the role what it needs and take what it doesn't, as the owner; how many tables."""
    found = tables(cursor)
    cursor.execute("SELECT quote_ident(%s), quote_ident(current_schema())", [role])
    to, schema = cursor.fetchone()
    cursor.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}")
    cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {to}")
    for table in found:
        cursor.execute(f'GRANT {", ".join(sorted(table.allowed))} ON "{table.name}" TO {to}')
        if columns := COLUMNS.get(table.name):
            cursor.execute(f'GRANT UPDATE ({", ".join(columns)}) ON "{table.name}" TO {to}')
    cursor.execute(f"GRANT SELECT ON {months.REST} TO {to}")  # start-up looks whether anything lies there
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}")
    for function in cutting.FUNCTIONS:
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {to}")
    return len(found)


def check_role(using: str = "default") -> list[str]:
    """Why the role of this connection shouldn't serve, one line each; empty where it holds what it should."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_schema(), rolsuper, has_schema_privilege(current_schema(), 'CREATE'), "
            "has_parameter_privilege('session_replication_role', 'SET') FROM pg_roles WHERE rolname = current_user"
        )
        role, schema, superuser, creates, replica = cursor.fetchone()
        if superuser:
            return [SUPERUSER.format(role=role)]
        return [
            *_owned(cursor, role),
            *([CREATES.format(role=role, schema=schema)] if creates else []),
            *([REPLICA.format(role=role)] if replica else []),
            *_privileges(cursor),
        ]


def _owned(cursor: Any, role: str) -> list[str]:
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
        "AND pg_has_role(relowner, 'MEMBER') ORDER BY relname <> 'ledger_entry', relname"
    )
    found = [name for (name,) in cursor.fetchall()]
    return [OWNER.format(role=role, count=len(found), table=found[0])] if found else []


def _privileges(cursor: Any) -> Iterator[str]:
    every = sorted(ALL | FORBIDDEN)
    asked = ", ".join(f"has_table_privilege(oid, '{privilege}')" for privilege in every)
    cursor.execute(f"SELECT relname, has_any_column_privilege(oid, 'UPDATE'), {asked} FROM pg_class WHERE {OURS}")
    held_by = {name: (some_column, answers) for name, some_column, *answers in cursor.fetchall()}
    for table in tables(cursor):
        some_column, answers = held_by[table.name]
        held = {privilege for privilege, has in zip(every, answers, strict=True) if has}
        if some_column and table.name not in COLUMNS:
            held.add("UPDATE")
        if more := held - table.allowed:
            yield TOO_MUCH.format(table=table.name, privileges=", ".join(sorted(more)))
        if less := table.allowed - held:
            yield TOO_LITTLE.format(table=table.name, privileges=", ".join(sorted(less)))
