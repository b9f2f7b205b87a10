"""Take a file in: hash while writing, on disk before it is visible, same bytes kept once."""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault import place, reading
from qingkong.kernel.vault.backend import Erased
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.kernel.vault.pouring import Source
from qingkong.kernel.vault.reading import GONE, Missing
from qingkong.kernel.vault.waiting import Waiting

LONGEST_NAME = 200  # characters
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

EMPTY = zh("文件是空的，没有收。")
CHECK_SOURCE = zh("请检查存储卡或原文件，再重新上传。")
SIZE_DIFFERS = zh("收到 {got} 字节，应有 {promised} 字节，没有收。")
AGAIN = zh("传输可能中断，请重新上传整份文件。")
DIGEST_DIFFERS = zh("收到的内容与事先给出的校验值不一致，没有收。")
COMPARE = zh("请核对校验值；一致后再上传。")
BAD_NAME = zh("文件名“{name}”不能用：不能带路径、控制字符或反向书写字符，最长 {longest} 个字。")
RENAME = zh("请用普通文件名重新上传。")
NOT_A_FILE = zh("“{name}”不是普通文件，没有收。")
CANNOT_READ = zh("读不了“{name}”，没有收。")
FULL = zh("存储空间不足，没有收。")
MAKE_ROOM = zh("请联系管理人员腾出空间；原文件请留在设备上，不要删除。")
ERASED = zh("这份文件已依法销毁，不能再收。")
ASK_CASE_OFFICE = zh("确需再次收取的，请联系案管室。")


class CannotReceive(Refusal):
    """The file wasn't taken in; nothing of it stays. The message says why."""

    status = 422


@dataclass(frozen=True, slots=True)
class Stored:
    """A content in the vault: its SHA-256, its size in bytes, and whether it is new there."""

    sha256: str
    size: int
    stored: bool


def receive(
    source: Source | BinaryIO | Path | str,
    *,
    promised_sha256: str | None = None,
    promised_size: int | None = None,
    name: str = "",
) -> Stored:
    """Take a stream or a file into the vault, durably; same bytes are kept once.

    Don't call it inside a transaction that writes: a large file takes seconds. Raises CannotReceive for an empty or
    short body, a digest other than the promised one, a name that tries to leave its folder, a full disk, or bytes
    that were erased by law: then nothing of it stays. Raises StoreAway when the store behind the vault is away: then
    the whole file waits on this machine and is carried on, and the same bytes may be given again.
    """
    if name:
        check_name(name)
    if isinstance(source, (Path, str)):
        with _opened(Path(source)) as (content, size):
            return _take(content, promised_sha256, size if promised_size is None else promised_size)
    return _take(source, promised_sha256, promised_size)


def check_name(name: str) -> None:
    """Refuse a file name that could leave its folder or deceive a reader. Raises CannotReceive."""
    bad = (
        not name.strip()
        or len(name) > LONGEST_NAME
        or name in (".", "..")
        or re.search(r"[/\\]|^[A-Za-z]:", name)
        or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
    )
    if bad:
        shown = "".join(c if c.isprintable() else "�" for c in name[:60])
        raise CannotReceive(BAD_NAME.fill(name=shown, longest=LONGEST_NAME), how=RENAME, field="file")


def _take(source: Source | BinaryIO, promised_sha256: str | None, promised_size: int | None) -> Stored:
    spool = place.spool()
    spool.sweep()
    try:
        with spool.arriving(source) as (file, sha256, size):
            _check(sha256, size, promised_sha256, promised_size)
            keep(file, sha256, size)
    except OSError as fault:
        if fault.errno in NO_ROOM:
            raise CannotReceive(FULL, how=MAKE_ROOM, field="file") from None
        raise
    return entered(sha256, size)


def keep(file: Path, sha256: str, size: int) -> None:
    """Give a complete file of the vault's disk to the backend. Raises CannotReceive, StoreAway."""
    with place.settled() as store:
        _refuse_erased(sha256)
        try:
            store.keep(file, sha256, size)
        except Erased:
            raise CannotReceive(ERASED, how=ASK_CASE_OFFICE, field="file", sha256=sha256) from None


def adopt(file: Path, *, sha256: str, size: int) -> Stored:
    """Take in a file that is complete and whose SHA-256 the caller computed from its bytes: moved, not copied.

    It must lie on the vault's disk, below `store().root`, and nobody may write to it any more. Afterwards it is gone
    from there; a caller that was killed in between calls again with the same digest. Raises CannotReceive, and then
    the file stays with the caller; StoreAway, and then it waits in the vault's folder and is carried on; Missing where
    neither the file nor the content is there.
    """
    if not file.exists():
        if not _stands(sha256, size):
            raise Missing(GONE, how=AGAIN)
        return entered(sha256, size)
    _check(sha256, file.stat().st_size, None, size)
    fd = os.open(file, os.O_RDONLY)
    try:
        os.fchmod(fd, 0o444)
        os.fsync(fd)
    finally:
        os.close(fd)
    keep(file, sha256, size)
    return entered(sha256, size)


def _stands(sha256: str, size: int) -> bool:
    """Whether a call that was cut off had brought the content in, or left it waiting for the store."""
    waiting = Waiting(place.root()).folder / sha256
    if waiting.exists():
        keep(waiting, sha256, size)
        return True
    return reading.store().is_sound(sha256, size)


def entered(sha256: str, size: int) -> Stored:
    """The content's row, made where there is none."""
    with transaction.atomic():
        _, new = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})
    return Stored(sha256, size, new)


def _refuse_erased(sha256: str) -> None:
    if Tombstone.objects.filter(pk=sha256).exists():
        raise CannotReceive(ERASED, how=ASK_CASE_OFFICE, field="file", sha256=sha256)


def _check(sha256: str, size: int, promised_sha256: str | None, promised_size: int | None) -> None:
    if not size:
        raise CannotReceive(EMPTY, how=CHECK_SOURCE, field="file")
    if promised_size is not None and size != promised_size:
        raise CannotReceive(SIZE_DIFFERS.fill(got=size, promised=promised_size), how=AGAIN, field="file")
    if promised_sha256 is not None and sha256 != promised_sha256.strip().lower():
        raise CannotReceive(DIGEST_DIFFERS, how=COMPARE, field="file", sha256=sha256)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file, opened; its size now, so that one which shrinks or grows meanwhile is refused."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer must not hang us
    except OSError:
        raise CannotReceive(CANNOT_READ.fill(name=file.name), how=CHECK_SOURCE, field="file") from None
    facts = os.fstat(fd)
    if not stat.S_ISREG(facts.st_mode):
        os.close(fd)
        raise CannotReceive(NOT_A_FILE.fill(name=file.name), how=CHECK_SOURCE, field="file")
    with os.fdopen(fd, "rb", buffering=0) as content:
        yield content, facts.st_size  # type: ignore[misc]
