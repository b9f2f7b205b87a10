"""A visit: how long a session lasts, from which address it comes, and how much a program may ask.

An officer's session ends twelve hours after its first page, and after two without one: a shift, and a desk that was
left. Neither is renewed by what the session keeps on the way.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib import auth

from qingkong.kernel.access import limits
from qingkong.kernel.refusals import TooMany
from qingkong.kernel.text import zh

LONGEST, IDLE = timedelta(hours=12), timedelta(hours=2)
NOTED_EVERY = timedelta(minutes=5)  # so that looking at pages rarely writes
BEGAN, SEEN, CONFIRMED = "visit began", "visit seen", "password confirmed"
CONFIRMED_FOR = timedelta(minutes=10)

TOO_MUCH = zh("这个程序一分钟内请求太多次了。")
SLOWER = zh("请一分钟后再来，并放慢请求。")


def is_over(session: Any, *, at: datetime) -> bool:
    """Whether an officer's session has lasted too long, or was left alone too long.

    One that begins well after now began before the clock was put back: it would last as much longer, so it is over.
    """
    began, seen = _instant(session.get(BEGAN)), _instant(session.get(SEEN))
    return (began is not None and not -IDLE < at - began < LONGEST) or (seen is not None and at - seen >= IDLE)


def is_confirmed(session: Any, *, at: datetime) -> bool:
    """Whether the officer has just said the password again."""
    said = _instant(session.get(CONFIRMED))
    return said is not None and at - said < CONFIRMED_FOR


def end_if_over(request: Any) -> None:
    """Sign out who was here too long, and note that somebody is here now."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return
    session, at = request.session, request.at
    if is_over(session, at=at):
        auth.logout(request)
        return
    seen = _instant(session.get(SEEN))
    if seen is None or abs(at - seen) >= NOTED_EVERY:
        session[SEEN] = at.isoformat()
        session.setdefault(BEGAN, at.isoformat())


def mind_the_proxy(request: Any) -> None:
    """Behind a proxy that is named (`QINGKONG_PROXY`), the visitor's address is the one it gives in X-Real-IP.

    Nobody else is believed, whatever header they send.
    """
    if request.META.get("REMOTE_ADDR", "") not in settings.QINGKONG_PROXY:
        return
    try:
        request.META["REMOTE_ADDR"] = str(ip_address(request.headers.get("X-Real-IP", "")))
    except ValueError:
        return


def count_program(request: Any) -> None:
    """Count a request to the API, to its officer or else its address. Raises TooMany."""
    who = request.actor.officer_id or request.META.get("REMOTE_ADDR", "")
    if limits.over(f"api:{who}:{request.at:%Y%m%d%H%M}", most=settings.QINGKONG_API_A_MINUTE, seconds=60):
        raise TooMany(TOO_MUCH, how=SLOWER)


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
