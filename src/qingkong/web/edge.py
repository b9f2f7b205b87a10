"""The edge: the instant, the actor, and what becomes of a refusal. Nothing below reads the clock or the session."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.module_loading import import_string

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.queries import appointments_of
from qingkong.kernel.refusals import NotFound, NotPermitted, Refusal
from qingkong.kernel.text import local, zh
from qingkong.web import errors, idempotency, refused, visits

if TYPE_CHECKING:
    from qingkong.web.routes import Face, Route

SESSION_KEY = "appointment"

BAD_REQUEST = zh("浏览器发来的内容读不懂。")
NO_SUCH_PAGE = zh("没有这个页面。")
NOT_ALLOWED = zh("不能打开这个页面。")


class FaceRequest(HttpRequest):
    """A request as pages see it."""

    at: datetime  # UTC, taken once
    actor: Actor
    appointments: list[Appointment]  # all posts the officer holds today
    refusals: list[Refusal]  # to be recorded when the answer is made
    face: "Face | None"
    route: "Route | None"
    htmx: Any


class EdgeMiddleware:
    """Innermost middleware. Turns a Refusal into a page or JSON, and records it after everything rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        clock = getattr(settings, "QINGKONG_CLOCK", "django.utils.timezone.now")
        self.clock: Callable[[], datetime] = import_string(clock) if isinstance(clock, str) else clock

    def __call__(self, request: FaceRequest) -> HttpResponse:
        request.at = self.clock()
        request.refusals = []
        request.face = request.route = None
        visits.mind_the_proxy(request)
        visits.end_if_over(request)
        request.actor, request.appointments = actor_of(request)
        response = self.get_response(request)
        refused.record(request)
        personal = settings.SESSION_COOKIE_NAME in request.COOKIES or request.actor.is_officer
        response.headers.setdefault("Cache-Control", "no-store" if personal else "no-cache")
        return response

    def process_view(self, request: FaceRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The API gets the same promise as the forms: a repeated submit is answered, not done again. So much a minute."""
        if not request.path.startswith("/api/"):
            return None
        try:
            visits.count_program(request)
            if idempotency.HEADER not in request.headers:
                return None
            return idempotency.once(request, lambda: view(request, *args, **kwargs))
        except Refusal as refusal:
            return self.process_exception(request, refusal)

    def process_exception(self, request: FaceRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Refusal():
                request.refusals.append(exception)
                return errors.refusal(request, exception)
            case Http404():
                return errors.refusal(request, NotFound(NO_SUCH_PAGE))
            case PermissionDenied():
                return errors.refusal(request, NotPermitted(NOT_ALLOWED))
            case RequestDataTooBig() | SuspiciousOperation() | BadRequest() | MultiPartParserError():
                return errors.bad_request(request, exception)
            case ValidationError() | UnicodeDecodeError():
                return errors.bad_request(request, exception)
        return None


def actor_of(request: Any) -> tuple[Actor, list[Appointment]]:
    """Who acts: the officer in the post chosen for this session, or somebody of the public."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or visits.is_over(request.session, at=request.at):
        return access.person("portal"), []
    held = appointments_of(user.pk, on=local(request.at).date())
    chosen = str(request.session.get(SESSION_KEY, ""))
    running = [a for a in held if str(a.pk) == chosen] or (held if len(held) == 1 else [])
    return (access.actor_for(running[0]) if running else access.person("portal")), held


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page stood open too long, or came from another site. Named in settings as CSRF_FAILURE_VIEW."""
    return errors.stale(request)
