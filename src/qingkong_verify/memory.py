"""What a watcher keeps between its visits: its key, the last checkpoint, the tiles of hashes it saw, and evidence.

Each file is written whole or not at all, tiles before the checkpoint they belong to. With tiles and checkpoint the
watcher can prove later, without the log's server, what the log had shown (32 bytes an entry).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qingkong_verify.errors import VerificationError
from qingkong_verify.folder import tile_path
from qingkong_verify.notes import instant, parse_key
from qingkong_verify.signing import Cosigner, make_cosigner, read_cosigner
from qingkong_verify.tiling import Edge, Place, split, widths

FORK = "FORK"
UNTIL = (
    "查明以前不再联署；查明后由人删除本文件。",
    "Nothing is cosigned until a person, having found out why, removes this file.",
)


class Memory:
    """A watcher's own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- who watches, and which log ---------------------------------------------------------------------------

    def cosigner(self, name: str) -> Cosigner:
        """The key of this folder, made at the first visit, which needs a name. Raises VerificationError."""
        path = self.folder / "cosigner.key"
        if not path.exists():
            if not name:
                raise VerificationError(
                    "第一次要用 --name 说明您是谁，例如 procuratorate/370923。",
                    "The first time, say who you are: --name procuratorate/370923.",
                )
            return make_cosigner(path, name)
        cosigner = read_cosigner(path)
        if name and name != cosigner.name:
            raise VerificationError(
                f"这个文件夹属于“{cosigner.name}”，不是“{name}”。",
                f"This folder belongs to “{cosigner.name}”, not to “{name}”.",
            )
        public = path.with_suffix(".pub")
        if not public.exists():
            keep(public, f"{cosigner.vkey}\n".encode())
        return cosigner

    def pin(self, vkey: str) -> None:
        """Hold to the log's key of the first visit. Raises VerificationError for another one."""
        parse_key(vkey)
        path = self.folder / "log.pub"
        if not path.exists():
            keep(path, f"{vkey.strip()}\n".encode())
        elif path.read_text(encoding="utf-8").strip() != vkey.strip():
            raise VerificationError(
                "给出的公钥不是这个文件夹第一次用的那把。查明原因；确实换了，就换一个新的文件夹。",
                "This isn't the log's key that the folder began with. Find out why; if it is right, begin a new folder.",
                place=str(path),
            )

    # --- what was seen ----------------------------------------------------------------------------------------

    def last_note(self) -> str | None:
        """The last checkpoint that was found sound, with its signature."""
        path = self.folder / "checkpoint"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def tile(self, place: Place, width: int) -> bytes | None:
        """A tile as it was seen, or None."""
        path = self.folder / tile_path(place.level, place.index, width)
        return path.read_bytes() if path.exists() else None

    def edge(self, size: int) -> Edge:
        """The right edge of the tree of `size` leaves. Raises VerificationError where a tile was lost."""
        found = Edge(size, [[] for _ in range(_levels(size))])
        for place, width in widths(size).items():
            tile = self.tile(place, width)
            if tile is None or len(tile) != 32 * width:
                raise VerificationError(
                    "自己留存的哈希块丢了或坏了。从备份放回这个文件夹。",
                    "A tile of this folder's own is lost or damaged. Put the folder back from a copy.",
                    place=tile_path(place.level, place.index, width),
                )
            found.open[place.level] = split(tile)
        return found

    def remember(self, note: str, tiles: Mapping[Place, list[bytes]]) -> None:
        """Keep what was just proved: its tiles, then its checkpoint; then drop tiles that have been outgrown."""
        for place, hashes in tiles.items():
            path, data = self.folder / tile_path(place.level, place.index, len(hashes)), b"".join(hashes)
            if not path.exists() or path.read_bytes() != data:
                keep(path, data)
        keep(self.folder / "checkpoint", note.encode())
        for place, hashes in tiles.items():
            self._prune(place, len(hashes))

    def _prune(self, place: Place, width: int) -> None:
        partial = (self.folder / tile_path(place.level, place.index, 1)).parent
        if partial.is_dir():
            for old in partial.iterdir():
                if old.name != str(width):
                    old.unlink()
            if width == 256:
                partial.rmdir()

    # --- evidence ---------------------------------------------------------------------------------------------

    def forked(self) -> bool:
        """Whether a fork was found and no person has taken the mark away."""
        return (self.folder / FORK).exists()

    def keep_evidence(self, name: str, *, seen: str | None, shown: bytes, said: VerificationError) -> list[Path]:
        """Write down what was seen before, what is shown now, and why that can't be; the files."""
        files: dict[Path, bytes] = {self.folder / f"{name}.shown": shown}
        if seen is not None:
            files[self.folder / f"{name}.seen"] = seen.encode()
        for path, data in files.items():
            if not path.exists():
                keep(path, data)
        if seen is not None and not self.forked():
            at = instant(int(time.time()))
            names = " ".join(path.name for path in files)
            lines = [at, said.said("zh"), said.said("en"), f"证据 / evidence: {names}", *UNTIL]
            keep(self.folder / FORK, "".join(f"{line}\n" for line in lines).encode())
        return sorted(files)


def keep(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spool = path.with_name(f"{path.name}.new")
    with spool.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(spool, path)


@contextmanager
def opened(folder: Path) -> Iterator[Memory]:
    """A watcher's folder, made if absent, for one process at a time. Raises VerificationError while another has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as lock:
        try:
            _lock(lock.fileno())
        except OSError:
            raise VerificationError(
                "另一个进程正在用这个文件夹。", "Another process is using this folder.", place=str(folder)
            ) from None
        yield Memory(folder)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _levels(size: int) -> int:
    levels = 0
    while size >> (8 * levels):
        levels += 1
    return levels
