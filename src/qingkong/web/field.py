"""The field: pages for a phone at the scene. Works offline, shows its queue, loses and doubles nothing."""

from collections.abc import Callable
from typing import Any

from qingkong.web import hanging
from qingkong.web.edge import FaceRequest
from qingkong.web.hanging import Hangings, Panel
from qingkong.web.routes import Face

__all__ = ["FieldRequest", "done", "face", "go", "hang_panel", "hung", "page", "render", "url", "urls"]


class FieldRequest(FaceRequest):
    """A request from a phone."""


hung = Hangings()
face = Face("field")
page, render, done, go, url, urls = face.page, face.render, face.done, face.go, face.url, face.urls


def hang_panel(
    page: str, template: str, context: Callable[[Any], dict[str, Any] | None], *, needs: str | None = None
) -> None:
    """A part of the field's home page (`home`): the officer's open calls, say."""
    hanging.add(hung.panels, Panel(page, template, context, needs))
