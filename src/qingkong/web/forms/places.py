"""A place as people say it. Where the name fits several, they choose; the software never guesses."""

from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from qingkong.kernel import places
from qingkong.kernel.text import zh
from qingkong.web.forms.field import Field

SEVERAL = zh("有 {count} 个地方叫这个名字，请选是哪一个。")
NONE = zh("没有找到这个地方。请写上乡镇和村，如“沙河站镇前河涯村”。")
LONG = zh("地点最多 200 个字。")


@dataclass(frozen=True, slots=True)
class PlaceSaid:
    """What was said (`text`) and the division it lies in. Coordinates are degrees, if the browser gave any."""

    division_code: str
    text: str
    longitude: float | None = None
    latitude: float | None = None

    def columns(self) -> dict[str, Any]:
        """As domains keep it."""
        return {
            "division_code": self.division_code, "place_text": self.text,
            "longitude": self.longitude, "latitude": self.latitude,
        }  # fmt: skip


class PlaceInput(django_forms.TextInput):
    """Reads `name` with `name_code`, `name_longitude`, `name_latitude` beside it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        return {
            "text": str(data.get(name, "") or "").strip(),
            **{part: str(data.get(f"{name}_{part}", "") or "").strip() for part in ("code", "longitude", "latitude")},
        }


class PlaceField(Field):
    """A place, cleaned to PlaceSaid. `within` narrows the search to a division's code."""

    kind = "place"
    widget = PlaceInput

    def __init__(self, label: Any = "", *, within: str | None = None, **options: Any) -> None:
        self.within = within
        options.setdefault("hint", zh("乡镇、村和具体位置，如“沙河站镇前河涯村村委会门前”。"))
        super().__init__(label or zh("地点"), **options)

    def clean(self, value: Any) -> PlaceSaid | None:
        value = {"text": value, "code": "", "longitude": "", "latitude": ""} if isinstance(value, str) else value or {}
        text = value.get("text", "")
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if len(text) > 200:
            raise ValidationError(LONG)  # type: ignore[arg-type]
        found = places.find(text, within=self.within)
        offered = {candidate.code for candidate in found.candidates}
        if value["code"] in offered:
            code = value["code"]
        elif found.certain:
            code = found.candidates[0].code
        elif offered:
            raise ValidationError(SEVERAL.fill(count=len(offered)))  # type: ignore[arg-type]
        else:
            raise ValidationError(NONE)  # type: ignore[arg-type]
        return PlaceSaid(code, text, _degrees(value["longitude"], 180), _degrees(value["latitude"], 90))

    def shown(self, bound: BoundField) -> Any:
        value = bound.value()
        if isinstance(value, PlaceSaid):
            return {"text": value.text, "code": value.division_code}
        return value if isinstance(value, dict) else {"text": value or "", "code": ""}

    def around(self, bound: BoundField) -> dict[str, Any]:
        shown = self.shown(bound)
        if not bound.form.is_bound or not bound.errors or not shown["text"]:
            return {"candidates": []}
        found = places.find(shown["text"], within=self.within)
        return {"candidates": [] if found.certain else found.candidates}


def _degrees(text: str, limit: int) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -limit <= number <= limit else None
