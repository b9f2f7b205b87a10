"""The board: what hangs on the wall. No names, no ranks or colours by unit, and it says how old its data is."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from qingkong.web import hanging
from qingkong.web.edge import FaceRequest
from qingkong.web.hanging import Hangings, Panel
from qingkong.web.routes import Face

__all__ = ["BoardRequest", "done", "face", "go", "hang_panel", "hung", "page", "render", "url", "urls"]


class BoardRequest(FaceRequest):
    """A request from a wall screen."""


hung = Hangings()
face = Face("board")
page, done, go, url, urls = face.page, face.done, face.go, face.url, face.urls
REFRESH = 30  # seconds


def render(request: FaceRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the wall; it asks for itself again every half minute."""
    response = face.render(request, template, status=status, **{"refresh": REFRESH, **context})
    response.headers["Refresh"] = str(context.get("refresh", REFRESH))
    return response


def hang_panel(
    page: str, template: str, context: Callable[[Any], dict[str, Any] | None], *, needs: str | None = None
) -> None:
    """A panel of a wall (`wall`); `context(request)` may return None to hide it."""
    hanging.add(hung.panels, Panel(page, template, context, needs))
