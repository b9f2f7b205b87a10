"""What can be done with uploads: begin, append, end; take over what is whole; sweep what was forgotten.

Nothing here is entered in the ledger: an upload is no evidence yet. What registers it makes the one entry.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound, TooMany
from qingkong.kernel.text import zh
from qingkong.kernel.vault import check_name
from qingkong.kernel.vault.pieces import Held, Spooled, pieces, this_start
from qingkong.kernel.vault.receiving import FULL, MAKE_ROOM
from qingkong.web.uploads import protocol, uses
from qingkong.web.uploads.appending import NoRoom, TooLarge, end_it, finish
from qingkong.web.uploads.holding import BEGIN_AGAIN, OVER, Gone, holding
from qingkong.web.uploads.limits import limits
from qingkong.web.uploads.models import State, Upload
from qingkong.web.uploads.slips import Slip

GROUND, PURPOSE = "公安机关执法信息系统安全管理要求", "收取正在上传的文件"

NONE = zh("没有这个上传，或者不是您的。")
EMPTY = zh("文件是空的，没有收。")
TOO_LARGE = zh("文件超过 {limit} GiB，不能这样上传。")
TOO_MANY_OPEN = zh("您还有 {count} 份没有传完或没有登记的文件。")
FINISH_THEM = zh("请先传完并登记，或取消它们。")
TOO_FAST = zh("一小时内上传得太多。")
LATER = zh("请过一会儿再传。")
NOT_WHOLE = zh("文件还没有传完。")


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


def end(*, upload: Upload) -> None:
    """Cancel: the file goes at once. Raises Locked."""
    with holding(upload, insist=True) as (upload, hold), hold.acting():
        end_it(upload)


def ready(*, id: UUID, use: str, actor: Actor, at: datetime) -> Ready:
    """A whole upload of the actor's own, to be registered. Raises NotFound, Gone, NotWhole, and as `append` does."""
    upload = find(id=id, actor=actor, at=at)
    if upload.use != use:
        raise NotFound(NONE)
    if upload.state == State.OPEN:  # whole, but the process died before it said so
        with holding(upload, insist=True) as (upload, hold), hold.acting() as piece:
            if upload.received < upload.length:
                raise NotWhole(NOT_WHOLE)
            finish(upload, piece, actor, at)
    name = protocol.metadata(upload.told).get("filename", "")
    return Ready(upload, Spooled(pieces().path(upload.key), upload.sha256, upload.length), name)


def used(*, upload: Upload, became: str) -> None:
    """The file is registered as `became` (a subject key): the upload ends, what is left of it goes. Twice changes nothing."""
    Upload.objects.filter(pk=upload.pk).update(state=State.USED, metadata="", became=became)
    pieces().remove(upload.key)


def became(*, id: UUID, actor: Actor) -> str:
    """The subject key of what an upload of the actor's own was registered as, or nothing: a form may be sent twice."""
    key = Upload.objects.filter(pk=id, actor=owner(actor), state=State.USED).values_list("became", flat=True).first()
    return key or ""


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
