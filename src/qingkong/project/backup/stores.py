"""Where backups are kept: a folder, or a prefix of an S3 bucket. Few verbs, the same for both.

What stands under a name was complete when it came to stand there. Nothing here knows what it means.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

READ = 2**20
NO_FOLDER = zh("备份的地方 {folder} 不能写。")
NO_FOLDER_HOW = zh("检查磁盘是否挂上、是否可写。")
NO_BUCKET = zh("连不上对象存储 {address}：{why}")
NO_OBSTORE = zh("备份到 S3 需要 obstore：pip install obstore。")


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
    """The store behind `DIR` or `s3://bucket/prefix`. Raises CannotReach."""
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
            _sync(place.parent)
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
    """A prefix in S3 or what speaks like it. Address and keys come from AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on."""

    kind = "s3"

    def __init__(self, address: str) -> None:
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError:
            raise CannotReach(NO_OBSTORE) from None
        self._api: Any = obstore
        self.address = address
        endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT", "")
        plain: Any = {"allow_http": True} if endpoint.startswith("http://") else {}
        config: Any = {"endpoint": endpoint} if endpoint else {}
        self._store = S3Store.from_url(address, config=config, client_options=plain)

    def put(self, name: str, data: Iterable[bytes], *, later: bool = False) -> int:
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for part in data:
                size += len(part)
                yield part

        self._call(self._api.put, name, counted())
        return size

    def flush(self) -> None:
        """What S3 has confirmed is durable."""

    def get(self, name: str) -> Iterator[bytes]:
        try:
            found = self._call(self._api.get, name)
        except FileNotFoundError:
            raise Absent(name) from None
        for part in found.stream(min_chunk_size=READ):
            yield bytes(part)

    def names(self, under: str) -> Iterator[tuple[str, int]]:
        for page in self._call(self._api.list, f"{under}/"):
            for found in page:
                yield found["path"], found["size"]

    def delete(self, name: str) -> None:
        try:
            self._call(self._api.delete, name)
        except FileNotFoundError:
            return

    def sweep(self) -> int:
        return 0  # an upload that was cut off never came to stand

    def _call(self, verb: Any, *given: Any) -> Any:
        from obstore.exceptions import BaseError

        try:
            return verb(self._store, *given)
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as fault:
            raise CannotReach(NO_BUCKET.fill(address=self.address, why=str(fault).splitlines()[0])) from fault


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
