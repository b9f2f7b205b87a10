"""Copy a stream into a file and hash it on the way, in a thread of its own. Memory stays flat.

The hash is the slow part (about 1.8 GB/s a core with SHA extensions), so reading and writing go on beside it, in
pieces of 1 MiB: larger ones cost more in page faults. Write-back starts early, so that the closing fsync is short, and
what is on the disk leaves the page cache: a film of 4 GiB neither pushes the database out of memory nor waits for
memory that the machine has to find first (three times as fast on a virtual machine that gives free pages back).
"""

import ctypes
import hashlib
import os
import queue
import sys
import threading
from typing import BinaryIO, Protocol

PIECE = 2**20
PIECES = 8
WINDOW = 8 * PIECE  # written back at a time
KEPT_WINDOWS = 4  # that stay in the page cache behind the writer; a smaller file stays whole


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def pour(source: Source | BinaryIO, target: int) -> tuple[str, int]:
    """Copy all of `source` to the file descriptor `target`; its SHA-256 in hexadecimal and its size in bytes."""
    hasher = _Hasher()
    size = 0
    try:
        while piece := hasher.fill(source):
            _write(target, piece)
            size += len(piece)
            hasher.take(piece)
            if size % WINDOW == 0:
                _write_back(target, size)
    finally:
        digest = hasher.finish()
    return digest, size


def sha256_of(source: Source | BinaryIO) -> tuple[str, int]:
    """The SHA-256 and size of a stream, without keeping it."""
    digest, size, piece = hashlib.sha256(), 0, bytearray(PIECE)
    view = memoryview(piece)
    while count := _read_into(source, view):
        digest.update(view[:count])
        size += count
    return digest.hexdigest(), size


class _Hasher:
    """Hashes pieces in order in its own thread; a fixed set of buffers goes round between the two."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        self._full: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._made = 0
        self._thread: threading.Thread | None = None

    def fill(self, source: Source | BinaryIO) -> memoryview | None:
        """The next piece of the source, or None at its end."""
        if self._made < PIECES and self._free.empty():
            self._made += 1
            buffer = memoryview(bytearray(PIECE))
        else:
            buffer = self._free.get()
        count = _read_into(source, buffer)
        return buffer[:count] if count else None

    def take(self, piece: memoryview) -> None:
        if len(piece) < PIECE and self._thread is None:  # a small file: no thread is worth it
            self._digest.update(piece)
            self._give_back(piece)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vault-sha256", daemon=True)
            self._thread.start()
        self._full.put(piece)

    def finish(self) -> str:
        if self._thread is not None:
            self._full.put(None)
            self._thread.join()
        return self._digest.hexdigest()

    def _run(self) -> None:
        while (piece := self._full.get()) is not None:
            self._digest.update(piece)
            self._give_back(piece)

    def _give_back(self, piece: memoryview) -> None:
        self._free.put(memoryview(piece.obj))


def _read_into(source: Source | BinaryIO, buffer: memoryview) -> int:
    """Fill the buffer as far as the source goes; sources give short reads before their end."""
    filled = 0
    readinto = getattr(source, "readinto", None)
    while filled < len(buffer):
        if readinto is not None:
            count = readinto(buffer[filled:]) or 0
        else:
            data = source.read(len(buffer) - filled)
            count = len(data)
            buffer[filled : filled + count] = data
        if not count:
            break
        filled += count
    return filled


def _write(target: int, piece: memoryview) -> None:
    while piece:
        piece = piece[os.write(target, piece) :]


if sys.platform == "linux":
    _sync_file_range = ctypes.CDLL(None, use_errno=True).sync_file_range
    _sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    _WAIT_BEFORE, _WRITE, _WAIT_AFTER = 1, 2, 4

    def _write_back(target: int, size: int) -> None:
        """Start the last window on its way to the disk, and let go of an older one that has arrived. Hints: fsync counts."""
        _sync_file_range(target, size - WINDOW, WINDOW, _WRITE)
        old = size - (KEPT_WINDOWS + 1) * WINDOW
        if old >= 0:
            _sync_file_range(target, old, WINDOW, _WAIT_BEFORE | _WRITE | _WAIT_AFTER)
            os.posix_fadvise(target, old, WINDOW, os.POSIX_FADV_DONTNEED)

else:

    def _write_back(target: int, size: int) -> None:
        """Other systems write back when asked by fsync."""
