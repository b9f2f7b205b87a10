"""Seal the rows that a transaction writes: the next entry in it commits to how they stand.

Writes are noted as they happen (Django's signals, `records.watch_writes`); when an entry is recorded, the rows noted
since are read back and their digests go with it. What is written after the last entry, or without any, is entered by
itself just before the commit: so nothing is committed that no entry speaks of, whoever wrote the operation.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.signals import connection_created
from django.db.models import signals

from qingkong.kernel.ledger import acts, canonical, seals
from qingkong.kernel.ledger.sealed_tables import (
    is_sealed,
    key_text,
    key_value,
    leave_unsealed,
    plan,
    rows_of,
    sealed_models,
)
from qingkong.kernel.records import uuid7, watch_writes
from qingkong.kernel.text import zh

__all__ = ["ACT", "ADOPTED", "ITSELF", "carry_over", "leave_unsealed", "note", "salt", "start", "waiting"]

ACT = "ledger.sealed"
ADOPTED = "ledger.rows_sealed"
SUBJECT = "ledger.rows"
MOST_ROWS = 20_000
"""Rows an entry seals at most; more become several entries."""

ALL = None
DELETED = frozenset({"\0deleted"})
Columns = frozenset[str] | None
_Noted = dict[type[models.Model], dict[Any, Columns]]

ITSELF = SimpleNamespace(
    kind="system", officer_id=None, name="ledger", post=None, unit_id=None, unit_code="", unit_name=""
)


class _Waiting:
    """What a connection's transaction has written and no entry has sealed yet."""

    __slots__ = ("at", "carried", "rows")

    def __init__(self) -> None:
        self.rows: _Noted = {}
        self.carried: list[seals.Seal] = []
        self.at: datetime | None = None  # of the last entry on this connection

    def clear(self) -> None:
        self.rows = {}
        self.carried = []


def start() -> None:
    """Watch all writes from now on. Called once, when every model, and what is left unsealed, is known."""
    acts.register_acts(
        {
            ACT: zh("存证数据行：{tables}"),
            ADOPTED: zh("补封数据行：{table}，{rows} 行"),
            "ledger.verified": zh("核验存证：{verdict}"),
        }
    )
    watch_writes(is_sealed, note)
    for model in sealed_models():
        signals.post_save.connect(_saved, sender=model, dispatch_uid="ledger.sealing")
        signals.post_delete.connect(_deleted, sender=model, dispatch_uid="ledger.sealing")
    connection_created.connect(_connected, dispatch_uid="ledger.sealing")


def note(model: type[models.Model], using: str, keys: Iterable[Any], columns: Columns) -> None:
    """These rows were written: their columns by attribute name, or ALL, or DELETED."""
    connection = connections[using]
    rows = _waiting(connection).rows.setdefault(model, {})
    for key in keys:
        before = rows.get(key, frozenset())
        if columns is ALL or columns is DELETED:
            rows[key] = columns
        elif before is not ALL:
            rows[key] = columns | (before - DELETED)
    if not connection.in_atomic_block:
        _enter_now(using)


def waiting(using: str) -> dict[str, set[str]]:
    """Keys by table of rows that this transaction has written and the next entry will seal."""
    rows = _waiting(connections[using]).rows
    return {model._meta.label_lower: {key_text(key) for key in keys} for model, keys in rows.items()}


def carry_over(entry: str, salt: bytes, using: str) -> None:
    """Have the next entry keep the seals of one whose facts, and with them its seals, are being erased by law.

    Rows that are gone by now aren't kept: nothing of what they held may be guessed from the ledger.
    """
    run = b"".join(seal.packed() for seal in seals.unpack(seals.of_salt(salt)) if _stands(seal, using))
    if run:
        _waiting(connections[using]).carried.append(seals.Seal(seals.CARRIED, "", entry, columns=run))


def _stands(seal: seals.Seal, using: str) -> bool:
    """Whether a seal is of a row that is still there, or carries others on."""
    if seal.kind in (seals.CARRIED, seals.GONE):
        return True
    try:
        model = apps.get_model(seal.label)
    except LookupError:
        return False  # a table that a later release doesn't have
    key = key_value(model, seal.key, connections[using].vendor)
    return any(rows_of(model, [key], using))


def salt(using: str, at: datetime | None = None) -> bytes | None:
    """The salt that seals what this transaction wrote since its last entry, or None where there is nothing."""
    connection = connections[using]
    state = _waiting(connection)
    state.at = at or state.at
    if not state.rows and not state.carried:
        return None
    noted, carried = _some(state.rows), state.carried
    state.carried = []
    packed = [seal.packed() for seal in carried]
    for model, rows in noted.items():
        packed.extend(seal.packed() for seal in _seals(model, rows, using))
    return secrets.token_bytes(canonical.SALT_SIZE) + b"".join(packed) if packed else None


def _seals(model: type[models.Model], rows: dict[Any, Columns], using: str) -> Iterable[seals.Seal]:
    found = plan(model, connections[using].vendor)
    columns_of = {key_text(key): columns for key, columns in rows.items()}
    standing = set()
    for key, values in rows_of(model, rows, using):
        standing.add(key)
        digests, columns = found.digests(key, values), columns_of[key]
        written = digests
        if columns is not ALL:
            written = {c.code: digests[c.code] for c in found.columns if c.attname in columns or c.name in columns}
        kind = seals.FULL if columns is ALL else seals.PART
        yield seals.Seal(
            kind, found.label, key, found.shape, seals.row_digest(digests), seals.joined(written)
        )  # fmt: skip
    for key, columns in columns_of.items():
        if columns is DELETED and key not in standing:
            yield seals.Seal(seals.GONE, found.label, key)


def _some(rows: _Noted) -> _Noted:
    """Take the first MOST_ROWS out of what waits."""
    taken, left = {}, MOST_ROWS
    for model in list(rows):
        if len(rows[model]) <= left:
            taken[model] = rows.pop(model)
        else:
            keys = list(rows[model])[:left]
            taken[model] = {key: rows[model].pop(key) for key in keys}
        left -= len(taken[model])
        if not left:
            break
    return taken


def _saved(sender: Any, instance: Any, created: bool, using: str, update_fields: Any, raw: bool, **_: Any) -> None:
    note(sender, using, [instance.pk], ALL if created else _changed(instance, update_fields))


def _deleted(sender: Any, instance: Any, using: str, **_: Any) -> None:
    note(sender, using, [instance.pk], DELETED)


def _changed(row: models.Model, update_fields: Iterable[str] | None) -> Columns:
    """The columns a save may have changed: those that differ from what was read, and what can change in place."""
    read = getattr(row._state, "read", None)
    if read is None:
        return ALL
    before = dict(zip(*read, strict=False)) if isinstance(read, tuple) else read
    fields = list(row._meta.concrete_fields)
    if update_fields is not None:
        fields = [field for field in fields if field.name in update_fields or field.attname in update_fields]
    now = {str(field.attname): row.__dict__.get(field.attname) for field in fields}
    changed = frozenset(
        name
        for name, value in now.items()
        if isinstance(value, list | dict | set) or name not in before or before[name] != value
    )
    row._state.read = {**before, **now}  # type: ignore[attr-defined]
    return changed


def _waiting(connection: Any) -> _Waiting:
    found = connection.__dict__.get("ledger_waiting")
    if found is None:
        found = connection.ledger_waiting = _Waiting()
    return found  # type: ignore[no-any-return]


def _connected(sender: Any, connection: Any, **_: Any) -> None:
    """Django has no hook before a commit; this is one, on the connection itself."""
    _waiting(connection).clear()
    if "_commit" not in connection.__dict__:
        connection._commit = partial(_commit, connection, connection._commit)
        connection._rollback = partial(_rollback, connection, connection._rollback)


def _commit(connection: Any, commit: Any) -> None:
    try:
        if _waiting(connection).rows:
            _enter(connection)
    except BaseException:
        connection._rollback()  # Django would go on to commit when it turns autocommit on again
        raise
    commit()


def _rollback(connection: Any, rollback: Any) -> None:
    _waiting(connection).clear()
    rollback()


def _enter(connection: Any) -> None:
    """Enter what no act has sealed, in the transaction that is about to be committed."""
    from qingkong.kernel.ledger.recording import record

    state = _waiting(connection)
    inside, connection.in_atomic_block = connection.in_atomic_block, True
    try:
        while state.rows:
            tables = sorted({model._meta.label_lower for model in state.rows})
            at = state.at or _told_by_key()
            record(actor=ITSELF, at=at, act=ACT, subject=SUBJECT, facts={"tables": "、".join(tables)},
                   using=connection.alias)  # fmt: skip
    finally:
        connection.in_atomic_block = inside


def _told_by_key() -> datetime:
    """The instant a new key is made at: for a write that nobody told the time, as no entry was made on its connection."""
    return datetime.fromtimestamp((uuid7().int >> 80) / 1000, UTC)


def _enter_now(using: str) -> None:
    """A row written outside any transaction is sealed in one of its own, at once."""
    from django.db import transaction

    with transaction.atomic(using=using):
        pass  # its commit enters what waits
