"""The vault's folder: `blobs/ab/<sha256>` read-only, `spool/` for what is arriving. Knows no database.

A spool file is locked by its writer while it lives, so that a sweep can tell a leftover of a killed process from
an upload that is still coming in. What is renamed into `blobs/` was complete and on the disk before.
"""

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingkong.kernel.vault.pouring import Source, pour, sha256_of

UPLOAD = "*.upload*"  # what the web server spools beside the vault while a form comes in
FORGOTTEN = 86_400  # seconds after which no form is still coming in
SHA256 = re.compile(r"[0-9a-f]{64}")


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        self.spool = root / "spool"

    def path(self, sha256: str) -> Path:
        """Where a content stands or would stand. Raises ValueError for anything but 64 hexadecimal digits."""
        if not SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.blobs / sha256[:2] / sha256

    @contextmanager
    def arriving(self, source: Source) -> Iterator[tuple[Path, str, int]]:
        """Copy a stream to the spool, on disk; gives its file, SHA-256 and size. The file is gone afterwards
        unless `keep` moved it."""
        self._make_folders()
        file, fd = self._new_spool_file()
        try:
            sha256, size = pour(source, fd)
            os.fchmod(fd, 0o444)
            os.fsync(fd)
            yield file, sha256, size
        finally:
            file.unlink(missing_ok=True)
            os.close(fd)

    def keep(self, file: Path, sha256: str, size: int) -> bool:
        """Move a file that is on this disk to its place; False where a sound copy was already there.

        A copy that isn't sound is set aside as `<sha256>.damaged`, for the scrub to name.
        """
        place = self.path(sha256)
        self._make_folders()
        if place.exists():
            if self.is_sound(sha256, size):
                return False
            os.rename(place, place.with_suffix(".damaged"))
        if not place.parent.exists():
            place.parent.mkdir(exist_ok=True, mode=0o750)
            _sync_folder(self.blobs)
        os.rename(file, place)
        _sync_folder(place.parent)
        return True

    def is_sound(self, sha256: str, size: int) -> bool:
        """Whether the file in this place has the bytes it is named after."""
        try:
            with self.path(sha256).open("rb", buffering=0) as content:
                return os.fstat(content.fileno()).st_size == size and sha256_of(content) == (sha256, size)
        except FileNotFoundError:
            return False

    def remove(self, sha256: str) -> None:
        """Take a content away; its tombstone stands in the database."""
        place = self.path(sha256)
        place.unlink(missing_ok=True)
        if place.parent.exists():
            _sync_folder(place.parent)

    def files(self) -> Iterator[tuple[str, int]]:
        """Every file below `blobs/`, as (name, size in bytes)."""
        for folder in sorted(self.blobs.iterdir()) if self.blobs.exists() else []:
            for file in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
                name = file.name if file.parent.name == file.name[:2] else str(file.relative_to(self.blobs))
                yield name, file.lstat().st_size

    def sweep(self) -> int:
        """Remove what killed processes left in the spool, and forms' uploads of the day before; how many files."""
        if not self.spool.exists():
            return 0
        removed = self._sweep_uploads()
        with self._spool_locked(fcntl.LOCK_EX):
            for file in self.spool.iterdir():
                if file.name != ".lock" and _is_abandoned(file):
                    file.unlink()
                    removed += 1
        return removed

    def _sweep_uploads(self) -> int:
        old = [file for file in self.root.glob(UPLOAD) if time.time() - file.stat().st_mtime > FORGOTTEN]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _make_folders(self) -> None:
        for folder in (self.blobs, self.spool):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True, mode=0o750)
                _sync_folder(folder.parent)

    def _new_spool_file(self) -> tuple[Path, int]:
        file = self.spool / secrets.token_hex(16)
        with self._spool_locked(fcntl.LOCK_SH):  # so that no sweep sees the file before its lock
            fd = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
        return file, fd

    @contextmanager
    def _spool_locked(self, kind: int) -> Iterator[None]:
        fd = os.open(self.spool / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(fd, kind)
            yield
        finally:
            os.close(fd)


def _is_abandoned(file: Path) -> bool:
    fd = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
