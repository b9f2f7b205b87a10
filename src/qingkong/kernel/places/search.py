"""Ask about places: by text, by code."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from qingkong.kernel.places.gazetteer import Found, Gazetteer, Place
from qingkong.kernel.places.models import Alias, Division, Edition, PlaceCoordinate


@dataclass(frozen=True, slots=True)
class Point:
    longitude: float
    latitude: float
    invented: bool


def find(text: str, *, within: str | None = None, limit: int = 10) -> Found:
    """Divisions that a text may mean, the best first.

    Chinese with or without suffixes and gaps, or pinyin, or its initials. `within` keeps to one township or
    county by code. A name without its township that several villages bear is never certain.
    """
    return _gazetteer().find(text, within=within, limit=limit)


def full_name(code: str) -> str:
    """沙河站镇前河涯村 for a village's code, 沙河站镇 for a township's; the code itself where it is unknown."""
    return _gazetteer().full_name(code)


def full_names(codes: Iterable[str]) -> dict[str, str]:
    """Full names of many codes with at most one query."""
    gazetteer = _gazetteer()
    return {code: gazetteer.full_name(code) for code in codes}


def division(code: str) -> Division | None:
    return Division.objects.filter(pk=code).first()


def children(code: str) -> list[Division]:
    """The divisions right below one, in the order of their codes."""
    return list(Division.objects.filter(parent_id=code).order_by("code"))


def township_of(code: str) -> str:
    """The township's code of a village or of itself; empty for anything above."""
    return code[:9] if len(code) >= 9 else ""


def coordinates(codes: Iterable[str]) -> dict[str, Point]:
    """Where divisions lie, for those that have a coordinate; WGS 84 degrees, invented ones marked."""
    rows = PlaceCoordinate.objects.filter(division_id__in=list(codes))
    return {row.division_id: Point(row.longitude, row.latitude, row.invented) for row in rows}


def _gazetteer() -> Gazetteer:
    digest = Edition.objects.values_list("digest", flat=True).first()
    return _read(digest or "")


@lru_cache(maxsize=2)
def _read(digest: str) -> Gazetteer:
    if not digest:
        return Gazetteer([])
    places = {
        code: Place(code, name, parent or "", level)
        for code, name, parent, level in Division.objects.order_by("code").values_list(
            "code", "name", "parent_id", "level"
        )
    }
    for code, text, pinyin, initials in Alias.objects.order_by("id").values_list(
        "division_id", "text", "pinyin", "initials"
    ):
        place = places[code]
        for forms, form in ((place.forms, text), (place.pinyin, pinyin), (place.initials, initials)):
            if form and form not in forms:
                forms.append(form)
    return Gazetteer(places.values())
