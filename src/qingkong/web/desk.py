"""The desk: pages for officers, dense and calm. `from qingkong.web import desk`, then `@desk.page(…)`."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from qingkong.kernel.access import Actor
from qingkong.kernel.text import Sentence
from qingkong.web import hanging, shell
from qingkong.web.edge import FaceRequest
from qingkong.web.hanging import DueRow, Hangings, Hit, MenuLine, Panel, Section, StatusLine, StatusSection, Tab
from qingkong.web.routes import Face

__all__ = [
    "DeskRequest", "DueRow", "Hit", "StatusLine", "done", "face", "go", "hang_due", "hang_finder", "hang_menu", "hang_panel",
    "hang_status", "hang_subject", "hang_tab", "hang_waiting", "hung", "page", "render", "subject_url", "url", "urls",
]  # fmt: skip


class DeskRequest(FaceRequest):
    """A request at the desk: `request.actor` is the officer in one post, `request.at` the instant (UTC)."""


hung = Hangings()
face = Face("desk", shell=lambda request: shell.desk(request, hung))
page, render, done, go, url, urls = face.page, face.render, face.done, face.go, face.url, face.urls
subject_url = hung.subject_url


def hang_menu(
    section: Section, label: Sentence, route: str, needs: str, *, icon: str = "",
    count: Callable[[Actor, datetime], int | None] | None = None,
) -> None:  # fmt: skip
    """A line of the side menu, under its gate. `count(actor, at)` is what waits there, or None."""
    hanging.add(hung.menu, MenuLine(section, label, route, needs, icon, count))


def hang_tab(
    page: str, *, key: str, label: Sentence, template: str, context: Callable[[Any, Any], dict[str, Any]],
    count: Callable[[Any], int | None] | None = None, needs: str | None = None,
) -> None:  # fmt: skip
    """A tab on another room's page (`cases.case`); it opens at `?tab=key` with `context(request, subject)`."""
    hanging.add(hung.tabs, Tab(page, key, label, template, context, count, needs))


def hang_due(rows: Callable[[Actor, datetime], Iterable[DueRow]]) -> None:
    """Things an officer has to do that no clock counts; shown on *My day*."""
    hanging.add(hung.due, rows)


def hang_waiting(rows: Callable[[Actor, datetime], Iterable[DueRow]]) -> None:
    """What an officer waits for others to do; shown on *My day*."""
    hanging.add(hung.waiting, rows)


def hang_subject(kind: str, *, route: str, arg: str) -> None:
    """Which page shows a kind of subject (`calls.call`), so that clocks, findings and entries can lead there."""
    hung.subjects[kind.lower()] = (route, arg)


def hang_finder(find: Callable[[Actor, str, datetime], Iterable[Hit]]) -> None:
    """`find(actor, text, at)` answers the command bar: numbers, places. Never people."""
    hanging.add(hung.finders, find)


def hang_panel(
    page: str, template: str, context: Callable[[Any], dict[str, Any] | None], *, needs: str | None = None
) -> None:
    """A card on a page; `context(request)` may return None to hide it."""
    hanging.add(hung.panels, Panel(page, template, context, needs))


def hang_status(key: str, title: Sentence, lines: Callable[[datetime], Iterable[StatusLine]]) -> None:
    """A card of the status page: `lines(at)` says how something stands, in counts and instants, never in content."""
    hanging.add(hung.status, StatusSection(key, title, lines))
