"""Hold an upload's file while it is changed, and find out how much of it is safe after whatever happened."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from qingkong.kernel.text import zh
from qingkong.kernel.vault.pieces import Held, Piece, pieces, this_start
from qingkong.web.uploads.models import State, Upload
from qingkong.web.uploads.slips import Slip

INSIST_FOR = 3.0  # seconds in which a request whose sender has come back is ended
POLL = 0.02

BEING_WRITTEN = zh("这份文件正在由另一个连接上传。")
WAIT = zh("请稍等再继续。")

OVER = zh("这个上传已经结束或者过期。")
BEGIN_AGAIN = zh("请重新选择文件上传。")

_holders: dict[UUID, threading.Event] = {}


class Locked(Slip):
    """Another request appends to this upload now."""

    status = 423


class Gone(Slip):
    """The upload is over: registered, cancelled, expired."""

    status = 410


@contextmanager
def holding(upload: Upload, *, insist: bool = False) -> Iterator[tuple[Upload, Piece, threading.Event]]:
    """The upload as it is now, its file with exactly the bytes that count, and an event that asks to stop.

    With `insist` a request of this process that still waits for its sender is told to end: who asks again has lost
    the old connection. Raises Locked, Gone.
    """
    with _lock(upload.key, insist) as piece:
        stop = _holders[upload.key] = threading.Event()
        try:
            found: Upload | None = Upload.objects.filter(pk=upload.pk).first()
            if found is None:
                raise Gone(OVER, how=BEGIN_AGAIN)
            if found.state == State.OPEN:
                recover(found, piece)
            yield found, piece, stop
        finally:
            _holders.pop(upload.key, None)


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


@contextmanager
def _lock(key: UUID, insist: bool) -> Iterator[Piece]:
    until = time.monotonic() + (INSIST_FOR if insist else 0.0)
    while True:
        held = pieces().held(key)
        try:
            piece = held.__enter__()
            break
        except Held:
            if time.monotonic() >= until:
                raise Locked(BEING_WRITTEN, how=WAIT) from None
            if holder := _holders.get(key):
                holder.set()
            time.sleep(POLL)
    try:
        yield piece
    finally:
        held.__exit__(None, None, None)
