"""Append to an upload and finish it: what is said to have come is on the disk, whatever dies next."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault.pieces import Piece, pieces, this_start
from qingkong.kernel.vault.receiving import FULL, MAKE_ROOM, NO_ROOM
from qingkong.web.uploads import protocol, uses
from qingkong.web.uploads.bodies import Body, TooSlow
from qingkong.web.uploads.holding import BEGIN_AGAIN, OVER, Gone, Hold, holding
from qingkong.web.uploads.limits import limits
from qingkong.web.uploads.models import State, Upload
from qingkong.web.uploads.slips import Slip

MARK = 256 * 2**20  # bytes after which a long request notes how far it has come for certain

OFFSET_DIFFERS = zh("位置不对：系统已收 {received} 字节。")
TOO_LONG = zh("内容比说好的长，没有收。")
TOO_SHORT = zh("内容比说好的短，没有收。")
CHECKSUM_DIFFERS = zh("这一段的校验值不一致，没有收，请重传这一段。")
WHOLE_DIFFERS = zh("收全的内容与事先给出的校验值不一致，没有收。")


class TooLarge(Slip):
    status = 413


class OffsetDiffers(Slip):
    """The piece doesn't begin where the file ends. HEAD tells where."""


class ChecksumDiffers(Slip):
    status = 460  # of tus


class DigestDiffers(Slip):
    """The whole isn't what was promised; nothing of it stays."""

    status = 422


class NoRoom(Slip):
    status = 507


def where(*, upload: Upload) -> Upload:
    """The upload with the offset that is safe now, whatever died before. Raises Locked."""
    if upload.state != State.OPEN:
        return upload
    with holding(upload, insist=True) as (upload, _):
        return upload


def append(
    *, upload: Upload, offset: int, body: Body, checksum: protocol.Checksum | None, actor: Actor, at: datetime
) -> Upload:
    """Append a body at `offset`. What has come before the sender died, or became too slow, is kept.

    With `checksum` the body counts only if it hashes to it. The last byte completes the upload: it is hashed, compared with
    the promise, and the room is asked again. Raises Locked, OffsetDiffers, TooLarge, ChecksumDiffers, TooSlow, NoRoom,
    Gone, DigestDiffers.
    """
    with holding(upload) as (upload, hold):
        with hold.acting() as piece:
            _require_open(upload, at)
            if offset != piece.size:
                raise OffsetDiffers(OFFSET_DIFFERS.fill(received=piece.size))
            if (body.announced or 0) > upload.length - offset:
                raise TooLarge(TOO_LONG)
            _announce(upload, tail_counts=checksum is None)
        refused = _pour(upload, hold, body, checksum, offset)
        with hold.acting() as piece:
            _note(upload, piece, at)
            if upload.received == upload.length:
                finish(upload, piece, actor, at)
        if refused is not None:
            raise refused
        return upload


def replace(*, upload: Upload, body: Path, actor: Actor, at: datetime) -> Upload:
    """Take the whole file that the proxy has written, by renaming it. Raises as `append` does."""
    with holding(upload) as (upload, hold), hold.acting():
        _require_open(upload, at)
        size = body.stat().st_size
        if size > upload.length:
            raise TooLarge(TOO_LONG)
        if size < upload.length:
            raise OffsetDiffers(TOO_SHORT)
        _announce(upload, tail_counts=False)
        with pieces().replaced(upload.key, body) as whole:
            _note(upload, whole, at)
            finish(upload, whole, actor, at)
        return upload


def _require_open(upload: Upload, at: datetime) -> None:
    if upload.state != State.OPEN or upload.is_over(at):
        raise Gone(OVER, how=BEGIN_AGAIN)


def _announce(upload: Upload, *, tail_counts: bool) -> None:
    """Say before the first byte whether it counts, should this process die."""
    if (upload.machine_start, upload.tail_counts) != (this_start(), tail_counts):
        upload.machine_start, upload.tail_counts = this_start(), tail_counts
        upload.save(update_fields=["machine_start", "tail_counts"])


def _pour(upload: Upload, hold: Hold, body: Body, checksum: protocol.Checksum | None, offset: int) -> Refusal | None:
    """Write a body at the end of the file. Afterwards only what counts is there; why no more, where that is so."""
    digest: Any = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    refused: Refusal | None = None
    marked = offset
    try:
        for batch in body:
            if offset + body.received > upload.length:
                refused = TooLarge(TOO_LONG)
                break
            hold.append(batch)
            for part in batch if digest else ():
                digest.update(part)
            if digest is None and offset + body.received - marked >= MARK:
                marked = _mark(upload, hold)
    except TooSlow as slow:
        refused = slow
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        refused = NoRoom(FULL, how=MAKE_ROOM)
    if checksum and not refused and (not body.complete or digest.digest() != checksum.digest):
        refused = ChecksumDiffers(CHECKSUM_DIFFERS)
    if refused and (checksum or isinstance(refused, TooLarge)):
        with hold.acting() as piece:
            piece.cut(offset)
    return refused


def _mark(upload: Upload, hold: Hold) -> int:
    with hold.acting() as piece:
        safe = piece.settle()
        Upload.objects.filter(pk=upload.pk).update(received=safe)
        return safe


def _note(upload: Upload, piece: Piece, at: datetime) -> None:
    """The bytes are on the disk first; then the row says so."""
    most = limits()
    upload.received, upload.tail_counts = piece.settle(), True
    upload.expires_at = min(at + most.kept_for, upload.begun_at + timedelta(seconds=most.kept_at_most))
    upload.save(update_fields=["received", "tail_counts", "expires_at"])


def finish(upload: Upload, piece: Piece, actor: Actor, at: datetime) -> None:
    """Hash the whole and ask the room once more; an upload that may not be, ends. Raises DigestDiffers and what the room raises."""
    sha256 = piece.digest()
    if upload.promised_sha256 and sha256 != upload.promised_sha256:
        end_it(upload)
        raise DigestDiffers(WHOLE_DIFFERS, how=BEGIN_AGAIN)
    try:
        uses.check(upload.use, actor=actor, reference=upload.reference, at=at)
    except Refusal:
        end_it(upload)
        raise
    upload.sha256, upload.state = sha256, State.WHOLE
    upload.save(update_fields=["sha256", "state"])


def end_it(upload: Upload) -> None:
    """The file goes, and with it what its sender called it."""
    pieces().remove(upload.key)
    upload.state = State.ENDED
    Upload.objects.filter(pk=upload.pk).update(state=State.ENDED, metadata="")
