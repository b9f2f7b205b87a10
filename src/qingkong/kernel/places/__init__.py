"""Divisions of the county: found by name, short name or pinyin; never guessed.

`Division` is stored elsewhere as its code (a township's nine digits, a village's twelve).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.places.gazetteer import Candidate, Found
    from qingkong.kernel.places.layout import invent_coordinates
    from qingkong.kernel.places.loading import CannotLoad, load, load_coordinates
    from qingkong.kernel.places.models import Alias, Division, Level, PlaceCoordinate
    from qingkong.kernel.places.outline import county_outline
    from qingkong.kernel.places.search import (
        Point,
        children,
        coordinates,
        division,
        find,
        full_name,
        full_names,
        township_of,
    )

_WHERE = {
    "gazetteer": ("Candidate", "Found"),
    "layout": ("invent_coordinates",),
    "loading": ("CannotLoad", "load", "load_coordinates"),
    "models": ("Alias", "Division", "Level", "PlaceCoordinate"),
    "outline": ("county_outline",),
    "search": (
        "Point", "children", "coordinates", "division", "find", "full_name", "full_names", "township_of",
    ),
}  # fmt: skip
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
