"""How a tree is cut into tiles of 256 hashes (C2SP tlog-tiles), and which nodes a proof needs. Pure.

A node is (level, index): the root of the perfect subtree over leaves [index << level, (index + 1) << level).
Tile level t holds nodes of level 8 t.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from qingkong_verify.merkle import HASH_SIZE, Range, perfect_root

WIDTH = 256
STEP = 8


@dataclass(frozen=True)
class Place:
    """Where a tile stands."""

    level: int
    index: int


@dataclass
class Edge:
    """The right edge of the tree: for each tile level the hashes of the tile that isn't full."""

    size: int = 0
    open: list[list[bytes]] = field(default_factory=list)


def split(data: bytes) -> list[bytes]:
    """A tile's hashes."""
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def widths(size: int) -> dict[Place, int]:
    """The tiles that aren't full in a tree of `size` leaves, with how many hashes each has."""
    found, level = {}, 0
    while size >> (STEP * level):
        nodes = size >> (STEP * level)
        if nodes % WIDTH:
            found[Place(level, nodes // WIDTH)] = nodes % WIDTH
        level += 1
    return found


def extend(edge: Edge, hashes: list[bytes]) -> dict[Place, list[bytes]]:
    """Put leaf hashes at the end of the tree; the tiles that came about or grew. `edge` moves along."""
    changed: dict[Place, list[bytes]] = {}
    size, level = edge.size, 0
    edge.size += len(hashes)
    while hashes:
        if level == len(edge.open):
            edge.open.append([])
        index = (size >> (STEP * level)) // WIDTH
        held = edge.open[level] + hashes
        hashes = []
        while len(held) >= WIDTH:
            full, held = held[:WIDTH], held[WIDTH:]
            changed[Place(level, index)] = full
            hashes.append(perfect_root(full))
            index += 1
        if held:
            changed[Place(level, index)] = held
        edge.open[level] = held
        level += 1
    return changed


def root_of_edge(found: Edge) -> bytes:
    """The root of the tree whose edge this is."""
    compact = Range()
    for level in reversed(range(len(found.open))):
        for digest in found.open[level]:
            compact.push(digest, 8 * level)
    return compact.root()


def cover(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees that make up leaves [low, high), left to right, as RFC 9162 splits them."""
    while low < high:
        level = (low & -low).bit_length() - 1 if low else high.bit_length() - 1
        while low + (1 << level) > high:
            level -= 1
        yield level, low >> level
        low += 1 << level


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes prove that leaf `index` is in the tree of `size`, nearest first (RFC 9162 §2.1.3.1)."""
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The leaf ranges whose hashes prove that the tree of `old` begins the tree of `new` (RFC 9162 §2.1.4.1)."""
    if not 0 < old < new:
        return []
    path, low, high, whole = [], 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    if not whole:
        path.append((low, high))
    return path[::-1]


def tile_of(level: int, index: int) -> tuple[Place, int, int]:
    """Where a node is read from: the tile, and the first and past-the-last of its hashes."""
    tile_level = level // STEP
    inside = level - tile_level * STEP
    start = index << inside
    return Place(tile_level, start // WIDTH), start % WIDTH, start % WIDTH + (1 << inside)


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
