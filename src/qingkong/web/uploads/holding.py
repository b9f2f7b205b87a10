"""Hold an upload's file while it is changed, and find out how much of it is safe after whatever happened."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from qingkong.kernel.text import zh
from qingkong.kernel.vault.pieces import Held, Piece, pieces, this_start
from qingkong.web.uploads.models import State, Upload
from qingkong.web.uploads.slips import Slip

INSIST_FOR = 3.0  # seconds
POLL = 0.02
BEING_WRITTEN = zh("这份文件正在由另一个连接上传。")
WAIT = zh("请稍等再继续。")
OVER = zh("这个上传已经结束或者过期。")
BEGIN_AGAIN = zh("请重新选择文件上传。")


class Locked(Slip):
    """Another request appends to this upload now."""

    status = 423


class Gone(Slip):
    """The upload is over: registered, cancelled, expired."""

    status = 410


class Hold:
    """One request's hold on an upload's file. It can be taken away while the request waits for its sender."""

    def __init__(self, piece: Piece) -> None:
        self.piece, self.lost, self._lock = piece, False, threading.Lock()

    @contextmanager
    def acting(self) -> Iterator[Piece]:
        """The file, for one act that nobody interrupts. Raises Locked once the hold was taken away."""
        with self._lock:
            if self.lost:
                raise Locked(BEING_WRITTEN, how=WAIT)
            yield self.piece

    def append(self, buffers: Sequence[bytes]) -> None:
        with self.acting() as piece:
            piece.append(buffers)

    def take_away(self) -> None:
        """Let go of the file for the request; what it has written is there."""
        with self._lock:
            if not self.lost:
                self.lost = True
                self.piece.close()


_holds: dict[UUID, Hold] = {}


@contextmanager
def holding(upload: Upload, *, insist: bool = False) -> Iterator[tuple[Upload, Hold]]:
    """The upload as it is now, and its file with exactly the bytes that count.

    With `insist` a request of this process that still waits for its sender loses its hold: who asks again has lost
    the old connection. Raises Locked, Gone.
    """
    hold = _holds[upload.key] = _take(upload.key, INSIST_FOR if insist else 0.0)
    try:
        found: Upload | None = Upload.objects.filter(pk=upload.pk).first()
        if found is None:
            raise Gone(OVER, how=BEGIN_AGAIN)
        if found.state == State.OPEN:
            recover(found, hold.piece)
        yield found, hold
    finally:
        if _holds.get(upload.key) is hold:
            del _holds[upload.key]
        hold.take_away()


def _take(key: UUID, seconds: float) -> Hold:
    """A hold on the file; for so many seconds it is taken from whoever has it in this process."""
    until = time.monotonic() + seconds
    while True:
        try:
            return Hold(pieces().hold(key))
        except Held:
            if time.monotonic() >= until:
                raise Locked(BEING_WRITTEN, how=WAIT) from None
        if other := _holds.get(key):
            other.take_away()
        else:
            time.sleep(POLL)  # held, but not said so yet, or by another process


def recover(upload: Upload, piece: Piece) -> None:
    """Make file and row agree: what a killed process wrote counts once it is on the disk, a torn tail goes."""
    if piece.size == upload.received:
        return
    if piece.size > upload.received and not _tail_counts(upload, piece):
        piece.cut(upload.received)
        return
    upload.received = piece.settle()
    Upload.objects.filter(pk=upload.pk).update(received=upload.received)


def _tail_counts(upload: Upload, piece: Piece) -> bool:
    same_start = bool(this_start()) and upload.machine_start == this_start()
    return same_start and upload.tail_counts and piece.size <= upload.length
