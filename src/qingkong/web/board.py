"""The board: what hangs on the wall. No names, no ranks or colours by unit, and it says how old its data is."""

from collections.abc import Callable
from typing import Any

from qingkong.web import hanging
from qingkong.web.edge import FaceRequest
from qingkong.web.hanging import Hangings, Panel
from qingkong.web.routes import Face

__all__ = ["BoardRequest", "done", "face", "go", "hang_panel", "hung", "page", "render", "url", "urls"]


class BoardRequest(FaceRequest):
    """A request from a wall screen."""


hung = Hangings()
face = Face("board")
page, render, done, go, url, urls = face.page, face.render, face.done, face.go, face.url, face.urls


def hang_panel(
    page: str, template: str, context: Callable[[Any], dict[str, Any] | None], *, needs: str | None = None
) -> None:
    """A panel of a wall (`wall`); `context(request)` may return None to hide it."""
    hanging.add(hung.panels, Panel(page, template, context, needs))
