"""A face: a set of pages with one look. Each page says its address, its permission and its name in one decorator.

What a way raises as a Refusal on POST is shown by the page itself: it is called a second time, its form says no.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from qingkong.kernel import access
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import Sentence
from qingkong.web import errors, idempotency
from qingkong.web.edge import FaceRequest
from qingkong.web.forms import passes

View = Callable[..., HttpResponse]
METHODS = frozenset({"GET", "HEAD", "POST"})


@dataclass(frozen=True, slots=True)
class Route:
    """One page: where it is, what it needs, what it is called."""

    face: str
    name: str  # "calls.call": app and function
    address: str
    needs: str
    view: View


class Face:
    """The pages of one kind of reader. `shell` gives what the frame around each page shows."""

    def __init__(
        self, name: str, *, shell: Callable[[Any], dict[str, Any]] | None = None, public: bool = False
    ) -> None:
        self.name = name
        self.public = public
        self.shell = shell or (lambda request: {})
        self.routes: dict[str, Route] = {}

    def page(
        self, address: str, *, needs: str, name: str = "", once: bool = True, methods: frozenset[str] = METHODS
    ) -> Callable[[View], View]:
        """Put a view at an address (Django path syntax) of this face.

        `needs` is a permission's name, asked without a subject before the view runs; the operation asks again with
        it. `once=False` leaves repeated submits to the view itself, for uploads that are long. Any other method than
        `methods` is answered with 405 and does nothing.
        """

        def put(view: View) -> View:
            called = name or f"{_app_of(view.__module__)}.{view.__name__}"
            known = self.routes.get(called)
            if known and known.view.__module__ != view.__module__:
                raise ValueError(f"{self.name}:{called} is taken by {known.view.__module__}")

            @wraps(view)
            def opened(request: FaceRequest, **arguments: Any) -> HttpResponse:
                request.face, request.route = self, route
                if request.method not in methods:
                    return errors.not_this_way(request, methods)
                return self._open(request, needs, lambda: view(request, **arguments), once=once)

            route = self.routes[called] = Route(self.name, called, address, needs, opened)
            return opened

        return put

    def _open(self, request: FaceRequest, needs: str, view: Callable[[], HttpResponse], *, once: bool) -> HttpResponse:
        if self.public:
            request.actor = access.person(self.name)
        elif needs != "public" and not request.actor.is_officer:
            return _to_sign_in(request)
        access.require(request.actor, needs)
        if request.method == "POST" and once:
            return idempotency.once(request, lambda: _two_passes(request, view))
        return _two_passes(request, view)

    def render(self, request: FaceRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page of this face in its frame."""
        request.face = self
        return render_template(request, template, {**self.shell(request), **context}, status=status)

    def done(
        self, request: HttpRequest, route: str, sentence: Sentence | None = None, **arguments: Any
    ) -> HttpResponse:
        """Something is done: say so on the page it leads to."""
        if sentence is not None:
            messages.success(request, str(sentence))
        return self.go(request, self.url(route, **arguments))

    def go(self, request: HttpRequest, address: str) -> HttpResponse:
        """Send the reader to an address (303, or by htmx where it asked)."""
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address, status=303)

    def url(self, route: str, **arguments: Any) -> str:
        """The address of a page; `calls.call` means one of this face, `portal:…` one of another."""
        return reverse(route if ":" in route else f"{self.name}:{route}", kwargs=arguments)

    def urls(self) -> tuple[list[URLPattern], str]:
        """Patterns and namespace for `include()`; finds each app's `ways/<face>.py` first."""
        for config in apps.get_app_configs():
            if config.name.startswith("qingkong."):
                home = f"{config.name}.ways"
                if find_spec(home) and find_spec(f"{home}.{self.name}"):
                    import_module(f"{home}.{self.name}")
        return [path(r.address, r.view, name=r.name) for r in self.routes.values()], self.name


def _two_passes(request: FaceRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Call a page; where it was refused after a form had said yes, call it again with that form saying no."""
    with passes.first() as accepted:
        try:
            return view()
        except NotFound:
            raise
        except Refusal as refusal:
            if request.method != "POST" or not accepted:
                raise
            refused = refusal
    request.refusals.append(refused)
    with passes.second(refused, accepted):
        response = view()
    if response.status_code == 200:
        response.status_code = refused.status
    return response


def _to_sign_in(request: FaceRequest) -> HttpResponse:
    if request.user.is_authenticated:
        target = getattr(settings, "QINGKONG_CHOOSE_ROLE_URL", "/choose-role/")
        return redirect_to_login(request.get_full_path(), login_url=target)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path(), login_url=settings.LOGIN_URL)


def _app_of(module: str) -> str:
    """The app a module belongs to: the package above `ways`, or the room of the kernel or the web."""
    parts = module.split(".")
    for inner in ("ways", "tests"):
        if inner in parts:
            return parts[parts.index(inner) - 1]
    return (
        parts[2] if parts[:2] == ["qingkong", "kernel"] and len(parts) > 2 else parts[1] if len(parts) > 1 else parts[0]
    )


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A line of the printed matrix: `desk:calls.call`, its whole address, its permission."""

    face: str
    name: str
    path: str
    needs: str


def routes_matrix() -> list[RouteRow]:
    """Every route of every face that this instance serves, by face and address."""
    mounted = {r.namespace: str(r.pattern) for r in get_resolver().url_patterns if isinstance(r, URLResolver)}
    return [
        RouteRow(face.name, f"{face.name}:{route.name}", f"/{mounted[face.name]}{route.address}", route.needs)
        for face in faces()
        if face.name in mounted
        for route in sorted(face.routes.values(), key=lambda r: (r.address, r.name))
    ]


def faces() -> list[Face]:
    """The four faces, in the order they are printed."""
    from qingkong.web import board, desk, field, portal

    return [desk.face, portal.face, field.face, board.face]
