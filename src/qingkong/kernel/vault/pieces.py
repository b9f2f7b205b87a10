"""What arrives in pieces: one file an upload, beside the vault, appended to under a lock and hashed when it is whole.

Who writes holds the file's lock (flock), so that two never append at once and a sweep leaves it alone. What was
written by a process that died is still in the page cache: it counts, unless the machine itself started anew since.
"""

import ctypes
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from qingkong.kernel.durable import sync
from qingkong.kernel.vault.pouring import sha256_of
from qingkong.kernel.vault.receiving import COMPARE, DIGEST_DIFFERS, CannotReceive, Stored, adopt, check_name

WINDOW = 8 * 2**20  # bytes written back at a time
MOST_VECTORS = 512  # buffers of one write; systems take 1024


class Held(RuntimeError):
    """Somebody else is appending to this file now."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole file that waits to be taken into the vault, with the SHA-256 and size (bytes) it was found to have."""

    path: Path
    sha256: str
    size: int


class Piece:
    """The file of one upload, held by its writer."""

    def __init__(self, fd: int, path: Path) -> None:
        self._fd, self.path = fd, path
        self._size = os.fstat(fd).st_size

    @property
    def size(self) -> int:
        """Bytes in the file; durable after `settle`."""
        return self._size

    def close(self) -> None:
        """Let go of the file and its lock."""
        os.close(self._fd)

    def append(self, buffers: Sequence[bytes]) -> None:
        """Write at the end. Raises OSError, on a full disk among others; then part of it may stand."""
        before = self._size
        for first in range(0, len(buffers), MOST_VECTORS):
            self._write(buffers[first : first + MOST_VECTORS])
        for start in range(before // WINDOW * WINDOW, self._size - WINDOW + 1, WINDOW):
            _write_back(self._fd, start, WINDOW)

    def settle(self) -> int:
        """Bring everything written to the disk; the size that is safe there."""
        os.fsync(self._fd)
        if not self._known:
            sync(self.path.parent)
            self._known = True
        return self._size

    def cut(self, size: int) -> None:
        """Drop what lies beyond `size` bytes: a torn or refused tail."""
        os.ftruncate(self._fd, size)
        self._size = size
        self.settle()

    def digest(self) -> str:
        """The SHA-256 of the whole file, read back from the page cache; from now on nobody writes to it."""
        with open(self.path, "rb", buffering=0) as content:
            sha256, _ = sha256_of(content)
        os.fchmod(self._fd, 0o444)
        os.fsync(self._fd)
        return sha256

    _known = False  # whether the folder's entry is on the disk too

    def _write(self, buffers: Sequence[bytes]) -> None:
        left = [memoryview(buffer) for buffer in buffers if buffer]
        while left:
            written = os.writev(self._fd, left)
            self._size += written
            while left and written >= len(left[0]):
                written -= len(left.pop(0))
            if written:
                left[0] = left[0][written:]


class Pieces:
    """The folder of uploads that aren't whole, or whole and not yet registered."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: UUID) -> Path:
        return self.root / str(key)

    def hold(self, key: UUID) -> Piece:
        """The file of an upload, for one writer until it is closed; made where it isn't there yet. Raises Held."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o750)
        return Piece(_open_locked(self.path(key)), self.path(key))

    @contextmanager
    def held(self, key: UUID) -> Iterator[Piece]:
        """As `hold`, for a block."""
        piece = self.hold(key)
        try:
            yield piece
        finally:
            piece.close()

    @contextmanager
    def replaced(self, key: UUID, body: Path) -> Iterator[Piece]:
        """Put a whole file, written by the proxy on the same disk, in the place of an upload's: a rename.

        The caller holds the upload; the new file is held before it is there. Raises Held, OSError for another disk.
        """
        fd = _open_locked(body, create=False)
        try:
            os.rename(body, self.path(key))
            yield Piece(fd, self.path(key))
        finally:
            os.close(fd)

    def remove(self, key: UUID) -> None:
        self.path(key).unlink(missing_ok=True)

    def keys(self) -> Iterator[tuple[UUID, float]]:
        """Every file there is: its upload and when it was last written, in seconds since 1970."""
        for file in self.root.iterdir() if self.root.exists() else ():
            try:
                yield UUID(file.name), file.stat().st_mtime
            except (ValueError, FileNotFoundError):
                continue


def pieces() -> Pieces:
    """This instance's uploads in pieces, on the disk of its vault."""
    return Pieces(Path(settings.QINGKONG_HOME) / "vault" / "pieces")


def take_in(spooled: Spooled, *, promised_sha256: str | None = None, name: str = "") -> Stored:
    """Take a whole file into the vault; doing it again after a crash gives the same. Raises CannotReceive, Missing."""
    if name:
        check_name(name)
    if promised_sha256 is not None and spooled.sha256 != promised_sha256.strip().lower():
        raise CannotReceive(DIGEST_DIFFERS, how=COMPARE, field="file", sha256=spooled.sha256)
    return adopt(spooled.path, sha256=spooled.sha256, size=spooled.size)


@cache
def this_start() -> str:
    """Which start of the machine this is: what was written since survives the death of any process. Empty: unknown."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _open_locked(path: Path, *, create: bool = True) -> int:
    fd = os.open(path, (os.O_CREAT if create else 0) | os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_ino != os.stat(path).st_ino:  # another took its place before it was locked
            raise BlockingIOError
        return fd
    except (BlockingIOError, FileNotFoundError):
        os.close(fd)
        raise Held(path.name) from None


if sys.platform == "linux":
    _sync_file_range = ctypes.CDLL(None, use_errno=True).sync_file_range
    _sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)

    def _write_back(fd: int, start: int, length: int) -> None:
        """Start a window on its way to the disk, so that the closing fsync is short. A hint."""
        _sync_file_range(fd, start, length, 2)

else:

    def _write_back(fd: int, start: int, length: int) -> None:
        """Other systems write back when asked by fsync."""
