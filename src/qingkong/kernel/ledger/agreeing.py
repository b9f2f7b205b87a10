"""Do rows and entries agree, both ways? Every sealed row against what the last entries said of it, column by column.

Reads all seals in the order of the tree into a book on disk, folds them to what each row must look like now, and
compares the tables with that. Constant memory. It trusts the seals: `verify` says whether those are what was entered.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from django.db import connections, models, router

from qingkong.kernel.ledger import seals
from qingkong.kernel.ledger.auditing.findings import Findings, Report
from qingkong.kernel.ledger.auditing.rows import snapshot
from qingkong.kernel.ledger.book import Book, State
from qingkong.kernel.ledger.sealed_tables import Plan, key_text, key_value, plan, sealed_models
from qingkong.kernel.ledger.sealing import waiting
from qingkong.kernel.text import zh

CHUNK = 500

ALTERED = zh("{table} 的 {row}：{column} 被改动，{place}说的不是这样。")
DELETED = zh("{table} 的 {row} 被删除，没有存证；{place}还说到它。")
INSERTED = zh("{table} 的 {row} 没有存证：是后来加的，或是旧版留下的。")
RETURNED = zh("{table} 的 {row} 又出现了；{place}说它已删除。")
UNSEALED = zh("{table} 的 {row}：{column} 一列还没有存证。")
"""A column that a migration added after the row was sealed."""


def agreement(using: str = "default") -> Report:
    """Compare all sealed tables of a database with the ledger; `entries` of the report counts the rows looked at.

    Rows that the running transaction has written and not yet entered are passed over.
    """
    findings = Findings()
    with snapshot(using), closing(Book()) as book:
        book.read(using)
        book.fold(findings)
        for model in models_in(using):
            comparison = Comparison(model, using, book, findings.add)
            comparison.run()
            findings.entries += comparison.rows
    return findings.report()


def models_in(using: str) -> list[type[models.Model]]:
    """The sealed tables that live in a database."""
    return [
        model
        for model in sealed_models()
        if router.allow_migrate_model(using, model) and router.db_for_write(model) == using
    ]


class Comparison:
    """One table against the book. `tell` gets kind, table, key, column and sentence of each difference."""

    def __init__(self, model: type[models.Model], using: str, book: Book, tell: Callable[..., None]) -> None:
        self.model, self.book, self.tell, self.rows = model, book, tell, 0
        self.connection = connections[using]
        self.plan: Plan = plan(model, self.connection.vendor)
        self.names = {column.code: column.name for column in self.plan.columns}
        self.passed_over = waiting(using).get(self.plan.label, set())

    def run(self) -> None:
        found = 0
        for rows in self._chunks():
            keys = [key_text(row[0]) for row in rows]
            states = self.book.states(self.plan.label, keys)
            for key, row in zip(keys, rows, strict=True):
                self.rows += 1
                state = states.get(key)
                found += state is not None and state.alive
                if key not in self.passed_over:
                    self._row(key, row[1:], state)
        if found != self.book.alive(self.plan.label):
            self._missing()

    def _row(self, key: str, values: tuple[Any, ...], state: State | None) -> None:
        if state is None or not state.alive:
            if state is None:
                self._add("unsealed" if self.book.never_spoke_of(self.plan.label) else "inserted", key, "", INSERTED)
            else:
                self._add("inserted", key, "", RETURNED.fill(place=state.place_in_words))
            return
        said = seals.pairs(state.columns)
        for code, digest in self.plan.digests(key, values).items():
            if code not in said:
                self._add("unsealed", key, self.names[code], UNSEALED)
            elif said[code] != digest:
                self._add("altered", key, self.names[code], ALTERED.fill(place=state.place_in_words))

    def _missing(self) -> None:
        states = self.book.alive_keys(self.plan.label)
        while some := list(islice(states, CHUNK)):
            wanted = {state.key: state for state in some if state.key not in self.passed_over}
            there = set(self._existing(list(wanted)))
            for key in sorted(wanted.keys() - there):
                self._add("missing", key, "", DELETED.fill(place=wanted[key].place_in_words))

    def _existing(self, keys: list[str]) -> Iterator[str]:
        if not keys:
            return
        values = [key_value(self.model, key, self.connection.vendor) for key in keys]
        column, marks = self.plan.key_column, ", ".join(["%s"] * len(values))
        with self.connection.cursor() as cursor:
            cursor.execute(f'SELECT {self.plan.key_sql} FROM "{self.plan.table}" WHERE "{column}" IN ({marks})', values)
            yield from (key_text(key) for (key,) in cursor.fetchall())

    def _chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """All rows in the order of their keys, raw."""
        order = f'"{self.plan.key_column}"'
        after: list[Any] = []
        while True:
            where = f"{order} > %s" if after else "1 = 1"
            with self.connection.cursor() as cursor:
                cursor.execute(f"{self.plan.select(where)} ORDER BY {order} LIMIT {CHUNK}", after)
                rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            after = [rows[-1][0]]

    def _add(self, kind: Any, key: str, column: str, sentence: Any) -> None:
        filled = sentence.fill(table=self.plan.table, row=key, column=column)
        self.tell(kind, self.plan.table, key, column, filled)
