"""The county's outline, for a sketch map; not for survey."""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "outline_370923.geojson"

Point = tuple[float, float]


@cache
def county_outline() -> tuple[Point, ...]:
    """The ring of the county: (longitude, latitude) in degrees, the first point again at the end."""
    feature = json.loads(FILE.read_text())["features"][0]
    return tuple((x, y) for x, y in feature["geometry"]["coordinates"][0])


def holds(ring: tuple[Point, ...], x: float, y: float) -> bool:
    """Whether a point lies inside the ring (even-odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
