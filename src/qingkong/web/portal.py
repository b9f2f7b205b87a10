"""The portal: pages for everybody. No JavaScript needed, no account, large type at hand."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

from qingkong.kernel.text import Sentence
from qingkong.web import hanging, shell
from qingkong.web.edge import FaceRequest
from qingkong.web.hanging import Hangings, MonthFigure, Panel, Tile
from qingkong.web.routes import Face

__all__ = [
    "MonthFigure", "PortalRequest", "done", "face", "go", "hang_figures", "hang_panel", "hang_tile", "hung", "page",
    "render", "url", "urls",
]  # fmt: skip


class PortalRequest(FaceRequest):
    """A request at the portal: `request.actor` is somebody of the public, whoever has signed in elsewhere."""


hung = Hangings()
face = Face("portal", shell=lambda request: shell.portal(request), public=True)
render, done, go, url, urls = face.render, face.done, face.go, face.url, face.urls


def page(address: str, *, needs: str = "public", **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a view at an address; open to everybody unless `needs` says otherwise."""
    return face.page(address, needs=needs, **options)


def hang_tile(
    label: Sentence, note: Sentence, route: str, *, icon: str = "",
    group: Literal["main", "disclosure", "taking_part"] = "main",
) -> None:  # fmt: skip
    """A way in on the home page: a large tile (`main`), or a line under 五个公开 or 参与."""
    hanging.add(hung.tiles, Tile(label, note, route, icon, group))


def hang_figures(figures: Callable[[datetime], Iterable[MonthFigure]]) -> None:
    """Real numbers of the month; `figures(at)` gives none where there are none, or too few to show."""
    hanging.add(hung.figures, figures)


def hang_panel(page: str, template: str, context: Callable[[Any], dict[str, Any] | None]) -> None:
    """A part of a page (`home`); `context(request)` may return None to hide it."""
    hanging.add(hung.panels, Panel(page, template, context))
