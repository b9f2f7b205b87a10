"""Write the ledger as static files (C2SP tlog-tiles) that anybody can check with `qingkong-verify FOLDER`.

The files hold entries without their facts: who did what to which subject and when, and the commitments.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from qingkong.kernel.ledger import keys
from qingkong.kernel.ledger.models import Checkpoint, Leaf, Tile
from qingkong.kernel.ledger.proving import note_with_cosignatures
from qingkong.kernel.ledger.sequencing import checkpoint
from qingkong.kernel.ledger.tiling import WIDTH
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong_verify.folder import bundle_path, tile_path

BEHIND = zh("{folder} 里已有 {there} 条，比现在的 {here} 条还多，不覆盖。")
EMPTY = zh("存证还是空的，没有可以导出的。")


class CannotExport(Refusal):
    """Nothing to export, or the folder holds a longer ledger."""


def export(folder: Path, *, using: str = "default") -> int:
    """Bring `folder` up to the newest checkpoint; how many entries it holds then. Full tiles there are kept.

    The checkpoint is written last, so that a folder whose export was cut off still shows its old state.
    """
    standing = checkpoint(using)
    if standing is None:
        raise CannotExport(EMPTY)
    there = _there(folder)
    if there > standing.size:
        raise CannotExport(BEHIND.fill(folder=folder, there=there, here=standing.size))
    first = there // WIDTH * WIDTH
    _tiles(folder, first, standing.size, using)
    for index, bundle in _bundles(first, standing.size, using):
        _write(folder / bundle_path(index, _width(index, standing.size)), bundle)
    _write(folder / "vkey", f"{keys.vkey(using)}\n".encode())
    _write(folder / "checkpoint", note_with_cosignatures(_with_lines(standing, using)).encode())
    return standing.size


def _tiles(folder: Path, first: int, size: int, using: str) -> None:
    rows = Tile.objects.using(using).filter(level__lte=7).order_by("level", "index", "-width")
    level = 0
    while nodes := size >> (8 * level):
        start = (first >> (8 * level)) // WIDTH
        for tile in rows.filter(level=level, index__gte=start, index__lte=nodes // WIDTH).iterator(64):
            width = min(WIDTH, nodes - tile.index * WIDTH)
            if width > 0 and tile.width >= width:
                _write(folder / tile_path(level, tile.index, width), bytes(tile.hashes)[: 32 * width])
        level += 1


def _bundles(first: int, size: int, using: str) -> Iterator[tuple[int, bytes]]:
    """Entry bundles: 256 entries, each after two bytes of its length."""
    for start in range(first, size, WIDTH):
        leaves = Leaf.objects.using(using).filter(sequence__gte=start, sequence__lt=min(start + WIDTH, size))
        entries = [bytes(data) for data in leaves.order_by("sequence").values_list("entry__canonical", flat=True)]
        yield start // WIDTH, b"".join(len(data).to_bytes(2, "big") + data for data in entries)


def _width(index: int, size: int) -> int:
    return min(WIDTH, size - index * WIDTH)


def _there(folder: Path) -> int:
    """How many entries an earlier export left in the folder."""
    path = folder / "checkpoint"
    return int(path.read_text().split("\n")[1]) if path.exists() else 0


def _with_lines(standing: Checkpoint, using: str) -> Checkpoint:
    return Checkpoint.objects.using(using).prefetch_related("cosignatures").get(pk=standing.pk)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    spool = path.with_name(f"{path.name}.new")
    with spool.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    spool.replace(path)
