"""A submit that comes twice is done once: the second gets the first one's answer.

The key comes in the header `Idempotency-Key` or in the hidden field `idempotency_key` of each form. Key and answer are
written in the transaction of what the submit does, so a crash leaves both or neither. A submit that is refused or
has faulty input leaves no key: it may be mended and sent again.
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.web.models import Answered

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"
LONGEST = 65_536  # bytes of an answer
UNFINGERPRINTED = {FIELD, "csrfmiddlewaretoken"}

CHANGED = zh("这份表单已经提交过，这次的内容和上次不一样，没有再办一次。")
OPEN_NEW = zh("要再办一件，请重新打开页面填写。")
BAD_KEY = zh("提交编号不对：只能是 8 到 80 个字母、数字和短横。")


class KeyReused(Refusal):
    """The same key with other content: neither repeated nor done."""

    status = 422


def new_key() -> str:
    """A key for one form as it is shown once."""
    return str(uuid.uuid4())


def key_of(request: Any) -> str:
    """The key that came with a submit, or nothing. Raises KeyReused for one that can't be a key."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return ""
    key = request.headers.get(HEADER, "") or (request.POST.get(FIELD, "") if request.method == "POST" else "")
    if key and not (8 <= len(key) <= 80 and key.replace("-", "").isalnum() and key.isascii()):
        raise KeyReused(BAD_KEY)
    return key


def once(request: Any, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run a submit unless its key was carried out before; then give that answer. Raises what `run` raises.

    A refused operation has undone itself; what else the page did stands, as it would without a key.
    """
    key = key_of(request)
    if not key:
        return run()
    actor, request_digest = _who(request), _digest_of(request)
    refused: Refusal | None = None
    with transaction.atomic():
        claim = _claim(actor, key, request_digest, request.at)
        if claim is None:
            return _again(Answered.objects.get(actor=actor, key=key), request_digest)
        try:
            response = run()
        except Refusal as refusal:
            refused = refusal
        if refused or not _worth_keeping(response):
            claim.delete()
        else:
            claim.keep(response)
    if refused:
        raise refused
    return response


def _claim(actor: str, key: str, request_digest: str, at: datetime) -> Answered | None:
    """The key, taken for this submit; None where it is taken already."""
    try:
        with transaction.atomic():
            return Answered.objects.create(actor=actor, key=key, request_digest=request_digest, at=at)
    except IntegrityError:
        return None


def _worth_keeping(response: HttpResponse) -> bool:
    """A redirect, or a program's short answer; a whole page would keep what it shows of people."""
    if response.status_code == 204 or 300 <= response.status_code < 400:
        return True
    kind = response.headers.get("Content-Type", "")
    short = not response.streaming and len(response.content) <= LONGEST
    return response.status_code in (200, 201, 202) and kind.startswith("application/json") and short


def _again(known: Answered, request_digest: str) -> HttpResponse:
    if known.request_digest != request_digest:
        raise KeyReused(CHANGED, how=OPEN_NEW)
    response = HttpResponse(known.body, status=known.status, content_type=known.content_type or None)
    if known.location:
        response.headers["HX-Redirect" if known.status == 204 else "Location"] = known.location
    response.headers["Idempotent-Replay"] = "true"
    return response


def _who(request: Any) -> str:
    actor = request.actor
    return f"{actor.kind}:{actor.officer_id or actor.name}"


def _digest_of(request: Any) -> str:
    """A digest of where and what: address, fields, names and sizes of files; for a program's body, its bytes."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if (request.content_type or "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        for name in sorted(set(request.POST) - UNFINGERPRINTED):
            digest.update(repr((name, request.POST.getlist(name))).encode())
        for name in sorted(request.FILES):
            digest.update(repr((name, [(f.name, f.size) for f in request.FILES.getlist(name)])).encode())
    else:
        digest.update(request.body)
    return digest.hexdigest()
