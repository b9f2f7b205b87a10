"""What every table row has: a UUIDv7 key, a name in the ledger, a thread it belongs to."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Self
from uuid import UUID

import uuid_utils.compat
from django.db import connections, models

from qingkong.kernel.text import Labelled


def uuid7() -> UUID:
    """A key that sorts by the time it was made (RFC 9562)."""
    return uuid_utils.compat.uuid7()


class RecordSet(models.QuerySet):  # type: ignore[type-arg]
    def locked(self, pk: UUID | str) -> Any:
        """The row, locked until the transaction ends (SQLite: the transaction itself is the lock)."""
        return self.select_for_update().get(pk=pk)

    def insert_rows(self, rows: Iterable[models.Model]) -> None:
        """Insert new rows by one prepared statement, for imports: a third of what `bulk_create` takes."""
        connection, fields = connections[self.db], self.model._meta.concrete_fields
        names, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            cursor.executemany(
                f'INSERT INTO "{self.model._meta.db_table}" ({names}) VALUES ({marks})',
                [
                    [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
                    for row in rows
                ],
            )


class Record(models.Model):
    """A row with a key made at the edge. Written only by operations and by its own move methods."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    objects = RecordSet.as_manager()

    class Meta:
        abstract = True

    @property
    def subject_key(self) -> str:
        """How the ledger names it: `calls.call:0190…`."""
        return f"{self._meta.label_lower}:{self.pk}"

    def fresh(self) -> Self:
        """The same row as the database has it now."""
        return type(self)._default_manager.get(pk=self.pk)  # type: ignore[return-value]


def subject_key(subject: models.Model | str) -> str:
    """How the ledger names a subject; a plain string stands for itself."""
    if isinstance(subject, str):
        return subject
    return f"{subject._meta.label_lower}:{subject.pk}"


def thread_of(subject: object) -> str:
    """The call or case number a subject belongs to, or nothing."""
    return str(getattr(subject, "thread", "") or "")


def threads_of(subject: object) -> list[str]:
    """Every number whose entries, clocks and findings belong to a subject: its own thread, and those it grew out of
    where it names them in `threads` (a case: its reports' and their calls')."""
    numbers = [*getattr(subject, "threads", ()), thread_of(subject)]
    return sorted({str(number) for number in numbers if number})


def choices(enumeration: type[Enum]) -> list[tuple[str, str]]:
    """Django's choices of an enumeration; labels stay lazy in the pages, so only values count here."""
    return [
        (member.value, member.label.source if isinstance(member, Labelled) else member.name) for member in enumeration
    ]
