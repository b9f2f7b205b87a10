"""Who opens a stream, and from which page: the desk's own session cookie, on the same host."""

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from qingkong.kernel.access import Actor
from qingkong.web.edge import actor_of


def officer_behind(cookie: str, *, at: datetime) -> Actor | None:
    """The officer whose session the cookie carries, in the post chosen there; None where it carries none."""
    key = session_of(cookie)
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = get_user(request)
    request.at = at  # type: ignore[attr-defined]
    actor, _ = actor_of(request)
    return actor if actor.is_officer else None


def session_of(cookie: str) -> str:
    """The key of the session that a cookie carries, or nothing."""
    return parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME, "")


def still_there(keys: Iterable[str]) -> set[str]:
    """Which sessions are still kept: signing out removes one at once."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    kept = store.get_model_class().objects.filter(session_key__in=list(keys))
    return set(kept.values_list("session_key", flat=True))


def is_ours(host: str, allowed: Iterable[str] | None = None) -> bool:
    """Whether a Host header names us; another name is somebody's rebinding trick."""
    return validate_host(split_domain_port(host)[0], list(settings.ALLOWED_HOSTS if allowed is None else allowed))


def may_read_from(origin: str, host: str) -> bool:
    """Whether a page of this origin may read the stream: the same host on any port, or one we trust by name."""
    return origin in settings.CSRF_TRUSTED_ORIGINS or urlsplit(origin).hostname == urlsplit(f"//{host}").hostname
