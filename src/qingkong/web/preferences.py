"""Language and type size: kept in the reader's own browser, in a cookie, and nowhere else."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from qingkong.web.shell import LARGE_TYPE

KEPT_FOR = int(timedelta(days=365).total_seconds())


def choose_language(request: Any) -> HttpResponse:
    """POST `language` (zh-hans or en) and `next`."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request), status=303)
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def choose_type(request: Any) -> HttpResponse:
    """POST `large` (1 or 0) and `next`."""
    response = HttpResponseRedirect(_back(request), status=303)
    if request.method == "POST":
        _keep(response, LARGE_TYPE, "1" if request.POST.get("large") == "1" else "0")
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=KEPT_FOR, samesite="Lax", httponly=True, secure=bool(settings.SESSION_COOKIE_SECURE)
    )


def _back(request: Any) -> str:
    """Where the reader was, if that is a page of ours."""
    target = str(request.POST.get("next", ""))
    fine = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return (
        target
        if fine and target.startswith("/")
        else request.face.url("web.my_day" if request.face.name == "desk" else "web.home")
    )
