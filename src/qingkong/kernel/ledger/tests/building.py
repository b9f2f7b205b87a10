"""Builders of the ledger's tests."""

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

from django.db import connections, transaction

from qingkong.conftest import as_owner
from qingkong.kernel import ledger
from qingkong.kernel.ledger import models, triggers
from qingkong.kernel.text import zh

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ALIAS = "apart"
MODELS = [
    models.Entry, models.Facts, models.Pending, models.Leaf, models.Tile,
    models.Checkpoint, models.Cosigner, models.Cosignature,
]  # fmt: skip

ledger.register_acts({"tests.done": zh("办理{what}"), "tests.seen": zh("看过"), "tests.peeked": zh("查阅材料")})
ledger.register_looks(["tests.peeked"])


def actor(name: str = "示例甲", officer_id: str = "0190aaaa-0000-7000-8000-000000000001") -> SimpleNamespace:
    return SimpleNamespace(
        kind="officer", officer_id=officer_id, name=name, post="officer",
        unit_id="0190aaaa-0000-7000-8000-0000000000aa", unit_code="104", unit_name="沙河站派出所",
    )  # fmt: skip


def enter(number: int = 0, *, using: str = ALIAS, act: str = "tests.done", **kwargs):
    facts = {"facts": {"what": f"第{number}件"}} if act == "tests.done" else {}
    given = {"actor": actor(), "at": AT, "act": act, "subject": f"tests.thing:{number % 3}", "thread": "J2026-000001"}
    with transaction.atomic(using=using):
        return ledger.record(**{**given, **facts, **kwargs}, using=using)


def fill(count: int, *, using: str = ALIAS) -> list[models.Entry]:
    """So many entries in the tree, in one checkpoint."""
    with ledger.deferred(using):
        return [enter(number, using=using) for number in range(count)]


def unguard(using: str) -> None:
    for statement in triggers.drop_statements(connections[using].vendor):
        sql(using, statement)


def sql(using: str, statement: str, params=()) -> None:
    """Run a statement as somebody who owns the tables, foreign keys off."""
    connection = connections[using]
    with as_owner() if using == "default" else nullcontext(), connection.cursor() as cursor:
        off = "PRAGMA foreign_keys = OFF" if connection.vendor == "sqlite" else "SET session_replication_role = replica"
        cursor.execute(off)
        cursor.execute(statement, params)
