"""What every table row has: a UUIDv7 key, a name in the ledger, a thread it belongs to; and who is told of writes."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Self
from uuid import UUID

import uuid_utils.compat
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, transaction
from django.db.models import sql

from qingkong.kernel.text import Labelled


def uuid7() -> UUID:
    """A key that sorts by the time it was made (RFC 9562)."""
    return uuid_utils.compat.uuid7()


Watcher = Callable[[type[models.Model], str, Iterable[Any], frozenset[str] | None], None]
"""Is told (model, database, keys, columns that were written; None for all) after rows were written."""

_watchers: list[tuple[Callable[[type[models.Model]], bool], Watcher]] = []


def watch_writes(wants: Callable[[type[models.Model]], bool], watcher: Watcher) -> None:
    """Have `watcher` told of every write through a `RecordSet` to the tables it `wants`.

    `save` and `delete` have Django's signals; `update`, `bulk_create` and `insert_rows` have only this.
    """
    _watchers.append((wants, watcher))


class RecordSet(models.QuerySet):  # type: ignore[type-arg]
    def update(self, **values: Any) -> int:
        if not any(wants(self.model) for wants, _ in _watchers):
            return super().update(**values)
        keys = self._updated(values)
        if keys:
            field = self.model._meta.get_field
            self._tell(keys, frozenset(str(getattr(field(name), "attname", name)) for name in values))
        return len(keys)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        made = super().bulk_create(objs, *args, **kwargs)
        if kwargs.get("update_conflicts"):
            self._tell(self._met(made, kwargs["unique_fields"]), None)
        else:
            self._tell([one.pk for one in made if one.pk is not None], None)
        return made

    def _met(self, made: Iterable[Any], unique: Iterable[str]) -> list[Any]:
        """The keys of the rows that an upsert made or changed: a changed one keeps the key it had."""
        same = models.Q(pk=None)
        for one in made:
            same |= models.Q(**{name: getattr(one, name) for name in unique})
        return list(self.filter(same).values_list("pk", flat=True))

    def _updated(self, values: Mapping[str, Any]) -> list[Any]:
        """Update the rows; their keys, which the statement itself gives back, so that no other slips in between."""
        if self.query.is_sliced:
            raise TypeError("Cannot update a query once a slice has been taken.")
        self._for_write = True
        query: Any = self.order_by().query.chain(sql.UpdateQuery)
        query.add_update_values(values)
        query.clear_select_clause()
        pk = self.model._meta.pk
        assert pk is not None
        with transaction.mark_for_rollback_on_error(using=self.db):
            try:
                statement, params = query.get_compiler(self.db).as_sql()
            except EmptyResultSet:
                return []
            with connections[self.db].cursor() as cursor:
                cursor.execute(f'{statement} RETURNING "{self.model._meta.db_table}"."{pk.column}"', params)
                keys = [pk.to_python(key) for (key,) in cursor.fetchall()]
        self._result_cache = None
        return keys

    def _tell(self, keys: Iterable[Any], columns: frozenset[str] | None) -> None:
        for wants, watcher in _watchers:
            if wants(self.model):
                watcher(self.model, self.db, keys, columns)

    def locked(self, pk: UUID | str) -> Any:
        """The row, locked until the transaction ends (SQLite: the transaction itself is the lock)."""
        return self.select_for_update().get(pk=pk)

    def insert_rows(self, rows: Iterable[models.Model]) -> None:
        """Insert new rows by one prepared statement, for imports: a third of what `bulk_create` takes."""
        rows = list(rows)
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
        self._tell([row.pk for row in rows], None)


class Watched(models.Model):
    """A row whose writes are told to whoever watches, whatever key it has."""

    objects = RecordSet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> Self:
        """A row as read; what was read is kept beside it, so that a save can say which columns it changed."""
        row = super().from_db(db, field_names, values, **options)
        row._state.read = (field_names, values)  # type: ignore[attr-defined]
        return row


class Record(Watched):
    """A row with a key made at the edge. Written only by operations and by its own move methods."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

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
