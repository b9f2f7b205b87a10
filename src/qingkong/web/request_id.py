"""A number for each request, that the error page shows and the log carries: the proxy's where it is ours, else made here."""

import re
import uuid
from contextvars import ContextVar
from typing import Any

from qingkong.web.proxied import by_proxy

HEADER = "X-Request-ID"
_FORM = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def take(request: Any) -> str:
    """The number of this request. One that comes from outside is not believed: it could be made to look like another's."""
    told = str(request.META.get("HTTP_X_REQUEST_ID", ""))
    number = told if by_proxy(request) and _FORM.fullmatch(told) else uuid.uuid4().hex[:16]
    _current.set(number)
    return number


def current() -> str:
    """The number of the request that is being answered; empty outside of one."""
    return _current.get()


def over() -> None:
    _current.set("")
