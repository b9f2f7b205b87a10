"""The outermost middleware: each request gets its number, is timed and counted by its route, and leaves one line.

And what machines ask of an instance: `/health` (the process answers), `/ready`, `/metrics`.
"""

import hmac
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.urls import path
from django.utils.module_loading import import_string

from qingkong.project import metrics, readiness
from qingkong.web import request_id
from qingkong.web.proxied import HEADER as BY_PROXY
from qingkong.web.proxied import is_here, note, peer_of

log = logging.getLogger("qingkong.requests")
ELSEWHERE = "none"  # the route of an address that leads nowhere
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ObservingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        note(request)
        number = request_id.take(request)
        try:
            response = self.get_response(request)
            response.headers[request_id.HEADER] = number
            seconds = time.perf_counter() - began
            route = route_of(request)
            method = request.method if request.method in METHODS else "OTHER"
            metrics.count(route, str(method), response.status_code, seconds)
            facts = {"route": route, "method": method, "status": response.status_code, "ms": round(seconds * 1000, 1)}
            log.info("request", extra=facts)
            return response
        finally:
            request_id.over()


def route_of(request: Any) -> str:
    """The name of the page, never its address: that may hold what somebody typed."""
    found = getattr(request, "resolver_match", None)
    if found is None:
        return ELSEWHERE
    return found.view_name or found.route.replace('"', "") or ELSEWHERE


def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def ready(request: HttpRequest) -> HttpResponse:
    """Whether the instance can serve: 200 or 503. What is amiss is told to its own machine alone."""
    things = readiness.look()
    well = all(things.values())
    status = 200 if well else 503
    if is_keeper(request):
        return JsonResponse({"ready": well, **things}, status=status)
    return HttpResponse("ok\n" if well else "not ready\n", content_type="text/plain; charset=utf-8", status=status)


def figures(request: HttpRequest) -> HttpResponse:
    """For Prometheus on this machine, or with the token; for all others it isn't there."""
    if not is_keeper(request):
        return HttpResponseNotFound("not found\n", content_type="text/plain; charset=utf-8")
    at = (
        import_string(settings.QINGKONG_CLOCK)()
        if isinstance(settings.QINGKONG_CLOCK, str)
        else settings.QINGKONG_CLOCK()
    )
    return HttpResponse(metrics.text(at=at), content_type="text/plain; version=0.0.4; charset=utf-8")


def is_keeper(request: Any) -> bool:
    """Whoever looks after the instance: from this machine itself and through no proxy, or with the token."""
    token = str(getattr(settings, "QINGKONG_METRICS_TOKEN", "") or "")
    told = str(request.headers.get("Authorization", ""))
    if token and hmac.compare_digest(f"Bearer {token}".encode(), told.encode("utf-8", "surrogateescape")):
        return True
    through = any(name in request.headers for name in (BY_PROXY, "X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not through and is_here(peer_of(request))


urls = [
    path("health", health, name="health"),
    path("ready", ready, name="ready"),
    path("metrics", figures, name="metrics"),
]
