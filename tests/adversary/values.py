"""Values that fit a column, and other values than the one it holds."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import choice
from typing import Any
from uuid import UUID, uuid4

from django.db import models

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def target_of(field: Any) -> Any:
    """The column that a column's values are of: its own, or the key it points at."""
    while field.remote_field is not None and getattr(field, "target_field", None) is not None:
        field = field.target_field
    return field


def kind_of(field: Any) -> str:
    return str(target_of(field).get_internal_type())


def some(field: Any) -> Any:
    """A value that a column takes; another one each time where it must be unique."""
    kind = kind_of(field)
    if kind == "UUIDField":
        return uuid4()
    if "Char" in kind or "Text" in kind:
        longest = getattr(target_of(field), "max_length", None) or 40
        return uuid4().hex[-longest:]
    simple = {
        "BooleanField": True, "DateTimeField": AT, "DateField": AT.date(), "TimeField": time(1, 0), "JSONField": {},
        "FloatField": 1.5, "DecimalField": Decimal(1), "BinaryField": b"x" * 32, "DurationField": timedelta(hours=1),
    }  # fmt: skip
    return simple[kind] if kind in simple else uuid4().int % 20_000 + 1


def other(field: Any, value: Any) -> Any:
    """Another value than `value` that the column takes as well."""
    if value is None or isinstance(value, UUID):
        return some(field)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return _other_text(field, value)
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, bytes | memoryview):
        return bytes(value)[:-1] + bytes([bytes(value)[-1] ^ 1])
    if isinstance(value, int | float | Decimal):
        return value + 1
    return {"altered": True} if value != {"altered": True} else {}


def earlier(value: Any) -> Any:
    """The day before; the day after where there is none before."""
    return value + timedelta(days=1 if value.year == 1 else -1)


def _other_text(field: Any, value: str) -> str:
    longest = getattr(target_of(field), "max_length", None)
    if field.unique:
        return uuid4().hex[: longest or 32]
    if longest is None or len(value) < longest:
        return f"{value}甲"
    return value[:-1] + ("乙" if value.endswith("甲") else "甲")


def row_of(model: type[models.Model]) -> models.Model:
    """A row that could stand in the table."""
    return model(**{field.attname: _fitting(field) for field in model._meta.concrete_fields if not _by_itself(field)})


def _fitting(field: Any) -> Any:
    """A value for a new row: a row that is there where the column points at one."""
    if field.is_relation and not field.unique:
        there = field.related_model._base_manager.order_by("pk").values_list(field.target_field.attname, flat=True)
        return choice(list(there[:40]) or [some(field)])
    return some(field)


def _by_itself(field: Any) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField) or type(field).__name__ == "SealedDigestField"
