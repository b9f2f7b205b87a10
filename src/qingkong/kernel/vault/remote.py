"""The S3 store as a handful of requests. What the store answers becomes one of our own sentences; never a fault.

Slow answers are bounded twice: each request by its timeout, and after one that ran into it the store counts as away
for a few seconds, so that fifty officers don't wait one after the other.
"""

import io
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault.backend import LATER, NO_BUCKET, REFUSES, TELL, StoreAway
from qingkong.kernel.vault.place import Bucket
from qingkong.kernel.vault.versions import Signed

PART = 8 * 2**20  # bytes of one part of a large content
FIRST_READ = 2**18  # bytes of the first read: a player often wants no more
STRETCH = 32 * 2**20  # bytes of one answer to who reads on: it must arrive within one timeout
CHUNK = 2**20
PARTS_AT_ONCE = 3
REST = 3.0  # seconds in which a store that timed out isn't asked again
SLOW = 0.8  # of the timeout: a failure after that was no refused connection

NO_KEYS = zh("读不了存储的密钥文件 {file}。")
KEYS_LIKE = zh("文件里写两行：access_key = \"…\" 和 secret_key = \"…\"，只许本用户读（chmod 600）。")  # fmt: skip
KEYS_OPEN = zh("存储的密钥文件 {file} 别人也能读。")


class BadKeys(Refusal):
    """The file with the store's keys is missing, unreadable or open to others."""

    status = 503


class Remote:
    def __init__(self, bucket: Bucket) -> None:
        access_key, secret_key = _keys(bucket.keys)
        self._bucket = bucket
        self.kept = Signed(bucket, access_key, secret_key)
        self._away_until = 0.0
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            access_key_id=access_key,
            secret_access_key=secret_key,
            region=bucket.region,
            endpoint=bucket.endpoint or f"https://s3.{bucket.region}.amazonaws.com",
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": "2s",
                "timeout": timedelta(seconds=bucket.timeout),
            },
            retry_config={
                "max_retries": 2,
                "retry_timeout": timedelta(seconds=bucket.timeout / 2),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2,
                },
            },
        )  # fmt: skip

    def put(self, key: str, content: bytes) -> None:
        """Write a small object over whatever stood there."""
        with self._asking(writes=True):
            obstore.put(self._store, key, content, mode="overwrite", use_multipart=False)

    def create(self, key: str, content: bytes) -> bool:
        """Write an object if there is none of that name (If-None-Match: *); False where there is one."""
        with self._asking(writes=True):
            try:
                obstore.put(self._store, key, content, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
            return True

    def put_parts(self, key: str, pieces: Iterator[memoryview | bytes]) -> None:
        """Write a large object; it is there when all of it has arrived."""
        with self._asking(writes=True):
            obstore.put(
                self._store, key, pieces, use_multipart=True, chunk_size=PART, max_concurrency=PARTS_AT_ONCE
            )  # fmt: skip

    def get(self, key: str) -> bytes | None:
        """A small object whole; None where there is none."""
        with self._asking():
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError:
                return None

    def read(self, key: str, start: int, end: int) -> Any:
        """The bytes [start, end) of an object, as a buffer. Raises FileNotFoundError."""
        with self._asking():
            return obstore.get_range(self._store, key, start=start, end=end)

    def stream(self, key: str, start: int, end: int) -> Iterator[Any]:
        """The same, as buffers one after the other, as they arrive. Raises FileNotFoundError."""
        with self._asking():
            answer = obstore.get(self._store, key, options={"range": (start, end)})
            chunks = iter(answer.stream(min_chunk_size=CHUNK))
        while True:
            with self._asking():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def head(self, key: str) -> dict[str, Any] | None:
        """Size and last change of an object; None where there is none."""
        with self._asking():
            try:
                return dict(obstore.head(self._store, key))
            except FileNotFoundError:
                return None

    def copy(self, key: str, target: str) -> None:
        """Copy an object inside the store. Raises FileNotFoundError."""
        with self._asking():
            obstore.copy(self._store, key, target)

    def delete(self, key: str) -> None:
        """Remove an object, there or not."""
        with self._asking():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return

    def list(self, folder: str) -> Iterator[dict[str, Any]]:
        """Every object below a folder."""
        pages = iter(obstore.list(self._store, prefix=folder, chunk_size=1000))
        while True:
            with self._asking():
                page = next(pages, None)
            if page is None:
                return
            yield from page  # type: ignore[misc]

    @contextmanager
    def _asking(self, *, writes: bool = False) -> Iterator[None]:
        if time.monotonic() < self._away_until:
            raise StoreAway
        began = time.monotonic()
        try:
            yield
        except (PermissionDeniedError, UnauthenticatedError):
            raise StoreAway(REFUSES, how=TELL) from None
        except FileNotFoundError:
            if writes:  # nothing can be missing but the bucket
                raise StoreAway(NO_BUCKET, how=TELL) from None
            raise
        except BaseError:
            if time.monotonic() - began > SLOW * self._bucket.timeout:
                self._away_until = time.monotonic() + REST
            raise StoreAway(how=LATER) from None


class Reader(io.RawIOBase):
    """An object, seekable. The first 256 KiB are asked for alone; who reads on gets a stream, so that memory stays flat."""

    def __init__(self, remote: Remote, key: str, size: int) -> None:
        self._remote, self._key, self._size = remote, key, size
        self._at = 0
        self._window = memoryview(b"")
        self._from = 0
        self._coming: Iterator[Any] = iter(())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if not self._from <= self._at < self._from + len(self._window):
            self._fetch()
        here = self._window[self._at - self._from :][: len(buffer)]
        buffer[: len(here)] = here
        self._at += len(here)
        return len(here)

    def _fetch(self) -> None:
        forward = bool(self._window) and self._at == self._from + len(self._window)
        chunk = next(self._coming, None) if forward else None
        if chunk is None:
            end = min(self._at + (STRETCH if forward else FIRST_READ), self._size)
            self._coming = self._remote.stream(self._key, self._at, end)
            chunk = next(self._coming, b"")
        self._window, self._from = memoryview(chunk).cast("B"), self._at
        if not self._window:  # it ends too early
            raise StoreAway


def _keys(file: Path) -> tuple[str, str]:
    try:
        if file.stat().st_mode & 0o077:
            raise BadKeys(KEYS_OPEN.fill(file=file), how=KEYS_LIKE)
        said = tomllib.loads(file.read_text())
        return str(said["access_key"]), str(said["secret_key"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        raise BadKeys(NO_KEYS.fill(file=file), how=KEYS_LIKE) from None
