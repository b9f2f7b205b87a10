"""Check a whole ledger that lies in a folder as C2SP tlog-tiles: every entry hashed, every tile, the signed root."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import Range, perfect_root
from qingkong_verify.notes import Checkpoint, verify_checkpoint

WIDTH = 256
STEP = 8


@dataclass(frozen=True, slots=True)
class Ledger:
    """A folder that was found sound."""

    checkpoint: Checkpoint
    entries: int


def tile_path(level: int, index: int, width: int) -> str:
    """Where a tile of hashes stands: `tile/0/x001/067`, `tile/0/x001/067.p/9`."""
    return f"tile/{level}/{_numbered(index, width)}"


def bundle_path(index: int, width: int) -> str:
    """Where a bundle of entries stands: `tile/entries/000.p/9`."""
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def check_folder(folder: Path, keys: list[str]) -> Ledger:
    """Check every entry of the ledger in `folder` against its tiles and its signed checkpoint.

    Streams tile by tile, in constant memory. Raises VerificationError, which says where.
    """
    checkpoint = verify_checkpoint(_read(folder / "checkpoint"), keys)
    root = _root_of_entries(folder, checkpoint.size)
    if root != checkpoint.root:
        raise VerificationError(
            f"全部 {checkpoint.size} 条算出的根与签名的根不一致。",
            f"The {checkpoint.size} entries lead to another root than the signed one.",
        )
    _check_upper_tiles(folder, checkpoint.size)
    return Ledger(checkpoint, checkpoint.size)


def _root_of_entries(folder: Path, size: int) -> bytes:
    edge = Range()
    for index in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - index * WIDTH)
        path = bundle_path(index, width)
        hashes = leaf_hashes(_read(folder / path), width, path)
        told = _read(folder / tile_path(0, index, width))
        if b"".join(hashes) != told:
            _name_leaf(hashes, told, index, path)
        if width == WIDTH:
            edge.push(perfect_root(hashes), STEP)
        else:
            for digest in hashes:
                edge.push(digest)
    return edge.root()


def leaf_hashes(bundle: bytes, width: int, path: str) -> list[bytes]:
    """The leaf hashes of the `width` entries in a bundle. Raises VerificationError where the bundle is cut or padded."""
    hashes, position, end = [], 0, len(bundle)
    for _ in range(width):
        start = position + 2
        position = start + (bundle[position] << 8 | bundle[position + 1]) if start <= end else end + 1
        if position > end:
            raise VerificationError(f"第 {len(hashes)} 条不完整。", f"Entry {len(hashes)} is cut off.", place=path)
        hashes.append(sha256(b"\0" + bundle[start:position]).digest())
    if position != end:
        raise VerificationError("文件末尾有多余的内容。", "There is something after the last entry.", place=path)
    return hashes


def _name_leaf(hashes: list[bytes], told: bytes, index: int, path: str) -> None:
    for offset, digest in enumerate(hashes):
        if digest != told[offset * 32 : offset * 32 + 32]:
            sequence = index * WIDTH + offset
            raise VerificationError(
                f"第 {sequence} 条与它的哈希不符：被改动、调换或增删。",
                f"Entry {sequence} doesn't match its hash: altered, swapped, added or removed.",
                place=path,
            )
    raise VerificationError("哈希块比条数长。", "The tile holds more hashes than there are entries.", place=path)


def _check_upper_tiles(folder: Path, size: int) -> None:
    """Each tile above level 0 holds the roots of the tiles below it."""
    level = 1
    while nodes := size >> (STEP * level):
        for index in range((nodes + WIDTH - 1) // WIDTH):
            width = min(WIDTH, nodes - index * WIDTH)
            path = tile_path(level, index, width)
            if _read(folder / path) != b"".join(_roots_below(folder, level - 1, index * WIDTH, width)):
                raise VerificationError("哈希块与下一层不符。", "The tile doesn't match the level below.", place=path)
        level += 1


def _roots_below(folder: Path, level: int, first: int, count: int) -> Iterator[bytes]:
    for index in range(first, first + count):
        data = _read(folder / tile_path(level, index, WIDTH))
        yield perfect_root([data[start : start + 32] for start in range(0, len(data), 32)])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise VerificationError(
            "文件不在或读不了。", "The file is missing or can't be read.", place=str(path)
        ) from None
