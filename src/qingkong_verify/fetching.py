"""A ledger's public files over HTTP: short waits, a few tries, nothing taken that came cut off or too long."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from qingkong_verify.errors import VerificationError

TRIES = 3
AGENT = "qingkong-verify"
PIECE = 1 << 16


class Unreachable(VerificationError):
    """The ledger couldn't be read this time. Says nothing about whether it is sound."""


class Absent(Unreachable):
    """The server answers, and this file isn't there."""


class NotAccepted(VerificationError):
    """The server refused a cosignature, and says why."""


@dataclass(frozen=True)
class Log:
    """Where a ledger is published. `url` ends without a slash; `timeout` is for one whole answer, in seconds."""

    url: str
    timeout: float = 20.0
    pause: float = 1.0
    ca_file: str | None = None

    def get(self, path: str, longest: int) -> bytes:
        """A file of at most `longest` bytes. Raises Absent, Unreachable."""
        request = self._request(path, {"Cache-Control": "no-cache"})
        for left in reversed(range(TRIES)):
            try:
                return self._read(request, longest)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code in (404, 410):
                    raise Absent("服务器上没有这个文件。", "The server has no such file.", place=path) from None
                why = f"HTTP {error.code}"
            except (OSError, http.client.HTTPException) as error:
                why = str(getattr(error, "reason", "")) or type(error).__name__
            if left:
                time.sleep(self.pause)
        raise Unreachable(
            f"读不到（{why}），试了 {TRIES} 次。",
            f"Can't be read ({why}), after {TRIES} tries.",
            place=request.full_url,
        )

    def post(self, path: str, body: bytes) -> None:
        """Hand something back. Raises NotAccepted with the server's reason, Unreachable."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Accept": "application/json"}
        request = self._request(path, headers, body)
        try:
            self._read(request, PIECE)
        except urllib.error.HTTPError as error:
            with error:
                reason = _reason(error.read(PIECE))
            raise NotAccepted(
                f"服务器没有收下联署（HTTP {error.code}）。{reason}",
                f"The server didn't take the cosignature (HTTP {error.code}). {reason}",
            ) from None
        except (OSError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", "")) or type(error).__name__
            raise Unreachable(f"送不到（{why}）。", f"Can't be delivered ({why}).", place=request.full_url) from None

    def _request(self, path: str, headers: dict[str, str], body: bytes | None = None) -> urllib.request.Request:
        address = f"{self.url}/{path}"
        return urllib.request.Request(address, data=body, headers={"User-Agent": AGENT, **headers})  # noqa: S310  log_at

    def _read(self, request: urllib.request.Request, longest: int) -> bytes:
        context = ssl.create_default_context(cafile=self.ca_file) if self.url.startswith("https:") else None
        until = time.monotonic() + self.timeout
        with urllib.request.urlopen(request, timeout=self.timeout, context=context) as answer:  # noqa: S310  log_at
            pieces, size = [], 0
            while piece := answer.read1(PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > longest:
                    raise http.client.HTTPException(f"more than {longest} bytes")
                if time.monotonic() > until:
                    raise TimeoutError(f"not whole after {self.timeout:g} s")
            promised = answer.headers.get("Content-Length")
        if promised is not None and promised.isdigit() and size != int(promised):
            raise http.client.HTTPException(f"cut off: {size} of {promised} bytes")
        return b"".join(pieces)


def log_at(url: str, *, timeout: float = 20.0, pause: float = 1.0, ca_file: str | None = None) -> Log:
    """The log at an address: a portal's (`https://portal.example`), or the very place of its files.

    Raises VerificationError for what isn't an http or https address.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise VerificationError(f"“{url}”不是网址（http 或 https）。", f"“{url}” isn't an http or https address.")
    path = parts.path.rstrip("/") or "/ledger"
    return Log(urlunsplit((parts.scheme, parts.netloc, path, "", "")), timeout, pause, ca_file)


def _reason(body: bytes) -> str:
    """What the server says in its JSON, or nothing."""
    try:
        told = json.loads(body)
        return " ".join(str(told[name]) for name in ("reason", "how") if told.get(name))
    except (ValueError, AttributeError, TypeError):
        return ""
