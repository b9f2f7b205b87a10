"""Read a request's body with a deadline. The server's own `read` waits as long as a client likes to trickle.

A thread of its own reads ahead, so that writing and waiting for the disk go on beside it. Where the sender is too
slow, the request is answered without that thread; it ends with the connection.
"""

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from qingkong.kernel.text import zh
from qingkong.web.uploads.slips import Slip

READ = 65_536  # bytes; larger reads of the server cost more than they save
BATCH = 16  # reads handed over together
WAITING = 8  # batches that may wait for the disk
FLUSH = 0.25  # seconds after which a slow sender's bytes are handed over singly
LOOK = 0.5  # seconds between looks at the deadline
MOST_LEFT = 64  # readers of senders that went silent, before no new body is begun

TOO_SLOW = zh("传输太慢，已经中断；已收到的不会丢。")
GO_ON = zh("请在网络好的地方继续，会从断点接着传。")
BUSY = zh("同时上传的太多，请稍等。")
BY_ITSELF = zh("稍后会自动继续。")


class TooSlow(Slip):
    """The body stopped coming, or took too long for one request. What came before stands."""

    status = 408


class Busy(Slip):
    """This process takes in as many bodies as it may."""

    status = 503


class Body:
    """The body of one request as an iterator of lists of bytes.

    `announced` is its Content-Length, None where it comes in chunks. `idle` seconds may pass until the next 64 KiB,
    `longest` seconds over all; then TooSlow is raised. `complete` says afterwards whether all that was announced came.
    """

    def __init__(self, stream: Any, *, announced: int | None, idle: float, longest: float) -> None:
        self._stream, self.announced, self._idle, self._longest = stream, announced, idle, longest
        self._stop = threading.Event()
        self._full: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(WAITING)
        self._moved = time.monotonic()
        self._left = threading.Event()
        self._fault: BaseException | None = None
        self.received = 0

    def stopped_by(self, stop: threading.Event) -> None:
        """End early when this is set."""
        self._stop = stop

    @property
    def complete(self) -> bool:
        return self.announced is None or self.received == self.announced

    def __iter__(self) -> Iterator[list[bytes]]:
        if self.announced == 0:
            return
        began = time.monotonic()
        threading.Thread(target=self._read, name="upload-body", daemon=True).start()
        try:
            while not self._stop.is_set():
                try:
                    batch = self._full.get(timeout=LOOK)
                except queue.Empty:
                    self._check(began)
                    continue
                if batch is None:
                    return
                self._room.release()
                yield batch
                self.received += sum(map(len, batch))
                if time.monotonic() - began > self._longest:
                    raise TooSlow(TOO_SLOW, how=GO_ON)
        finally:
            self._left.set()
            self._room.release()

    def _check(self, began: float) -> None:
        now = time.monotonic()
        if now - self._moved > self._idle or now - began > self._longest:
            raise TooSlow(TOO_SLOW, how=GO_ON)

    def _read(self) -> None:
        with _readers:
            left = self.announced
            batch: list[bytes] = []
            handed = time.monotonic()
            try:
                while not self._left.is_set() and (left is None or left > 0):
                    piece = self._stream.read(READ if left is None else min(READ, left))
                    if not piece:
                        break
                    self._moved = time.monotonic()
                    left = None if left is None else left - len(piece)
                    batch.append(piece)
                    if len(batch) >= BATCH or self._moved - handed > FLUSH:
                        batch, handed = self._hand_over(batch), self._moved
            except OSError:
                pass  # the connection broke: what came before counts
            if batch:
                self._hand_over(batch)
            self._full.put(None)

    def _hand_over(self, batch: list[bytes]) -> list[bytes]:
        self._room.acquire()
        self._full.put(batch)
        return []


class _Readers:
    """How many readers live, those of silent senders among them."""

    def __init__(self) -> None:
        self._lock, self.count = threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self.count -= 1


class Turns:
    """At most so many bodies at a time in this process. Raises Busy for one more."""

    def __init__(self) -> None:
        self._lock, self._taken = threading.Lock(), 0

    def take(self, most: int) -> None:
        with self._lock:
            if self._taken >= most or _readers.count >= MOST_LEFT:
                raise Busy(BUSY, how=BY_ITSELF)
            self._taken += 1

    def give_back(self) -> None:
        with self._lock:
            self._taken -= 1


_readers = _Readers()
turns = Turns()
