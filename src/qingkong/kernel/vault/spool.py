"""The vault's folder on this machine: what is arriving, and what waits for a store that is away. Knows no database.

A spool file is locked by its writer while it lives, so that a sweep can tell a leftover of a killed process from
an upload that is still coming in.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingkong.kernel.durable import sync
from qingkong.kernel.vault.pouring import PIECE, Source, pour

UPLOAD = "*.upload*"  # what the web server spools beside the vault while a form comes in
FORGOTTEN = 86_400  # seconds after which no form is still coming in
SHA256 = re.compile(r"[0-9a-f]{64}")


class Spool:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "spool"

    @contextmanager
    def arriving(self, source: Source) -> Iterator[tuple[Path, str, int]]:
        """Copy a stream to the spool, on disk; gives its file, SHA-256 and size. The file is gone afterwards
        unless a backend's `keep` moved it."""
        make_folder(self.spool)
        file, fd = self._new_spool_file()
        try:
            sha256, size = pour(source, fd)
            os.fchmod(fd, 0o444)
            os.fsync(fd)
            yield file, sha256, size
        finally:
            file.unlink(missing_ok=True)
            os.close(fd)

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


def checked(sha256: str) -> str:
    """The name itself. Raises ValueError for anything but 64 hexadecimal digits."""
    if not SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return sha256


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, on the disk, unless it stands."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        sync(folder.parent)


def move(file: Path, place: Path) -> None:
    """Move a file that is on the disk; across disks by a copy that is brought to the disk before it has its name."""
    try:
        os.rename(file, place)
    except OSError as fault:
        if fault.errno != errno.EXDEV:
            raise
        fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}.copying")
        with file.open("rb") as source, fresh.open("xb") as target:
            shutil.copyfileobj(source, target, PIECE)
            os.fchmod(target.fileno(), 0o444)
            target.flush()
            os.fsync(target.fileno())
        os.rename(fresh, place)
        file.unlink()


def _is_abandoned(file: Path) -> bool:
    fd = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True
