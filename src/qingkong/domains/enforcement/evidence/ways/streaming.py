"""Give out content of the vault: whole, or the range a player asks for (RFC 9110 §14). nginx may take over."""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse

from qingkong.domains.enforcement.evidence.queries import Content
from qingkong.kernel import vault

PIECE = 2**18  # bytes
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(ValueError):
    """The range lies beyond the end."""


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte of a Range header; None where the whole is to be given. Raises Unsatisfiable."""
    asked = _RANGE.fullmatch(header.replace(" ", ""))
    if asked is None or asked.groups() == ("", ""):
        return None  # several ranges, or nonsense: the whole is a lawful answer
    first, last = asked.groups()
    if not first:
        length = min(int(last), size)
        if not length:
            raise Unsatisfiable
        return size - length, size - 1
    if int(first) >= size:
        raise Unsatisfiable
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None


def stream(request: Any, content: Content) -> HttpResponse | StreamingHttpResponse:
    """Content to be shown in the page, by ranges."""
    etag = f'"{content.sha256}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Content-Disposition": "inline"}
    if accelerated := _by_nginx(content, headers):
        return accelerated
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    try:
        part = range_of(asked, content.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{content.size}", "Accept-Ranges": "bytes"})
    first, last = part or (0, content.size - 1)
    body = () if request.method == "HEAD" else _opened(content.sha256, first, last - first + 1)
    response = StreamingHttpResponse(
        body, status=206 if part else 200, content_type=content.content_type, headers=headers
    )
    response.headers["Content-Length"] = str(last - first + 1)
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    return response


def attachment(content: Content, name: str) -> HttpResponse | StreamingHttpResponse:
    """An original to be saved; never shown, whatever it is."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Repr-Digest": f"sha-256=:{_base64(content.sha256)}:",
    }
    if accelerated := _by_nginx(content, headers, kind="application/octet-stream"):
        return accelerated
    response = StreamingHttpResponse(
        _opened(content.sha256, 0, content.size), content_type="application/octet-stream", headers=headers
    )
    response.headers["Content-Length"] = str(content.size)
    return response


def _by_nginx(content: Content, headers: dict[str, str], kind: str = "") -> HttpResponse | None:
    """An answer that lets nginx send the file (`QINGKONG_ACCEL` names its internal location), or nothing."""
    place = getattr(settings, "QINGKONG_ACCEL", "")
    if not place or not vault.for_web_server(content.sha256, content.size):
        return None
    response = HttpResponse(content_type=kind or content.content_type, headers=headers)
    response.headers["X-Accel-Redirect"] = f"{place.rstrip('/')}/{content.sha256[:2]}/{content.sha256}"
    return response


def _opened(sha256: str, first: int, length: int) -> Iterator[bytes]:
    """The bytes, of a content that is opened now: what can't be read is said before the answer has begun."""
    file = vault.open(sha256)
    file.seek(first)
    return _pieces(file, length)


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
