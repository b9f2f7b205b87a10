"""Write the ledger as static files (C2SP tlog-tiles): all of it for `qingkong-verify FOLDER`, or the part for everybody.

Entry bundles hold entries without their facts: who did what to which subject and when, and the commitments. What is
published for everybody leaves them out: hashes tell nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from qingkong.kernel import durable
from qingkong.kernel.ledger import keys
from qingkong.kernel.ledger.models import Checkpoint, Leaf, Tile
from qingkong.kernel.ledger.proving import note_with_cosignatures
from qingkong.kernel.ledger.sequencing import checkpoint
from qingkong.kernel.ledger.tiling import STEP, WIDTH
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong_verify import VerificationError
from qingkong_verify.folder import bundle_path, tile_path
from qingkong_verify.notes import parse_body, split_note

BEHIND = zh("{folder} 里已有 {there} 条，比现在的 {here} 条还多，不覆盖。")
EMPTY = zh("存证还是空的，没有可以导出的。")
UNREADABLE = zh("{folder} 里的校验点读不懂，不覆盖。")


class CannotExport(Refusal):
    """Nothing to export, or the folder holds a longer ledger or something else."""


def export(folder: Path, *, using: str = "default") -> int:
    """Bring `folder` up to the newest checkpoint; how many entries it holds then. Full tiles there are kept.

    The checkpoint is written last, so that a folder whose export was cut off still shows its old state.
    """
    standing = checkpoint(using)
    if standing is None:
        raise CannotExport(EMPTY)
    there, _ = standing_in(folder)
    if there > standing.size:
        raise CannotExport(BEHIND.fill(folder=folder, there=there, here=standing.size))
    write_files(folder, there, standing, entries=True, using=using)
    return standing.size


def standing_in(folder: Path) -> tuple[int, bytes]:
    """Size and root of what an earlier export left in the folder; 0 where there is nothing. Raises CannotExport."""
    path = folder / "checkpoint"
    if not path.exists():
        return 0, b""
    try:
        _, size, root = parse_body(split_note(path.read_text(encoding="utf-8"))[0])
    except (VerificationError, UnicodeDecodeError):
        raise CannotExport(UNREADABLE.fill(folder=folder)) from None
    return size, root


def write_files(folder: Path, there: int, standing: Checkpoint, *, entries: bool, using: str) -> None:
    """Write what came after the first `there` leaves, up to a checkpoint; then drop tiles that have been outgrown."""
    first = there // WIDTH * WIDTH
    _tiles(folder, first, standing.size, using)
    if entries:
        for index, bundle in _bundles(first, standing.size, using):
            write(folder / bundle_path(index, _width(index, standing.size)), bundle)
    write(folder / "vkey", f"{keys.vkey(using)}\n".encode())
    write(folder / "checkpoint", note_with_cosignatures(_with_lines(standing, using)).encode())
    _prune(folder, there, standing.size)


def _tiles(folder: Path, first: int, size: int, using: str) -> None:
    rows = Tile.objects.using(using).filter(level__lte=7).order_by("level", "index", "-width")
    level = 0
    while nodes := size >> (STEP * level):
        start = (first >> (STEP * level)) // WIDTH
        for tile in rows.filter(level=level, index__gte=start, index__lte=nodes // WIDTH).iterator(64):
            width = min(WIDTH, nodes - tile.index * WIDTH)
            if width > 0 and tile.width >= width:
                write(folder / tile_path(level, tile.index, width), bytes(tile.hashes)[: 32 * width])
        level += 1


def _bundles(first: int, size: int, using: str) -> Iterator[tuple[int, bytes]]:
    """Entry bundles: 256 entries, each after two bytes of its length."""
    for start in range(first, size, WIDTH):
        leaves = Leaf.objects.using(using).filter(sequence__gte=start, sequence__lt=min(start + WIDTH, size))
        entries = [bytes(data) for data in leaves.order_by("sequence").values_list("entry__canonical", flat=True)]
        yield start // WIDTH, b"".join(len(data).to_bytes(2, "big") + data for data in entries)


def _prune(folder: Path, there: int, size: int) -> None:
    """Remove the narrower copies of tiles that are full now; a reader that comes late takes the full one (C2SP)."""
    places = [bundle_path(index, 1) for index in range(there // WIDTH, size // WIDTH)]
    level = 0
    while size >> (STEP * level):
        old, new = (count >> (STEP * level) for count in (there, size))
        places += [tile_path(level, index, 1) for index in range(old // WIDTH, new // WIDTH)]
        level += 1
    for place in places:
        narrow = (folder / place).parent
        if narrow.is_dir():
            for file in narrow.iterdir():
                file.unlink()
            narrow.rmdir()


def _width(index: int, size: int) -> int:
    return min(WIDTH, size - index * WIDTH)


def _with_lines(standing: Checkpoint, using: str) -> Checkpoint:
    return Checkpoint.objects.using(using).prefetch_related("cosignatures").get(pk=standing.pk)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, with the folders above it, and so that it outlives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write_whole(path, data)
