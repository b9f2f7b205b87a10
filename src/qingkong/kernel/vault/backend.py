"""What a vault's backend must do, whatever holds the bytes: a folder, or a bucket. Backends know no database."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh

AWAY = zh("原件存储现在连不上。")
LATER = zh("请过几分钟再试；一直这样，请告诉管理人员（qingkong check 会说出原因）。")
REFUSES = zh("原件存储不认本机的密钥。")
TELL = zh("请管理人员核对存储的密钥文件和桶的权限。")
NO_BUCKET = zh("原件存储里没有这个桶，或者桶不可用。")
WAITS = zh("文件已完整收在本机，存储恢复后自动存入，不会丢。请过几分钟再提交一次，不会重复。")
NOT_AS_SENT = zh("存储读回来的内容与校验值 {sha256} 不一致，没有存入。")
ALTERED = zh("原件 {name} 的内容与校验值不一致，不能使用。")
REPORT_ALTERED = zh("请立即告诉管理人员核对原件库（qingkong vault scrub），不要再用这份文件。")
NO_CACHE_ROOM = zh("本机磁盘空间不足，取不出这份原件。")
MAKE_CACHE_ROOM = zh("请管理人员腾出空间，再试一次。")


class StoreAway(Refusal):
    """The store of originals can't be reached, is too slow or declines. Nothing is lost; the message says what to do."""

    status = 503

    def __init__(
        self, reason: Sentence = AWAY, *, how: Sentence | None = LATER, field: str | None = None, **facts: object
    ) -> None:
        super().__init__(reason, how=how, field=field, **facts)


class NotAsSent(StoreAway):
    """What was read back, or what should have been sent, has other bytes than its name says."""

    def __init__(self, sha256: str) -> None:
        super().__init__(NOT_AS_SENT.fill(sha256=sha256), sha256=sha256)


class Altered(Refusal):
    """The store gave other bytes than were kept there."""

    status = 503


class Erased(Exception):
    """The store says that this content was erased by law, whatever the database says."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """A content that was put into the store and never came to exist: its marker is missing."""

    sha256: str
    size: int  # bytes
    put_at: datetime
    upload: str = ""  # the store's id of an upload that never ended; its bytes have no name yet


Throttle = Callable[[Any], Any]


def unthrottled(content: Any) -> Any:
    """The stream itself."""
    return content


def throttled(megabytes: float) -> Throttle:
    """A throttle that lets so many MB a second through, over all streams it is given."""
    began, passed = time.monotonic(), 0

    class Slow:
        def __init__(self, content: BinaryIO) -> None:
            self._content = content

        def readinto(self, buffer: memoryview) -> int:
            nonlocal passed
            count = int(self._content.readinto(buffer) or 0)  # type: ignore[attr-defined]
            passed += count
            if (early := passed / (megabytes * 1e6) - (time.monotonic() - began)) > 0:
                time.sleep(early)
            return count

    return Slow


class Backend(Protocol):
    """Contents named by their SHA-256. Every method may raise StoreAway; ValueError for what is no SHA-256."""

    root: Path  # of the spool, on this machine
    largest_local: float  # bytes of the largest content that stays on this machine after `local`

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    def keep(self, file: Path, sha256: str, size: int) -> bool:
        """Take a complete file of this disk, away from where it lies; False where a sound copy was already there."""

    def put(self, file: Path, sha256: str, size: int) -> bool:
        """Copy a file in and read it again from there; False where a sound copy was already there. Raises NotAsSent."""

    def has(self, sha256: str) -> bool:
        """Whether the content exists for readers."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, seekable. Raises FileNotFoundError."""

    def has_local(self, sha256: str) -> bool:
        """Whether the content is a file of this machine already."""

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """The content as a file of this machine, while the context lasts. Raises FileNotFoundError."""

    def is_sound(self, sha256: str, size: int, throttle: Throttle = unthrottled) -> bool:
        """Whether the bytes, read again from where they are kept, have this digest and size."""

    def remove(self, sha256: str) -> None:
        """Erase the content; what stands in its place says so where the backend can."""

    def files(self) -> Iterator[tuple[str, int]]:
        """Everything that exists, as (name, size in bytes)."""

    def orphans(self) -> Iterator[Orphan]:
        """Contents without a marker."""

    def sweep_orphan(self, orphan: Orphan) -> bool:
        """Remove an orphan if it still is one; whether it was removed."""
