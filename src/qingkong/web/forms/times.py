"""Days and instants as people type them: on the county's clock, kept in UTC."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from qingkong.kernel.text import TZ, local, zh
from qingkong.web.forms.field import Field

NO_SUCH_DAY = zh("没有这一天，请按年、月、日核对。")
NO_SUCH_MOMENT = zh("请填日期和时间，如 2026-11-24 08:30。")


class DayParts(django_forms.TextInput):
    """Reads `name` as written, or `name-year`, `name-month`, `name-day`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        parts = [str(data.get(f"{name}-{part}", "")).strip() for part in ("year", "month", "day")]
        return "-".join(parts) if any(parts) else data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-year" not in data


class DateField(Field):
    """A day. `parts=True` shows three small boxes, for dates people know by heart; else the browser's calendar."""

    widget = DayParts

    def __init__(self, label: Any = "", *, parts: bool = False, **options: Any) -> None:
        self.kind = "date_parts" if parts else "date"
        super().__init__(label, **options)

    def anchor(self, bound: BoundField) -> str:
        return f"{bound.html_name}-year" if self.kind == "date_parts" else bound.html_name

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return local(value).date()
        if isinstance(value, date):
            return value
        numbers = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", str(value).strip())
        try:
            if numbers is None:
                raise ValueError
            return date(*(int(n) for n in numbers.groups()))
        except ValueError:
            raise ValidationError(NO_SUCH_DAY) from None  # type: ignore[arg-type]

    def shown(self, bound: BoundField) -> Any:
        value = bound.value()
        return value.isoformat() if isinstance(value, date) else value or ""

    def around(self, bound: BoundField) -> dict[str, Any]:
        pieces = (re.split(r"[-/.年月日]", str(self.shown(bound))) + ["", "", ""])[:3]
        labels = (("year", zh("年"), 4), ("month", zh("月"), 2), ("day", zh("日"), 2))
        return {
            "parts": [
                {"name": n, "label": w, "value": v, "width": c} for (n, w, c), v in zip(labels, pieces, strict=True)
            ]
        }


class MomentField(Field):
    """An instant, typed on the county's clock, cleaned to UTC."""

    kind = "moment"
    widget = django_forms.TextInput

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        text = str(value).strip().replace(" ", "T").replace("/", "-")
        if not re.match(r"\d{4}-\d{1,2}-\d{1,2}T\d{1,2}:\d{2}", text):
            raise ValidationError(NO_SUCH_MOMENT)  # type: ignore[arg-type]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(NO_SUCH_MOMENT) from None  # type: ignore[arg-type]
        return (moment if moment.tzinfo else moment.replace(tzinfo=TZ)).astimezone(UTC)

    def shown(self, bound: BoundField) -> Any:
        value = bound.value()
        return f"{local(value):%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else value or ""
