"""An invented layout of the county for the demo: every village somewhere inside the outline, near its township.

Invented points say so; they never replace a coordinate that the county supplied.
"""

import random
from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.kernel.places.loading import keep_coordinates
from qingkong.kernel.places.models import Division, Level, PlaceCoordinate
from qingkong.kernel.places.outline import Point, county_outline, holds

SOURCE = "演示用虚构位置，不是实际坐标"
SAMPLES = 6000


@transaction.atomic
def invent_coordinates(*, seed: int, actor: Any, at: datetime) -> int:
    """Give each township and village without a real coordinate an invented one; how many. Same seed, same map."""
    real = set(PlaceCoordinate.objects.filter(invented=False).values_list("division_id", flat=True))
    townships = list(Division.objects.filter(level=Level.TOWNSHIP).order_by("code").values_list("code", flat=True))
    villages: dict[str, list[str]] = {code: [] for code in townships}
    for code, parent in Division.objects.filter(level=Level.VILLAGE).order_by("code").values_list("code", "parent_id"):
        villages[parent].append(code)
    points = lay_out(villages, seed=seed)
    points = {code: point for code, point in points.items() if code not in real}
    keep_coordinates(points, invented=True, source=SOURCE)
    return len(points)


def lay_out(villages: dict[str, list[str]], *, seed: int) -> dict[str, Point]:
    """Points for townships and their villages, each village nearer to its own township than to any other."""
    if not villages:
        return {}
    chance = random.Random(seed)  # noqa: S311  # a drawing, nothing secret
    samples = _inside(chance, SAMPLES)
    centres = _far_apart(samples, len(villages), chance)
    cells: list[list[Point]] = [[] for _ in centres]
    for point in samples:
        cells[min(range(len(centres)), key=lambda i: _apart(point, centres[i]))].append(point)
    order = sorted(range(len(centres)), key=lambda i: -len(cells[i]))
    by_size = sorted(villages, key=lambda code: (-len(villages[code]), code))
    points: dict[str, Point] = {}
    for cell, code in zip(order, by_size, strict=True):
        points[code] = centres[cell]
        for i, village in enumerate(villages[code]):
            points[village] = cells[cell][i % len(cells[cell])]
    return points


def _inside(chance: random.Random, count: int) -> list[Point]:
    ring = county_outline()
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    found: list[Point] = []
    while len(found) < count:
        x, y = round(chance.uniform(west, east), 5), round(chance.uniform(south, north), 5)
        if holds(ring, x, y):
            found.append((x, y))
    return found


def _far_apart(samples: list[Point], count: int, chance: random.Random) -> list[Point]:
    """Centres spread out: each next one is the best of a few draws, the farthest from those chosen."""
    centres = [samples[0]]
    while len(centres) < count:
        draws = chance.sample(samples, 40)
        centres.append(max(draws, key=lambda p: min(_apart(p, c) for c in centres)))
    return centres


def _apart(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 * 0.656 + (a[1] - b[1]) ** 2  # cos² 35.9°: a degree of longitude is shorter here
