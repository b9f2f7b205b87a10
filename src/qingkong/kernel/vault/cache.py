"""Local copies of what stands in a store, for programs that need a file. Bounded; checked against the digest when made.

Who uses a copy holds a shared lock on it; the evictor takes the longest unused ones that nobody holds.
"""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from qingkong.kernel.vault.backend import ALTERED, MAKE_CACHE_ROOM, NO_CACHE_ROOM, REPORT_ALTERED, Altered, StoreAway
from qingkong.kernel.vault.spool import Spool, checked

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
JUST_NAMED = 60  # seconds in which a copy named to the web server, which holds no lock of ours, isn't evicted


class Cache:
    def __init__(self, spool: Spool, limit: int) -> None:
        self._spool, self._limit = spool, limit
        self.folder = spool.root / "cache"

    def path(self, sha256: str) -> Path:
        return self.folder / checked(sha256)[:2] / sha256

    def opened(self, sha256: str) -> BinaryIO | None:
        """The copy, opened and locked against eviction while it is open; None where there is none."""
        try:
            copy = self.path(sha256).open("rb")
        except FileNotFoundError:
            return None
        fcntl.flock(copy, fcntl.LOCK_SH)
        if not os.fstat(copy.fileno()).st_nlink:  # evicted in between
            copy.close()
            return None
        os.utime(copy.fileno())
        return copy

    @contextmanager
    def held(self, sha256: str, original: Callable[[], BinaryIO]) -> Iterator[Path]:
        """The copy's path, filled from the original where there is none. Raises Altered, StoreAway, FileNotFoundError."""
        while (copy := self.opened(sha256)) is None:
            self._fill(sha256, original)
        try:
            yield self.path(sha256)
        finally:
            copy.close()
            self.evict()

    def adopt(self, file: Path, sha256: str) -> None:
        """Keep a file of this disk, whose bytes are known to be right, as the copy."""
        place = self.path(sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        try:
            os.utime(file)
            os.rename(file, place)
        except FileNotFoundError:  # another process that had the same bytes moved them
            return
        self.evict()

    def drop(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def evict(self) -> int:
        """Remove the longest unused copies until all fit the limit; bytes freed."""
        copies = sorted((_facts(file) for file in self.folder.glob("??/*")), key=lambda facts: facts[0])
        over = sum(size for _, size, _ in copies) - self._limit
        freed = 0
        for used_at, size, file in copies:
            if freed >= over:
                break
            if time.time() - used_at > JUST_NAMED or size > self._limit:
                freed += size * _removed(file)
        return freed

    def _fill(self, sha256: str, original: Callable[[], BinaryIO]) -> None:
        try:
            with original() as content, self._spool.arriving(content) as (file, got, _):
                if got != sha256:
                    raise Altered(ALTERED.fill(name=sha256), how=REPORT_ALTERED, sha256=sha256)
                place = self.path(sha256)
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
                os.rename(file, place)
        except OSError as fault:
            if fault.errno not in NO_ROOM:
                raise
            raise StoreAway(NO_CACHE_ROOM, how=MAKE_CACHE_ROOM) from None


def _facts(file: Path) -> tuple[float, int, Path]:
    try:
        facts = file.stat()
    except FileNotFoundError:  # another evictor was faster
        return 0.0, 0, file
    return facts.st_mtime, facts.st_size, file


def _removed(file: Path) -> bool:
    try:
        fd = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True
