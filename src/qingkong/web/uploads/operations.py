"""What can be done with uploads: begin, append, end; take over what is whole; sweep what was forgotten.

Nothing here is entered in the ledger: an upload is no evidence yet. What registers it makes the one entry.
"""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound, Refusal, TooMany
from qingkong.kernel.text import zh
from qingkong.kernel.vault import check_name
from qingkong.kernel.vault.pieces import Held, Piece, Spooled, pieces, this_start
from qingkong.kernel.vault.receiving import FULL, MAKE_ROOM, NO_ROOM
from qingkong.web.uploads import protocol, uses
from qingkong.web.uploads.bodies import Body, TooSlow
from qingkong.web.uploads.holding import BEGIN_AGAIN, OVER, Gone, holding
from qingkong.web.uploads.limits import limits
from qingkong.web.uploads.models import State, Upload
from qingkong.web.uploads.slips import Slip

MARK = 256 * 2**20  # bytes after which a long request notes how far it has come for certain
GROUND, PURPOSE = "公安机关执法信息系统安全管理要求", "收取正在上传的文件"

NONE = zh("没有这个上传，或者不是您的。")
EMPTY = zh("文件是空的，没有收。")
TOO_LARGE = zh("文件超过 {limit} GiB，不能这样上传。")
TOO_MANY_OPEN = zh("您还有 {count} 份没有传完或没有登记的文件。")
FINISH_THEM = zh("请先传完并登记，或取消它们。")
TOO_FAST = zh("一小时内上传得太多。")
LATER = zh("请过一会儿再传。")
OFFSET_DIFFERS = zh("位置不对：系统已收 {received} 字节。")
TOO_LONG = zh("内容比说好的长，没有收。")
CHECKSUM_DIFFERS = zh("这一段的校验值不一致，没有收，请重传这一段。")
WHOLE_DIFFERS = zh("收全的内容与事先给出的校验值不一致，没有收。")
NOT_WHOLE = zh("文件还没有传完。")


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


class NotWhole(Slip):
    """The upload can't be registered yet."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A whole file, hashed, to be registered under the name its sender gave it (never to be trusted)."""

    upload: Upload
    file: Spooled
    name: str


def owner(actor: Actor) -> str:
    return f"{actor.kind}:{actor.officer_id or actor.name}"


def begin(*, length: int, told: str, actor: Actor, at: datetime) -> Upload:
    """Begin an upload of `length` bytes; `told` is the Upload-Metadata header, with `use` and `reference` in it.

    Raises NotPermitted, NoSuchUse, TooMany, TooLarge, NoRoom, BadRequest, CannotReceive for a name that deceives, and what the
    room that takes the files raises.
    """
    access.require(actor, "uploads.send")
    pairs = protocol.metadata(told)
    if name := pairs.get("filename", ""):
        check_name(name)
    promised = protocol.promised_sha256(pairs)
    use, reference = pairs.get("use", "")[:20], pairs.get("reference", "").strip().upper()[:20]
    uses.check(use, actor=actor, reference=reference, at=at)
    most = limits()
    if not length:
        raise protocol.BadRequest(EMPTY)
    if length > most.largest:
        raise TooLarge(TOO_LARGE.fill(limit=most.largest // 2**30))
    if shutil.disk_usage(settings.QINGKONG_HOME).free < length + most.reserve:
        raise NoRoom(FULL, how=MAKE_ROOM)
    with transaction.atomic():
        _check_quota(owner(actor), length, at)
        return Upload.objects.create(
            actor=owner(actor), use=use, reference=reference, length=length, promised_sha256=promised, metadata=told,
            machine_start=this_start(), begun_at=at, expires_at=at + most.kept_for,
            **access.kept(ground=GROUND, purpose=PURPOSE, until=(at + timedelta(seconds=most.kept_at_most)).date()),
        )  # fmt: skip


def _check_quota(whose: str, length: int, at: datetime) -> None:
    most, mine = limits(), Upload.objects.filter(actor=whose)
    going_on = mine.filter(state__in=(State.OPEN, State.WHOLE), expires_at__gt=at)
    count, promised = going_on.count(), going_on.aggregate(all=Sum("length"))["all"] or 0
    if count >= most.open_uploads or promised + length > most.open_bytes:
        raise TooMany(TOO_MANY_OPEN.fill(count=count), how=FINISH_THEM)
    if mine.filter(begun_at__gt=at - timedelta(hours=1)).count() >= most.begun_an_hour:
        raise TooMany(TOO_FAST, how=LATER)


def find(*, id: UUID, actor: Actor, at: datetime) -> Upload:
    """An upload of the actor's own. Raises NotFound, alike for none and for another's; Gone for one that is over."""
    upload: Upload | None = Upload.objects.filter(pk=id, actor=owner(actor)).first()
    if upload is None or not actor.is_officer:
        raise NotFound(NONE)
    if upload.is_over(at):
        raise Gone(OVER, how=BEGIN_AGAIN)
    return upload


def where(*, upload: Upload) -> Upload:
    """The upload with the offset that is safe now, whatever died before. Raises Locked."""
    if upload.state != State.OPEN:
        return upload
    with holding(upload, insist=True) as (upload, _, _):
        return upload


def append(
    *, upload: Upload, offset: int, body: Body, checksum: protocol.Checksum | None, actor: Actor, at: datetime
) -> Upload:
    """Append a body at `offset`. What has come before the sender died, or became too slow, is kept.

    With `checksum` the body counts only if it hashes to it. The last byte completes the upload: it is hashed, compared with the promise,
    and the room is asked again. Raises Locked, OffsetDiffers, TooLarge, ChecksumDiffers, TooSlow, NoRoom, Gone, DigestDiffers.
    """
    with holding(upload) as (upload, piece, stop):
        _require_open(upload, at)
        if offset != piece.size:
            raise OffsetDiffers(OFFSET_DIFFERS.fill(received=piece.size))
        if (body.announced or 0) > upload.length - offset:
            raise TooLarge(TOO_LONG)
        _announce(upload, tail_counts=checksum is None)
        body.stopped_by(stop)
        try:
            _pour(upload, piece, body, checksum)
        finally:
            _note(upload, piece, at)
        if upload.received == upload.length:
            _finish(upload, piece, actor, at)
        return upload


def replace(*, upload: Upload, body: Path, actor: Actor, at: datetime) -> Upload:
    """Take the whole file that the proxy has written, by renaming it. Raises as `append` does."""
    with holding(upload) as (upload, piece, _):
        _require_open(upload, at)
        size = body.stat().st_size
        if size != upload.length:
            raise TooLarge(TOO_LONG) if size > upload.length else OffsetDiffers(NOT_WHOLE)
        _announce(upload, tail_counts=False)
        with pieces().replaced(upload.key, body) as whole:
            _note(upload, whole, at)
            _finish(upload, whole, actor, at)
        return upload


def end(*, upload: Upload) -> None:
    """Cancel: the file goes at once. Raises Locked."""
    with holding(upload, insist=True) as (upload, _, _):
        _end(upload)


def ready(*, id: UUID, use: str, actor: Actor, at: datetime) -> Ready:
    """A whole upload of the actor's own, to be registered. Raises NotFound, Gone, NotWhole, and as `append` does."""
    upload = find(id=id, actor=actor, at=at)
    if upload.use != use:
        raise NotFound(NONE)
    if upload.state == State.OPEN:  # whole, but the process died before it said so
        with holding(upload, insist=True) as (upload, piece, _):
            if upload.received < upload.length:
                raise NotWhole(NOT_WHOLE)
            _finish(upload, piece, actor, at)
    name = protocol.metadata(upload.told).get("filename", "")
    return Ready(upload, Spooled(pieces().path(upload.key), upload.sha256, upload.length), name)


def used(*, upload: Upload) -> None:
    """The file is registered: the upload ends, what is left of it goes. Doing it twice changes nothing."""
    Upload.objects.filter(pk=upload.pk).update(state=State.USED, metadata="")
    pieces().remove(upload.key)


def sweep(*, at: datetime) -> int:
    """Remove what expired or was left without a row; how many files. One that is being written stays."""
    swept = 0
    for upload in Upload.objects.filter(expires_at__lte=at):
        try:
            with pieces().held(upload.key):
                pieces().remove(upload.key)
                upload.delete()
                swept += 1
        except Held:
            continue
    day_ago = at - timedelta(days=1)
    for key, written in list(pieces().keys()):
        if written < day_ago.timestamp() and not Upload.objects.filter(pk=key).exists():
            pieces().remove(key)
            swept += 1
    return swept


def _require_open(upload: Upload, at: datetime) -> None:
    if upload.state != State.OPEN or upload.is_over(at):
        raise Gone(OVER, how=BEGIN_AGAIN)


def _announce(upload: Upload, *, tail_counts: bool) -> None:
    """Say before the first byte whether it counts, should this process die."""
    if (upload.machine_start, upload.tail_counts) != (this_start(), tail_counts):
        upload.machine_start, upload.tail_counts = this_start(), tail_counts
        upload.save(update_fields=["machine_start", "tail_counts"])


def _pour(upload: Upload, piece: Piece, body: Body, checksum: protocol.Checksum | None) -> None:
    """Write a body at the end of the file; after a refusal only what counts is there."""
    start, marked = piece.size, piece.size
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    refused: Refusal | None = None
    try:
        for batch in body:
            if piece.size + sum(map(len, batch)) > upload.length:
                piece.cut(start)
                raise TooLarge(TOO_LONG)
            piece.append(batch)
            for part in batch if digest else ():
                digest.update(part)  # type: ignore[union-attr]
            if digest is None and piece.size - marked >= MARK:
                marked = piece.settle()
                Upload.objects.filter(pk=upload.pk).update(received=marked)
    except TooSlow as slow:
        refused = slow
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        refused = NoRoom(FULL, how=MAKE_ROOM)
    finally:
        if digest is not None and (refused or not body.complete or digest.digest() != checksum.digest):  # type: ignore[union-attr]
            piece.cut(start)
    if digest is not None and piece.size == start and not refused and body.received:
        raise ChecksumDiffers(CHECKSUM_DIFFERS)
    if refused:
        raise refused


def _note(upload: Upload, piece: Piece, at: datetime) -> None:
    """The bytes are on the disk first; then the row says so."""
    most = limits()
    upload.received, upload.tail_counts = piece.settle(), True
    upload.expires_at = min(at + most.kept_for, upload.begun_at + timedelta(seconds=most.kept_at_most))
    upload.save(update_fields=["received", "tail_counts", "expires_at"])


def _finish(upload: Upload, piece: Piece, actor: Actor, at: datetime) -> None:
    sha256 = piece.digest()
    if upload.promised_sha256 and sha256 != upload.promised_sha256:
        _end(upload)
        raise DigestDiffers(WHOLE_DIFFERS, how=BEGIN_AGAIN)
    try:
        uses.check(upload.use, actor=actor, reference=upload.reference, at=at)
    except Refusal:
        _end(upload)
        raise
    upload.sha256, upload.state = sha256, State.WHOLE
    upload.save(update_fields=["sha256", "state"])


def _end(upload: Upload) -> None:
    pieces().remove(upload.key)
    upload.state = State.ENDED
    Upload.objects.filter(pk=upload.pk).update(state=State.ENDED, metadata="")
