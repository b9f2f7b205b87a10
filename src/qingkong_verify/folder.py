"""Check a whole ledger that lies in a folder as C2SP tlog-tiles: every entry hashed, every tile, the signed root."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import Range, perfect_root
from qingkong_verify.notes import Checkpoint, verify_checkpoint

WIDTH = 256
STEP = 8


@dataclass(frozen=True)
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
    climb = Climb(folder)
    for index in range((checkpoint.size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, checkpoint.size - index * WIDTH)
        path = bundle_path(index, width)
        hashes = leaf_hashes(_read(folder / path), width, path)
        told = _read(folder / tile_path(0, index, width))
        if b"".join(hashes) != told:
            _name_leaf(hashes, told, index, path)
        climb.tile(hashes)
    if climb.root() != checkpoint.root:
        raise VerificationError(
            f"全部 {checkpoint.size} 条算出的根与签名的根不一致。",
            f"The {checkpoint.size} entries lead to another root than the signed one.",
        )
    return Ledger(checkpoint, checkpoint.size)


class Climb:
    """Goes up the tree as its tiles fill: each full tile's root is one hash of the tile above, which must hold it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.full: list[int] = [0]
        self.open: list[list[bytes]] = [[]]

    def tile(self, hashes: list[bytes]) -> None:
        """Take the next tile of level 0, found equal to its entries."""
        if len(hashes) == WIDTH:
            self.full[0] += 1
            self._up(1, perfect_root(hashes))
        else:
            self.open[0] = hashes

    def root(self) -> bytes:
        """The root over all; checks the tiles that aren't full."""
        edge = Range()
        for level in reversed(range(len(self.open))):
            if level and self.open[level]:
                self._same(level, len(self.open[level]))
            for digest in self.open[level]:
                edge.push(digest, STEP * level)
        return edge.root()

    def _up(self, level: int, digest: bytes) -> None:
        if level == len(self.open):
            self.open.append([])
            self.full.append(0)
        self.open[level].append(digest)
        if len(self.open[level]) == WIDTH:
            self._same(level, WIDTH)
            root = perfect_root(self.open[level])
            self.open[level] = []
            self.full[level] += 1
            self._up(level + 1, root)

    def _same(self, level: int, width: int) -> None:
        path = tile_path(level, self.full[level], width)
        if _read(self.folder / path) != b"".join(self.open[level]):
            raise VerificationError("哈希块与下一层不符。", "The tile doesn't match the level below.", place=path)


def leaf_hashes(bundle: bytes, width: int, path: str) -> list[bytes]:
    """The leaf hashes of the `width` entries in a bundle. Raises VerificationError where the bundle is cut or padded."""
    hashes: list[bytes] = []
    position, end = 0, len(bundle)
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise VerificationError(
            "文件不在或读不了。", "The file is missing or can't be read.", place=str(path)
        ) from None
