"""What passes by itself: a database that is busy, full or away, a disk without room. Told in a sentence, with 503."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from qingkong.kernel.text import Sentence, zh

TITLE = zh("现在办不了，过一会儿就好")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_WORDS = ("disk is full", "no space left", "disk full", "could not extend file", "disk i/o error")
BUSY_WORDS = ("locked", "busy", "statement timeout", "lock timeout", "deadlock", "too many clients")
GONE_WORDS = (
    "unable to open database", "connection", "could not connect", "server closed", "starting up", "shutting down",
    "terminating", "timeout expired", "read-only", "readonly", "recovery mode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Away:
    """Why it can't be done now, what to do, and after how many seconds to try again."""

    why: Sentence
    how: Sentence
    seconds: int


BUSY = Away(
    zh("数据库正忙，等了很久还没有轮到。这次没有办成，没有留下半截的记录。"),
    zh("请返回上一页，稍等片刻再提交一次；同一张表单不会办两次。"),
    10,
)
FULL = Away(
    zh("服务器的磁盘满了。这次没有办成，没有留下半截的记录；已有的记录都在，可以查看。"),
    zh("请告诉管理员腾出空间。已填的内容请先留在页面上，或者记下来。"),
    300,
)
GONE = Away(
    zh("数据库现在连不上。这次没有办成，没有留下半截的记录。"),
    zh("请过一会儿再试。超过几分钟还是这样，请告诉管理员。"),
    30,
)


def why_away(fault: BaseException | None) -> Away | None:
    """What a fault means where it will pass; None where it is a fault of the program."""
    for one in _chain(fault):
        words = str(one).lower()
        if isinstance(one, OSError) and one.errno in NO_ROOM:
            return FULL
        if isinstance(one, OperationalError):
            if any(part in words for part in FULL_WORDS):
                return FULL
            if any(part in words for part in BUSY_WORDS):
                return BUSY
            if any(part in words for part in GONE_WORDS):
                return GONE
        if isinstance(one, InterfaceError):
            return GONE
    return None


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    """A fault and what led to it."""
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__
