"""Where backups are kept: a folder, or a prefix of an S3 bucket. Few verbs, the same for both.

What stands under a name was complete when it came to stand there. Nothing here knows what it means.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from qingkong.kernel.durable import sync
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault import place

READ = 2**20
SMALL = 8 * 2**20
NO_FOLDER = zh("备份的地方 {folder} 不能写。")
NO_FOLDER_HOW = zh("检查磁盘是否挂上、是否可写。")


class CannotReach(Refusal):
    """The place for backups can't be read or written."""


class Absent(Exception):
    """Nothing stands under this name."""


class Store(Protocol):
    kind: str

    def put(self, name: str, data: Iterable[bytes], *, later: bool = False) -> int:
        """Keep a content under a name, whole or not at all; its size in bytes. With `later` it is durable after `flush`."""

    def flush(self) -> None:
        """Make everything put so far durable."""

    def get(self, name: str) -> Iterator[bytes]:
        """A content, in parts. Raises Absent."""

    def names(self, under: str) -> Iterator[tuple[str, int]]:
        """All names below a folder, with their sizes."""

    def delete(self, name: str) -> None:
        """Forget a content; nothing happens where there is none."""

    def sweep(self) -> int:
        """Remove what an interrupted writer left; how many."""


def open_store(target: str) -> Store:
    """The store behind `DIR` or `s3://bucket/prefix?endpoint=…`. Raises CannotReach, and for a bucket StoreAway, BadPlace."""
    return Bucket(target) if target.startswith("s3://") else Folder(Path(target).resolve())


class Folder:
    """A folder of this machine: another disk, a mounted share."""

    kind = "folder"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.arriving = root / "arriving"
        try:
            self.arriving.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            raise CannotReach(NO_FOLDER.fill(folder=root), how=NO_FOLDER_HOW) from None

    def put(self, name: str, data: Iterable[bytes], *, later: bool = False) -> int:
        spool, place, size = self.arriving / secrets.token_hex(8), self.root / name, 0
        try:
            with open(spool, "xb", opener=_private) as file:
                for part in data:
                    size += file.write(part)
                file.flush()
                if not later:
                    os.fsync(file.fileno())
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            spool.replace(place)
        except OSError as fault:
            spool.unlink(missing_ok=True)
            raise CannotReach(NO_FOLDER.fill(folder=f"{self.root}（{fault.strerror}）"), how=NO_FOLDER_HOW) from fault
        if not later:
            sync(place.parent)
        return size

    def flush(self) -> None:
        os.sync()

    def get(self, name: str) -> Iterator[bytes]:
        try:
            with open(self.root / name, "rb") as file:
                while part := file.read(READ):
                    yield part
        except FileNotFoundError:
            raise Absent(name) from None

    def names(self, under: str) -> Iterator[tuple[str, int]]:
        for folder, _, files in os.walk(self.root / under):
            for file in files:
                path = Path(folder) / file
                yield str(path.relative_to(self.root)), path.stat().st_size

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def sweep(self) -> int:
        left = list(self.arriving.iterdir())
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)


class Bucket:
    """A prefix in S3 or what speaks like it: `s3://bucket/prefix?endpoint=https://host&keys=/path`, as for the vault."""

    kind = "s3"

    def __init__(self, address: str) -> None:
        from qingkong.kernel.vault.remote import Remote  # the library loads only where there is a bucket

        self._remote = Remote(place.parse(address))

    def put(self, name: str, data: Iterable[bytes], *, later: bool = False) -> int:
        parts, held, size = iter(data), b"", 0
        for part in parts:
            held += part
            if len(held) > SMALL:
                break
        else:
            self._remote.put(name, held)
            return len(held)

        def counted() -> Iterator[bytes]:
            nonlocal size
            for part in (held, *parts):
                size += len(part)
                yield part

        self._remote.put_parts(name, counted())
        return size

    def flush(self) -> None:
        """What S3 has confirmed is durable."""

    def get(self, name: str) -> Iterator[bytes]:
        found = self._remote.head(name)
        if found is None:
            raise Absent(name)
        for start in range(0, found["size"], SMALL):
            yield bytes(self._remote.read(name, start, min(start + SMALL, found["size"])))

    def names(self, under: str) -> Iterator[tuple[str, int]]:
        for found in self._remote.list(f"{under}/"):
            yield found["path"], found["size"]

    def delete(self, name: str) -> None:
        self._remote.delete(name)

    def sweep(self) -> int:
        return 0  # an upload that was cut off never came to stand


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
