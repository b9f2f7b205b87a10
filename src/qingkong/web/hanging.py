"""What rooms hang on the frames: menu lines, tabs, tiles, panels, things due, finders. `project/wiring.py` hangs it all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.urls import NoReverseMatch, reverse

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.text import Sentence, zh

Section = Literal["source", "process", "closing", "accountability", "people", "house"]

SECTIONS: dict[str, Sentence] = {
    "source": zh("第一关 案件源头"),
    "process": zh("第二关 执法过程"),
    "closing": zh("第三关 结案"),
    "accountability": zh("第四关 责任追究"),
    "people": zh("群众"),
    "house": zh("系统"),
}


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line of the desk's side menu. `count` is what waits there for the actor; it is fetched after the page."""

    section: Section
    label: Sentence
    route: str
    needs: str
    icon: str = ""
    count: Callable[[Actor, datetime], int | None] | None = None
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab on a subject's page. `context(request, subject)` fills its template."""

    page: str
    key: str
    label: Sentence
    template: str
    context: Callable[[Any, Any], dict[str, Any]]
    count: Callable[[Any], int | None] | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A card on a page (`myday`, `wall`, `home`). `context(request)` gives its context, or None to hide it."""

    page: str
    template: str
    context: Callable[[Any], dict[str, Any] | None]
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A way in on the portal's home page."""

    label: Sentence
    note: Sentence
    route: str
    icon: str = ""
    group: Literal["main", "disclosure", "taking_part"] = "main"


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """A number of the county's month: `value` large, `unit` beside it, `note` says of what and how sure."""

    value: str
    note: Sentence
    unit: Sentence | str = ""


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something to do. `basis` is the article or the promise; without `due_at` it comes last."""

    sentence: Sentence | str
    url: str
    reference: str
    basis: Sentence | str
    due_at: datetime | None = None
    note: Sentence | str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something the command bar has found."""

    label: Sentence | str
    note: Sentence | str
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A line of the status page: what, how it stands, and what follows from it or what to do."""

    label: Sentence
    value: Sentence | str
    state: Literal["ok", "warn", "bad", "idle"] = "ok"
    note: Sentence | str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusSection:
    """A card of the status page. `lines(at)` reads counts and instants, never content."""

    key: str
    title: Sentence
    lines: Callable[[datetime], Iterable[StatusLine]]


@dataclass
class Hangings:
    """All that hangs on one face."""

    menu: list[MenuLine] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    due: list[Callable[[Actor, datetime], Iterable[DueRow]]] = field(default_factory=list)
    waiting: list[Callable[[Actor, datetime], Iterable[DueRow]]] = field(default_factory=list)
    finders: list[Callable[[Actor, str, datetime], Iterable[Hit]]] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    figures: list[Callable[[datetime], Iterable[MonthFigure]]] = field(default_factory=list)
    status: list[StatusSection] = field(default_factory=list)
    subjects: dict[str, tuple[str, str]] = field(default_factory=dict)

    def tabs_of(self, page: str, actor: Actor, subject: Any) -> list[Tab]:
        """The tabs of a page that this actor may see."""
        return [t for t in self.tabs if t.page == page and (t.needs is None or access.may(actor, t.needs, subject))]

    def panels_of(self, page: str, request: Any) -> list[tuple[str, Mapping[str, Any]]]:
        """(template, context) of the panels of a page that have something to say to this reader."""
        shown: list[tuple[str, Mapping[str, Any]]] = []
        for panel in self.panels:
            if panel.page == page and (panel.needs is None or access.may(request.actor, panel.needs)):
                context = panel.context(request)
                if context is not None:
                    shown.append((panel.template, context))
        return shown

    def menu_of(self, actor: Actor) -> list[tuple[Sentence, list[MenuLine]]]:
        """(section, lines) that exist and that the post may open."""
        return [
            (title, lines)
            for section, title in SECTIONS.items()
            if (lines := [m for m in self.menu if m.section == section and access.may(actor, m.needs)])
        ]

    def subject_url(self, key: str) -> str:
        """The page of a subject key (`calls.call:<uuid>`), or nothing where it has none."""
        kind, _, pk = key.partition(":")
        if kind not in self.subjects:
            return ""
        route, argument = self.subjects[kind]
        try:
            return reverse(route, kwargs={argument: pk})
        except NoReverseMatch:
            return ""


def add(hung: list[Any], thing: Any) -> None:
    """Hang a thing once: hanging it again, as when a test loads the wiring twice, changes nothing."""
    if thing not in hung:
        hung.append(thing)
