"""Seal what no entry has sealed yet: rows of a release before row seals, columns that a migration added."""

from collections import defaultdict
from contextlib import closing
from datetime import datetime
from typing import Any

from django.db import connections, models, transaction

from qingkong.kernel.ledger import sealing
from qingkong.kernel.ledger.agreeing import Comparison, models_in
from qingkong.kernel.ledger.auditing.findings import Findings
from qingkong.kernel.ledger.auditing.rows import snapshot
from qingkong.kernel.ledger.book import Book
from qingkong.kernel.ledger.recording import record
from qingkong.kernel.ledger.sealed_tables import key_value

BATCH = 5000


def adopt(*, actor: Any, at: datetime, as_found: bool = False, using: str = "default") -> int:
    """Seal rows as they are found where the ledger says nothing of them; how many. Each batch is an entry.

    Tables no entry ever spoke of, and columns that are new. With `as_found` single rows too that stand in a table
    whose other rows are sealed: what a restore or a load by hand brought, after somebody looked at it.
    A row that the ledger does speak of is left alone, however it looks: what was altered stays named.
    """
    adopted = 0
    for model, rows in _found(using, {"unsealed", "inserted"} if as_found else {"unsealed"}).items():
        for columns, keys in rows.items():
            for start in range(0, len(keys), BATCH):
                some = keys[start : start + BATCH]
                with transaction.atomic(using=using):
                    values = [key_value(model, key, connections[using].vendor) for key in some]
                    sealing.note(model, using, values, columns)
                    record(
                        actor=actor, at=at, act=sealing.ADOPTED, subject=sealing.SUBJECT, using=using,
                        facts={"table": model._meta.db_table, "rows": len(some)},
                    )  # fmt: skip
                adopted += len(some)
    return adopted


def _found(using: str, kinds: set[str]) -> dict[type[models.Model], dict[frozenset[str] | None, list[str]]]:
    """By table and by columns (None for all of them): the keys that no entry speaks of."""
    found: dict[type[models.Model], dict[frozenset[str] | None, list[str]]] = {}
    with snapshot(using), closing(Book()) as book:
        book.read(using)
        book.fold(Findings())
        for model in models_in(using):
            columns: dict[str, set[str] | None] = {}

            def take(kind: str, table: str, key: str, column: str, _: object, into: Any = columns) -> None:
                if kind in kinds and column:
                    into.setdefault(key, set()).add(column)
                elif kind in kinds:
                    into[key] = None

            Comparison(model, using, book, take).run()
            grouped = found.setdefault(model, defaultdict(list))
            for key, names in columns.items():
                grouped[None if names is None else frozenset(names)].append(key)
    return found
