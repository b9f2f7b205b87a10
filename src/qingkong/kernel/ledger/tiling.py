"""How the tree is cut into tiles: the verifier's own arithmetic, so that both sides can't differ."""

from qingkong_verify.tiling import (
    STEP,
    WIDTH,
    Edge,
    Place,
    consistency_ranges,
    cover,
    extend,
    inclusion_ranges,
    root_of_edge,
    split,
    tile_of,
    widths,
)

__all__ = [
    "STEP", "WIDTH", "Edge", "Place", "consistency_ranges", "cover", "extend", "inclusion_ranges", "root_of_edge",
    "split", "tile_of", "widths",
]  # fmt: skip
