"""A vault in an S3 bucket.

    blobs/ab/<sha256>     the bytes
    markers/ab/<sha256>   what makes them exist: {"state": "kept", "size": …}; after an erasure {"state": "erased"}
    damaged/<sha256>      bytes that were found to be others than their name says

The order is the safety: complete and on the disk of this machine, put, read back and hashed again, and only then the
marker, by a conditional put that one of two racers wins. The local file goes when the marker stands.
"""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from qingkong.kernel.vault.backend import WAITS, Erased, NotAsSent, Orphan, StoreAway, Throttle, unthrottled
from qingkong.kernel.vault.cache import Cache
from qingkong.kernel.vault.place import Bucket
from qingkong.kernel.vault.pouring import sha256_of
from qingkong.kernel.vault.remote import PART, Reader, Remote
from qingkong.kernel.vault.spool import Spool, checked
from qingkong.kernel.vault.waiting import Waiting

KEPT, ERASED = "kept", "erased"
MOST_SEEN = 4096


class S3(Spool):
    def __init__(self, root: Path, bucket: Bucket, url: str) -> None:
        super().__init__(root)
        self.url = url
        self.bucket = bucket
        self.largest_local = float(bucket.cache)
        self.remote = Remote(bucket)
        self.cache = Cache(self, bucket.cache)
        self.waiting = Waiting(root)
        self._seen: set[str] = set()  # markers known to stand; an erasure by another process shows at the content

    def keep(self, file: Path, sha256: str, size: int) -> bool:
        """Put a complete file of this disk into the bucket; False where a sound copy already existed.

        When the store is away the file stays on this machine, in `waiting/`, and StoreAway says so. Raises Erased.
        """
        waits = self.waiting.take(file, sha256)
        try:
            new = self.put(waits, sha256, size)
        except StoreAway as away:
            raise StoreAway(away.reason, how=WAITS, sha256=sha256) from None
        except Erased:
            waits.unlink(missing_ok=True)
            raise
        except FileNotFoundError:  # who put the same bytes at the same time has carried the file away
            if self._marker(sha256) != KEPT or not self.is_sound(sha256, size):
                raise
            return False
        self.cache.adopt(waits, sha256)
        return new

    def put(self, file: Path, sha256: str, size: int) -> bool:
        """Copy a file into the bucket, read it back, make it exist; False where a sound copy already existed.

        Raises StoreAway, NotAsSent, Erased.
        """
        state = self._marker(sha256)
        if state == ERASED:
            raise Erased(sha256)
        if state == KEPT and self.is_sound(sha256, size):
            return False
        if state == KEPT:
            self._set_aside(sha256)
        self._put(file, sha256, size)
        if not self.is_sound(sha256, size):
            self.remote.delete(_blob(sha256))
            raise NotAsSent(sha256)
        return self._mark(sha256, size) or state == KEPT

    def _mark(self, sha256: str, size: int) -> bool:
        """Make it exist; False where another one was faster."""
        marker = json.dumps({"state": KEPT, "sha256": sha256, "size": size}).encode()
        won = self.remote.create(_marker(sha256), marker)
        if not won and self._marker(sha256) == ERASED:
            self.remote.delete(_blob(sha256))
            raise Erased(sha256)
        if self.remote.head(_blob(sha256)) is None:
            raise StoreAway
        return won

    def _put(self, file: Path, sha256: str, size: int) -> None:
        if size <= PART:
            content = file.read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise NotAsSent(sha256)
            if not self.remote.create(_blob(sha256), content):
                self.remote.put(_blob(sha256), content)  # an orphan, or bytes of another size: no marker names them
            return
        with file.open("rb", buffering=0) as source:
            self.remote.put_parts(_blob(sha256), _pieces(source))

    def _set_aside(self, sha256: str) -> None:
        try:
            self.remote.copy(_blob(sha256), f"damaged/{sha256}")
        except FileNotFoundError:
            return  # the marker stood alone

    def has(self, sha256: str) -> bool:
        """Whether the content's marker stands."""
        if checked(sha256) in self._seen:
            return True
        if kept := self._marker(sha256) == KEPT:
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            self._seen.add(sha256)
        return kept

    def open(self, sha256: str) -> BinaryIO:
        """The content: the local copy, or read from the bucket as it is needed. Raises FileNotFoundError."""
        if copy := self.cache.opened(sha256):
            return copy
        if not self.has(sha256):
            raise FileNotFoundError(sha256)
        return self._opened(sha256)

    def _opened(self, sha256: str) -> BinaryIO:
        there = self.remote.head(_blob(sha256))
        if there is None:
            self._seen.discard(sha256)
            raise FileNotFoundError(sha256)
        return io.BufferedReader(Reader(self.remote, _blob(sha256), there["size"]))  # type: ignore[return-value]

    def has_local(self, sha256: str) -> bool:
        """Whether there is a copy on this machine."""
        return self.cache.path(sha256).is_file()

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """A copy on this machine, checked when it was made. Raises FileNotFoundError, Altered."""
        return self.cache.held(sha256, lambda: self.open(sha256))

    def is_sound(self, sha256: str, size: int, throttle: Throttle = unthrottled) -> bool:
        """Whether the bytes in the bucket, read again, have this digest and size."""
        try:
            with self._opened(checked(sha256)) as content:
                return sha256_of(throttle(content)) == (sha256, size)
        except FileNotFoundError:
            return False

    def remove(self, sha256: str) -> None:
        """Erase: first the marker says so, then the content goes. Away from here at once, from the store when it is there."""
        checked(sha256)
        self.cache.drop(sha256)
        self.waiting.drop(sha256)
        self._seen.discard(sha256)
        self.waiting.note_erasure(sha256)
        self.erase(sha256)
        self.waiting.forget_erasure(sha256)

    def erase(self, sha256: str) -> None:
        """Marker first, then the bytes, with every old version of them that the store kept."""
        self.remote.put(_marker(sha256), json.dumps({"state": ERASED, "sha256": sha256}).encode())
        for key in (_blob(sha256), f"damaged/{sha256}"):
            self.remote.delete(key)
            self.remote.kept.purge(key)

    def files(self) -> Iterator[tuple[str, int]]:
        """Contents with a marker (its state isn't asked), bytes set aside, and markers whose content is missing not."""
        markers = {_name(found["path"]) for found in self.remote.list("markers/")}
        for found in self.remote.list("blobs/"):
            if (name := _name(found["path"])) in markers:
                yield name, found["size"]
        for found in self.remote.list("damaged/"):
            yield f"{_name(found['path'])}.damaged", found["size"]

    def orphans(self) -> Iterator[Orphan]:
        """Contents without a marker, and uploads without an end: of puts that were cut, or that are under way now."""
        contents = {_name(found["path"]): found for found in self.remote.list("blobs/")}
        for found in self.remote.list("markers/"):
            contents.pop(_name(found["path"]), None)
        for name, found in sorted(contents.items()):
            yield Orphan(name, found["size"], found["last_modified"])
        for name, upload, begun in self.remote.kept.unfinished():
            yield Orphan(_name(name), 0, begun, upload)

    def sweep_orphan(self, orphan: Orphan) -> bool:
        """Remove an orphan if it still is one."""
        if orphan.upload:
            self.remote.kept.abort(_blob(orphan.sha256), orphan.upload)
            return True
        there = self.remote.head(_blob(orphan.sha256))
        if there is None or there["last_modified"] != orphan.put_at or self._marker(orphan.sha256) is not None:
            return False
        self.remote.delete(_blob(orphan.sha256))
        return True

    def _marker(self, sha256: str) -> str | None:
        content = self.remote.get(_marker(sha256))
        return None if content is None else str(json.loads(content)["state"])


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(PART):
        yield piece


def _blob(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256}"


def _marker(sha256: str) -> str:
    return f"markers/{sha256[:2]}/{sha256}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]
