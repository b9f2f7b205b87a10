"""`/uploads/` and `/uploads/<id>`: tus 1.0.0, and the whole file by PUT. Speaks JSON; the sentence is for people."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import path

from qingkong.kernel.refusals import Invalid, NotFound, NotPermitted, Refusal, TooMany
from qingkong.kernel.text import zh
from qingkong.web.proxied import by_proxy, peer_of
from qingkong.web.uploads import appending, operations, protocol
from qingkong.web.uploads.bodies import Body, turns
from qingkong.web.uploads.limits import limits
from qingkong.web.uploads.lines import Line
from qingkong.web.uploads.models import Upload
from qingkong.web.uploads.slips import Slip

SIGN_IN = zh("请先登录并选择岗位。")
NO_METHOD = zh("这个地址不支持 {method}。")
NOT_HANDED = zh("代理没有交来文件。")
COLLECTION, SINGLE = ("OPTIONS", "POST"), ("OPTIONS", "HEAD", "PATCH", "PUT", "DELETE")

View = Callable[..., HttpResponse]


class NotSignedIn(Slip):
    status = 401


class NoMethod(Slip):
    status = 405


def spoken(*methods: str) -> Callable[[View], View]:
    """What all tus answers have in common: the version, the actor, refusals as JSON."""

    def around(view: View) -> View:
        @wraps(view)
        def answered(request: Any, **arguments: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise NoMethod(NO_METHOD.fill(method=request.method))
                if request.method == "OPTIONS":
                    response = _options(methods)
                else:
                    if request.method != "PUT":
                        protocol.check_version(request.headers.get("Tus-Resumable"))
                    if not request.actor.is_officer:
                        raise NotSignedIn(SIGN_IN)
                    response = view(request, **arguments)
            except Refusal as refusal:
                response = _refused(request, refusal)
            response.headers["Tus-Resumable"] = protocol.VERSION
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return answered

    return around


@spoken(*COLLECTION)
def collection(request: Any) -> HttpResponse:
    """Begin an upload; with a body, its first piece comes along."""
    upload = operations.begin(
        length=protocol.number(request.headers, "Upload-Length"),
        told=request.headers.get("Upload-Metadata", ""), actor=request.actor, at=request.at,
    )  # fmt: skip
    response = HttpResponse(status=201, headers={"Location": f"{request.path}{upload.pk}"})
    if _announced(request) != 0 and request.content_type == protocol.PIECE:
        upload = _append(request, upload, offset=0)
        response.headers["Upload-Offset"] = str(upload.received)
    return _dated(response, upload)


@spoken(*SINGLE)
def single(request: Any, upload_id: UUID) -> HttpResponse:
    """Ask how far an upload has come, go on with it, send it whole, or cancel it."""
    upload = operations.find(id=upload_id, actor=request.actor, at=request.at)
    return {"HEAD": _head, "PATCH": _patch, "PUT": _put, "DELETE": _delete}[request.method](request, upload)


def _head(request: Any, upload: Upload) -> HttpResponse:
    upload = appending.where(upload=upload)
    response = HttpResponse(headers={"Upload-Length": str(upload.length)})
    if upload.told:
        response.headers["Upload-Metadata"] = upload.told
    return _dated(_offset(response, upload), upload)


def _patch(request: Any, upload: Upload) -> HttpResponse:
    protocol.check_kind(request.headers.get("Content-Type", ""))
    upload = _append(request, upload, offset=protocol.number(request.headers, "Upload-Offset"))
    return _dated(_offset(HttpResponse(status=204), upload), upload)


def _put(request: Any, upload: Upload) -> HttpResponse:
    """The whole file: renamed where the proxy has written it, else read like any other body."""
    told = request.headers.get("X-Qingkong-Body-File", "")
    if told and by_proxy(request):
        upload = appending.replace(upload=upload, body=_handed(told), actor=request.actor, at=request.at)
    else:
        upload = _append(request, upload, offset=0)
    return _dated(_offset(HttpResponse(status=204), upload), upload)


def _delete(request: Any, upload: Upload) -> HttpResponse:
    operations.end(upload=upload)
    return HttpResponse(status=204)


def _append(request: Any, upload: Upload, *, offset: int) -> Upload:
    most = limits()
    checksum = protocol.checksum(request.headers.get("Upload-Checksum"))
    whose = operations.owner(request.actor)
    turns.take(whose, most=most.at_once, of_one=most.of_one_at_once)
    try:
        body = Body(
            request.META["wsgi.input"], announced=_announced(request), idle=most.idle, longest=most.longest,
            line=Line(peer_of(request), int(request.META.get("SERVER_PORT") or 0)),
        )  # fmt: skip
        return appending.append(
            upload=upload, offset=offset, body=body, checksum=checksum, actor=request.actor, at=request.at
        )
    finally:
        turns.give_back(whose)


def _announced(request: Any) -> int | None:
    """The length of the body; None where it comes in chunks."""
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return None
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _handed(told: str) -> Path:
    """The file that the proxy wrote: a plain file right in the folder both were told of. Raises BadRequest."""
    folder = Path(str(getattr(settings, "QINGKONG_PROXY_BODIES", "") or "/nowhere")).resolve()
    file = Path(told)
    parent = file.parent.resolve()
    if (parent != folder and folder not in parent.parents) or file.is_symlink() or not file.is_file():
        raise protocol.BadRequest(NOT_HANDED)
    return parent / file.name


def _options(methods: tuple[str, ...]) -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": protocol.VERSION, "Tus-Extension": protocol.EXTENSIONS,
            "Tus-Max-Size": str(limits().largest), "Tus-Checksum-Algorithm": ",".join(protocol.ALGORITHMS),
            "Allow": ", ".join(methods),
        },
    )  # fmt: skip


def _offset(response: HttpResponse, upload: Upload) -> HttpResponse:
    response.headers["Upload-Offset"] = str(upload.received)
    if upload.sha256:
        response.headers["X-Content-SHA256"] = upload.sha256
    return response


def _dated(response: HttpResponse, upload: Upload) -> HttpResponse:
    response.headers["Upload-Expires"] = protocol.http_date(upload.expires_at)
    return response


def _refused(request: Any, refusal: Refusal) -> HttpResponse:
    if not isinstance(refusal, (Slip, NotFound, TooMany, Invalid)):
        request.refusals.append(refusal)  # the edge enters it
    body = {"reason": str(refusal.reason), "how": str(refusal.how) if refusal.how else None}
    response = JsonResponse(body, status=refusal.status, json_dumps_params={"ensure_ascii": False})
    match refusal.status:
        case 412:
            response.headers["Tus-Version"] = protocol.VERSION
        case 408 | 413 if not isinstance(refusal, NotPermitted):
            response.headers["Connection"] = "close"
        case 423 | 503:
            response.headers["Retry-After"] = "2"
    return response


urls = [path("", collection, name="uploads"), path("<uuid:upload_id>", single, name="upload")]
