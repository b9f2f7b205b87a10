"""The tree as its tiles have it: its edge, its root at any size, the hashes of a proof. One query each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Max, Q

from qingkong.kernel.ledger.models import Leaf, Tile
from qingkong.kernel.ledger.tiling import (
    Edge,
    Place,
    consistency_ranges,
    cover,
    inclusion_ranges,
    split,
    tile_of,
    widths,
)  # fmt: skip
from qingkong_verify.merkle import EMPTY_ROOT, node_hash, perfect_root


class LedgerBroken(RuntimeError):
    """The tables of the ledger contradict each other; `qingkong ledger verify` names where."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles read for one purpose."""

    held: Mapping[Place, bytes]

    def range_hash(self, low: int, high: int) -> bytes:
        """The hash of leaves [low, high). Raises LedgerBroken where a tile is missing or too narrow."""
        nodes = [self._node(level, index) for level, index in cover(low, high)]
        if not nodes:
            return EMPTY_ROOT
        root = nodes.pop()
        while nodes:
            root = node_hash(nodes.pop(), root)
        return root

    def _node(self, level: int, index: int) -> bytes:
        place, first, last = tile_of(level, index)
        hashes = split(self.held.get(place, b""))[first:last]
        if len(hashes) != last - first:
            raise LedgerBroken(f"tile {place.level}/{place.index} is missing or too narrow")
        return perfect_root(hashes)


def read(places: Iterable[Place], using: str) -> Tiles:
    """The widest tile of each place, in one query."""
    wanted = Q(pk=None)
    for place in set(places):
        wanted |= Q(level=place.level, index=place.index)
    rows = Tile.objects.using(using).filter(wanted).order_by("width").values_list("level", "index", "hashes")
    return Tiles({Place(level, index): bytes(hashes) for level, index, hashes in rows})


def size(using: str) -> int:
    """How many leaves the tree has."""
    last = Leaf.objects.using(using).aggregate(last=Max("sequence"))["last"]
    return 0 if last is None else last + 1


def edge(leaves: int, using: str) -> Edge:
    """The right edge of the tree of so many leaves."""
    wanted = widths(leaves)
    tiles = read(wanted, using)
    found = Edge(leaves)
    level = 0
    while leaves >> (8 * level):
        nodes = leaves >> (8 * level)
        place = Place(level, nodes // 256)
        hashes = split(tiles.held.get(place, b"")) if place in wanted else []
        if len(hashes) != wanted.get(place, 0):
            raise LedgerBroken(f"tile {level}/{place.index} doesn't match {leaves} leaves")
        found.open.append(hashes)
        level += 1
    return found


def ranges(wanted: list[tuple[int, int]], using: str) -> list[bytes]:
    """The hashes of leaf ranges, in one query."""
    places = {tile_of(level, index)[0] for low, high in wanted for level, index in cover(low, high)}
    tiles = read(places, using)
    return [tiles.range_hash(low, high) for low, high in wanted]


def root(leaves: int, using: str) -> bytes:
    """The root of the tree when it had so many leaves."""
    return ranges([(0, leaves)], using)[0] if leaves else EMPTY_ROOT


def inclusion(index: int, leaves: int, using: str) -> list[bytes]:
    """The inclusion proof of a leaf (RFC 9162 §2.1.3.1)."""
    return ranges(inclusion_ranges(index, leaves), using)


def consistency(old: int, new: int, using: str) -> list[bytes]:
    """The consistency proof between two sizes (RFC 9162 §2.1.4.1)."""
    return ranges(consistency_ranges(old, new), using)
