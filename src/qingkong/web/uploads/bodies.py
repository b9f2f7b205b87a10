"""Read a request's body with a deadline. The server's own `read` waits as long as a client likes.

A sender who trickles is met with smaller reads, so that the clock is looked at; one who went silent has the line cut
by a watch of the process (`lines`), which ends the read. The answer is given only when no read is waiting.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

from qingkong.kernel.text import zh
from qingkong.web.uploads import lines
from qingkong.web.uploads.slips import Slip

LARGEST = 65_536  # bytes of a read; larger ones of the server cost more than they save
BATCH = 2**18  # bytes handed over together
SHORT, LONG = 0.05, 0.5  # seconds of a read, after which the next asks for more, or for less
FLUSH = 0.25  # seconds after which a slow sender's bytes are handed over

TOO_SLOW = zh("传输太慢，已经中断；已收到的不会丢。")
GO_ON = zh("请在网络好的地方继续，会从断点接着传。")
BUSY = zh("同时上传的太多，请稍等。")
BY_ITSELF = zh("稍后会自动继续。")


class TooSlow(Slip):
    """The body stopped coming, or took too long for one request. What came before stands."""

    status = 408


class Busy(Slip):
    """This process takes in as many bodies as it may, of this sender or of all."""

    status = 503


class Body:
    """The body of one request as an iterator of lists of bytes.

    `announced` is its Content-Length, None where it comes in chunks. `idle` seconds may pass until the next 64 KiB,
    `longest` seconds over all; then TooSlow is raised. `complete` says afterwards whether all that was announced came.
    """

    def __init__(self, stream: Any, *, announced: int | None, idle: float, longest: float, line: lines.Line) -> None:
        self._stream, self.announced, self._idle, self._longest = stream, announced, idle, longest
        self._line = line
        self.received = 0

    @property
    def complete(self) -> bool:
        return self.announced is None or self.received == self.announced

    def __iter__(self) -> Iterator[list[bytes]]:
        """Batches as they come. What is yielded before TooSlow counts."""
        batch: list[bytes] = []
        held, handed = 0, time.monotonic()
        with lines.watched(self._line, idle=self._idle):
            try:
                for piece in self._pieces():
                    batch.append(piece)
                    held += len(piece)
                    if held >= BATCH or time.monotonic() - handed > FLUSH:
                        yield self._counted(batch)
                        batch, held, handed = [], 0, time.monotonic()
            except TooSlow:
                if batch:
                    yield self._counted(batch)
                raise
            if batch:
                yield self._counted(batch)

    def _counted(self, batch: list[bytes]) -> list[bytes]:
        self.received += sum(map(len, batch))
        return batch

    def _pieces(self) -> Iterator[bytes]:
        left, size = self.announced, 1
        began = window = time.monotonic()
        in_window = 0
        while left is None or left > 0:
            before = time.monotonic()
            piece = self._stream.read(size if left is None else min(size, left))
            now = time.monotonic()
            if not piece:
                if self._line.was_cut:
                    raise TooSlow(TOO_SLOW, how=GO_ON)
                return
            self._line.moved()
            left = None if left is None else left - len(piece)
            size = (
                min(size * 16, LARGEST) if now - before < SHORT else max(size // 16, 1) if now - before > LONG else size
            )
            yield piece
            in_window += len(piece)
            if in_window >= LARGEST:
                window, in_window = now, 0
            elif now - window > self._idle or now - began > self._longest:
                raise TooSlow(TOO_SLOW, how=GO_ON)


class Turns:
    """At most so many bodies at a time in this process, and fewer of one sender. Raises Busy for one more."""

    def __init__(self) -> None:
        self._lock, self._taken = threading.Lock(), []  # type: ignore[var-annotated]

    def take(self, whose: str, *, most: int, of_one: int) -> None:
        with self._lock:
            if len(self._taken) >= most or self._taken.count(whose) >= of_one:
                raise Busy(BUSY, how=BY_ITSELF)
            self._taken.append(whose)

    def give_back(self, whose: str) -> None:
        with self._lock:
            self._taken.remove(whose)


turns = Turns()
