"""Which tables and columns are sealed: all of them, but for those left out with a reason; and how values are hashed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, models

from qingkong.kernel.ledger import prepared, seals
from qingkong.kernel.ledger.auditing.rows import instant_text, octets

_BY_TREE = "the ledger's own: `ledger verify` checks every row against the tree and the signatures"
_out: dict[str, str] = {
    f"ledger.{table}": _BY_TREE for table in ("entry", "facts", "pending", "leaf", "tile", "checkpoint", "cosignature")
}


def leave_unsealed(reasons: Mapping[str, str]) -> None:
    """Leave out an app ("sessions"), a table ("calls.placegram") or a column ("mfa.authenticator.last_used_at")."""
    _out.update(reasons)
    is_sealed.cache_clear()
    plan.cache_clear()


def left_out() -> dict[str, str]:
    """What isn't sealed, and why."""
    return dict(_out)


@lru_cache(maxsize=1024)
def is_sealed(model: type[models.Model]) -> bool:
    meta = model._meta
    return not (meta.app_label in _out or meta.label_lower in _out or meta.proxy or not meta.managed)


def sealed_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if is_sealed(model)]


_NULL = bytes(seals.DIGEST)
_BLANK = bytes(seals.DIGEST - 1) + b"\1"
"""Half of all columns hold nothing: that is said without a hash."""


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column: its names, its code, the SQL that reads it raw, and the bytes its value counts by."""

    attname: str
    name: str
    code: bytes
    sql: str
    normal: Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows of a table are read and hashed on one kind of database."""

    label: str
    table: str
    key_sql: str
    key_column: str
    columns: tuple[Column, ...]
    shape: bytes
    head: str
    hashed: tuple[tuple[bytes, Callable[[Any], bytes]], ...]

    def select(self, where: str) -> str:
        return self.head + where

    def digests(self, key: str, values: Iterable[Any]) -> dict[bytes, bytes]:
        """The digest of each column of a row, by its code."""
        place, size = f"{self.label}\0{key}\0".encode(), seals.DIGEST
        return {
            code: _NULL
            if value is None
            else _BLANK
            if value == ""
            else sha256(place + code + normal(value)).digest()[:size]
            for (code, normal), value in zip(self.hashed, values, strict=True)
        }


@lru_cache(maxsize=1024)
def plan(model: type[models.Model], vendor: str) -> Plan:
    meta = model._meta
    key = meta.pk
    assert key is not None
    columns = tuple(
        _column(field, vendor)
        for field in meta.concrete_fields
        if f"{meta.label_lower}.{field.attname}" not in _out and f"{meta.label_lower}.{field.name}" not in _out
    )
    key_sql = f'+"{key.column}"' if vendor == "sqlite" else f'"{key.column}"'
    shape = seals.shape_of(column.code for column in columns)
    head = f'SELECT {", ".join([key_sql, *[column.sql for column in columns]])} FROM "{meta.db_table}" WHERE '
    hashed = tuple((column.code, column.normal) for column in columns)
    return Plan(meta.label_lower, meta.db_table, key_sql, str(key.column), columns, shape, head, hashed)


def key_text(value: object) -> str:
    """A key as seals write it: a UUID as 32 hex digits, anything else as text."""
    if isinstance(value, UUID):
        return value.hex
    return (octets(value) or b"").decode("utf-8", "replace")


def key_value(model: type[models.Model], text: str, vendor: str) -> Any:
    """A seal's key as this database takes it."""
    kind = _kind(model._meta.pk)
    if kind == "UUIDField":
        return text if vendor == "sqlite" else UUID(text)
    return int(text) if "Integer" in kind or "Auto" in kind else text


def rows_of(model: type[models.Model], keys: Iterable[Any], using: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(key, raw values of the sealed columns) of the rows with these keys."""
    connection = connections[using]
    found, native = plan(model, connection.vendor), connection.features.has_native_uuid_field
    wanted = [key.hex if isinstance(key, UUID) and not native else key for key in keys]
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        marks = ", ".join(["%s"] * len(some))
        with prepared.cursor(connection) as cursor:
            cursor.execute(found.select(f'"{found.key_column}" IN ({marks})'), some)
            for row in cursor.fetchall():
                yield key_text(row[0]), row[1:]


def _column(field: Any, vendor: str) -> Column:
    kind, quoted = _kind(field), f'"{field.column}"'
    if vendor == "sqlite":
        # A plus in front keeps the driver from reading the text by the declared type of the column.
        sql = f"+{quoted}"
    elif kind == "DateTimeField":
        sql = f"""to_char({quoted} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    elif kind in ("DateField", "TimeField", "JSONField"):
        sql = f"{quoted}::text"
    else:
        sql = quoted
    normal = _NORMAL.get(kind, _plain)
    if kind == "DateTimeField" and vendor == "sqlite":
        normal = _instant
    return Column(str(field.attname), str(field.column), seals.code_of(str(field.column)), sql, normal)


def _kind(field: Any) -> str:
    while field.remote_field is not None and getattr(field, "target_field", None) is not None:
        field = field.target_field
    return str(field.get_internal_type())


def _plain(value: Any) -> bytes:
    """Bytes that tell apart what a database tells apart, the same on SQLite and PostgreSQL."""
    return _BY_TYPE.get(type(value), _strange)(value)


def _strange(value: Any) -> bytes:
    return b"x" + str(value).encode("utf-8", "surrogatepass")


_BY_TYPE: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"n",
    str: lambda value: b"s" + value.encode("utf-8", "surrogatepass"),
    int: lambda value: b"i%d" % value,
    bool: lambda value: b"i%d" % value,
    float: lambda value: b"f" + repr(value).encode(),
    bytes: lambda value: b"b" + value,
    memoryview: lambda value: b"b" + bytes(value),
    UUID: lambda value: b"s" + value.hex.encode(),
}


def _instant(value: Any) -> bytes:
    return b"s" + (instant_text(value, True) or b"") if isinstance(value, str) else _plain(value)


def _number(value: Any) -> bytes:
    try:
        return b"d" + str(Decimal(str(value)).normalize()).encode() if value is not None else b"n"
    except InvalidOperation:
        return _plain(value)


def _float(value: Any) -> bytes:
    return b"f" + repr(float(value)).encode() if isinstance(value, int | float) else _plain(value)


def _json(value: Any) -> bytes:
    try:
        return b"j" + json.dumps(json.loads(value), ensure_ascii=False, sort_keys=True).encode()
    except (TypeError, ValueError):
        return _plain(value)


_NORMAL: dict[str, Callable[[Any], bytes]] = {"DecimalField": _number, "FloatField": _float, "JSONField": _json}
