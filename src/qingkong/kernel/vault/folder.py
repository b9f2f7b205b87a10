"""A vault in a folder: `blobs/ab/<sha256>`, read-only. What is renamed into `blobs/` was complete and on the disk before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from qingkong.kernel.durable import sync
from qingkong.kernel.vault.backend import NotAsSent, Orphan, Throttle, unthrottled
from qingkong.kernel.vault.pouring import sha256_of
from qingkong.kernel.vault.spool import Spool, checked, make_folder, move


class Folder(Spool):
    largest_local = float("inf")

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.blobs = root / "blobs"

    @property
    def url(self) -> str:
        return f"file://{self.root}"

    def path(self, sha256: str) -> Path:
        """Where a content stands or would stand. Raises ValueError for anything but 64 hexadecimal digits."""
        return self.blobs / checked(sha256)[:2] / sha256

    def keep(self, file: Path, sha256: str, size: int) -> bool:
        """Move a file that is on this disk to its place; False where a sound copy was already there.

        A copy that isn't sound is set aside as `<sha256>.damaged`, for the scrub to name.
        """
        place = self.path(sha256)
        make_folder(self.blobs)
        if place.exists():
            if self.is_sound(sha256, size):
                file.unlink()
                return False
            os.rename(place, place.with_suffix(".damaged"))
        if not place.parent.exists():
            place.parent.mkdir(exist_ok=True, mode=0o750)
            sync(self.blobs)
        move(file, place)
        sync(place.parent)
        return True

    def put(self, file: Path, sha256: str, size: int) -> bool:
        """Copy a file in and read it again from here; False where a sound copy was already there. Raises NotAsSent."""
        with file.open("rb", buffering=0) as content, self.arriving(content) as (spooled, got, there):
            if (got, there) != (sha256, size):
                raise NotAsSent(sha256)
            new = self.keep(spooled, sha256, size)
        if not self.is_sound(sha256, size):
            raise NotAsSent(sha256)
        return new

    def has(self, sha256: str) -> bool:
        """Whether the content is there."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """A content, for reading. Raises FileNotFoundError."""
        return self.path(sha256).open("rb")

    def has_local(self, sha256: str) -> bool:
        """Whether the content is there."""
        return self.has(sha256)

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """The content as a file of this machine. Raises FileNotFoundError."""
        place = self.path(sha256)
        if not place.is_file():
            raise FileNotFoundError(place)
        yield place

    def is_sound(self, sha256: str, size: int, throttle: Throttle = unthrottled) -> bool:
        """Whether the file in this place has the bytes it is named after."""
        try:
            with self.path(sha256).open("rb", buffering=0) as content:
                if os.fstat(content.fileno()).st_size != size:
                    return False
                return sha256_of(throttle(content)) == (sha256, size)
        except FileNotFoundError:
            return False

    def remove(self, sha256: str) -> None:
        """Take a content away; its tombstone stands in the database."""
        place = self.path(sha256)
        place.unlink(missing_ok=True)
        if place.parent.exists():
            sync(place.parent)

    def files(self) -> Iterator[tuple[str, int]]:
        """Every file below `blobs/`, as (name, size in bytes)."""
        for folder in sorted(self.blobs.iterdir()) if self.blobs.exists() else []:
            for file in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
                name = file.name if file.parent.name == file.name[:2] else str(file.relative_to(self.blobs))
                yield name, file.lstat().st_size

    def orphans(self) -> Iterator[Orphan]:
        """None: what stands in its place was whole when it was renamed there."""
        return iter(())

    def sweep_orphan(self, orphan: Orphan) -> bool:
        """Nothing to do."""
        return False
