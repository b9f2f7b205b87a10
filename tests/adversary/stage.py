"""The stage: a filled database in one transaction that never commits, without its guards, beside a cosigner's folder.

The attacker owns the tables: triggers and checks are gone. Each attack is taken back to a savepoint; the cosigner's
folder is outside of all that, as it is in life.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from django.db import IntegrityError, connection, transaction

from qingkong.kernel import access, ledger
from qingkong.kernel.ledger import cosigning, sealing
from qingkong.kernel.ledger.agreeing import Comparison
from qingkong.kernel.ledger.auditing.cosigned import still_shown
from qingkong.kernel.ledger.auditing.findings import Findings, Problem
from qingkong.kernel.ledger.book import Book
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.sealed_tables import sealed_models
from tests.adversary.values import AT, row_of

NAME = "procuratorate/370923"
ROWS = 4  # a table has at least so many: enough for a swap


class Stage:
    def __init__(self, folder: Path, at: datetime) -> None:
        self.folder, self.at = folder, at
        self.sqlite = connection.vendor == "sqlite"
        self.actor = access.system("adversary")
        self.made: list[str] = []

    # --- what the attacker does -----------------------------------------------------------------------------

    def sql(self, statement: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    @contextmanager
    def attack(self) -> Iterator[None]:
        """Whatever is done inside is undone after; the cosigner's folder too."""
        point = transaction.savepoint()
        with TemporaryDirectory(prefix="qingkong-cosigner-") as copy:
            kept = copytree(self.folder, Path(copy) / "state")
            before, self.folder = self.folder, kept
            try:
                yield
            finally:
                self.folder = before
                transaction.savepoint_rollback(point)

    # --- who looks -------------------------------------------------------------------------------------------

    def verify(self) -> list[Problem]:
        """What `qingkong ledger verify` names."""
        return ledger.verify().problems

    def compare(self, models: list[Any], book: Book | None = None) -> list[Problem]:
        """What `qingkong ledger verify --rows` names in these tables, by the given book of seals or a new one."""
        findings = Findings()
        found = book or self.book(findings)
        for model in models:
            Comparison(model, "default", found, findings.add).run()
        return findings.problems

    def book(self, findings: Findings | None = None) -> Book:
        made = Book()
        made.read("default")
        made.fold(findings or Findings())
        return made

    def cosigner_sees(self) -> bool:
        """Whether the cosigner, who was here before the attack, refuses or misses its own cosignature."""
        if still_shown(self.folder):
            return True
        try:
            cosigning.cosign(self.folder, at=self.at)
        except (cosigning.ForkFound, cosigning.CannotCosign):
            return True
        return False

    # --- before the attacks ------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Fill tables that stand empty, take the guards away, and let a cosigner see it all."""
        self._drop_guards()
        filled: set[Any] = set()
        for model in sealed_models():
            self._fill_up(model, filled)
        self._erase_one()
        ledger.integrate()
        cosigning.cosign(self.folder, name=NAME, at=self.at)
        self.enter("1")

    def enter(self, what: str) -> Entry:
        """An honest act, in the ledger and not yet in the tree."""
        return ledger.record(
            actor=self.actor, at=self.at, act="ledger.sealed", subject="ledger.rows", facts={"tables": what}
        )

    def _fill_up(self, model: Any, filled: set[Any]) -> None:
        """Have a table hold ROWS rows, and what they point at before them."""
        if model in filled:
            return
        filled.add(model)
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in sealed_models():
                self._fill_up(field.related_model, filled)
        for _ in range(ROWS - min(ROWS, model._base_manager.count())):
            self._fill(model)

    def _fill(self, model: Any) -> None:
        while (row := self._inserted(model)) is None:
            pass  # it would have been a double of one that is there
        sealing.note(model, "default", [row.pk], sealing.ALL)
        ledger.record(
            actor=self.actor, at=self.at, act="ledger.sealed", subject="ledger.rows",
            facts={"tables": model._meta.label_lower},
        )  # fmt: skip
        self.made.append(model._meta.label_lower)

    def _inserted(self, model: Any) -> Any:
        """A new row, past any save() that asks what it points at; None where a constraint refuses it."""
        try:
            with transaction.atomic():
                return model._base_manager.bulk_create([row_of(model)])[0]
        except IntegrityError:
            return None

    def _erase_one(self) -> None:
        from types import SimpleNamespace
        from uuid import UUID

        one, two = (
            SimpleNamespace(**{**_PERSON, "officer_id": UUID(int=number), "name": f"示例{number}"}) for number in (1, 2)
        )
        entry = self.enter("删")
        ledger.erase_facts(entry, ground="个人信息保护法第四十七条", actor=one, second=two, at=self.at)

    def _drop_guards(self) -> None:
        if self.sqlite:
            self.sql("PRAGMA ignore_check_constraints = ON")
            for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.sql(f'DROP TRIGGER "{name}"')
            return
        self.sql("SET CONSTRAINTS ALL DEFERRED")
        for table, name in self.rows(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
            " WHERE contype = 'c' AND conislocal AND NOT t.relispartition"
            " AND connamespace = current_schema()::regnamespace"
        ):
            self.sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table, name in self.rows(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"
        ):
            self.sql(f'DROP TRIGGER "{name}" ON {table}')


_PERSON = {"kind": "officer", "post": None, "unit_id": None, "unit_code": "", "unit_name": ""}


@contextmanager
def stage(at: datetime = AT) -> Iterator[Stage]:
    """A prepared stage; nothing of what happens on it is kept."""
    with TemporaryDirectory(prefix="qingkong-cosigner-") as folder:
        block = transaction.atomic()
        block._from_testcase = True  # the ledger may extend its tree inside, as in Django's own test cases
        block.__enter__()
        try:
            found = Stage(Path(folder) / "state", at)
            found.prepare()
            yield found
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)
            if connection.vendor == "sqlite":
                found.sql("PRAGMA ignore_check_constraints = OFF")
