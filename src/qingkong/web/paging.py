"""Lists by pages that stay quick at a million rows: each page starts after the last row of the one before."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows. `next_query` and `first_query` are query strings (`?after=…`), empty where there is none."""

    rows: list[Any]
    next_query: str
    first_query: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(rows: QuerySet[Any], request: Any, *, order: tuple[str, ...] = ("-id",), size: int = SIZE) -> Page:
    """The page of a queryset that `?after=` asks for; a faulty cursor gives the first one.

    `order` names columns that no row leaves empty, all descending or all ascending, the last of them unique.
    """
    names = [name.lstrip("-") for name in order]
    after = _read(request.GET.get("after", ""), len(names))
    rows = rows.order_by(*order)
    if after:
        try:
            rows = rows.filter(_beyond(names, after, "lt" if order[0].startswith("-") else "gt"))
        except (ValidationError, ValueError, TypeError):  # somebody has written in the address
            after = []
    found = list(rows[: size + 1])
    query = request.GET.copy()
    query.pop("after", None)
    first = f"?{query.urlencode()}" if after else ""
    if len(found) <= size:
        return Page(found, "", first)
    query["after"] = _write([_value(found[size - 1], name) for name in names])
    return Page(found[:size], f"?{query.urlencode()}", first)


def _beyond(names: list[str], values: list[Any], compare: str) -> Q:
    """Rows after a cursor: (a, b) < (x, y) written out as a < x or (a = x and b < y)."""
    condition = Q()
    for n, name in enumerate(names):
        same = {names[m]: values[m] for m in range(n)}
        condition |= Q(**same, **{f"{name}__{compare}": values[n]})
    return condition & Q(**{f"{names[0]}__{compare}e": values[0]})


def _value(row: Any, name: str) -> Any:
    value = row
    for part in name.split("__"):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


def _write(values: list[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, datetime) else str(v) if isinstance(v, UUID) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> list[Any]:
    """The values of a cursor, or nothing where it isn't one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        return []
    if not isinstance(values, list) or len(values) != length or not all(isinstance(v, (str, int)) for v in values):
        return []
    return values
