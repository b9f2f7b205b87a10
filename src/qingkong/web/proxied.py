"""Whether a request came through our own proxy: from this machine, with the secret that both were given.

Only then are its other headers believed (a request's number, the file of a body). `QINGKONG_PROXY_SECRET` names the
secret; without one nobody is the proxy.
"""

import hmac
import ipaddress
from typing import Any

from django.conf import settings

HEADER = "X-Qingkong-Proxy"
PEER = "qingkong.peer"


def note(request: Any) -> None:
    """Keep where the request came from, before anybody puts the client's address in the place of the proxy's."""
    request.META[PEER] = request.META.get("REMOTE_ADDR", "")


def peer_of(request: Any) -> str:
    """The address at the other end of the connection: the proxy's where there is one."""
    return str(request.META.get(PEER, request.META.get("REMOTE_ADDR", "")))


def by_proxy(request: Any) -> bool:
    """Whether the request's headers from the proxy can be believed."""
    secret = str(getattr(settings, "QINGKONG_PROXY_SECRET", "") or "")
    told = request.META.get("HTTP_X_QINGKONG_PROXY", "")
    return bool(secret) and is_here(peer_of(request)) and _same(secret, told)


def _same(secret: str, told: str) -> bool:
    return hmac.compare_digest(secret.encode(), told.encode("utf-8", "surrogateescape"))


def is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return not address  # a socket of this machine has no address
