"""The desk's own pages: my day, the command bar, the menu's counts, language."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render as render_fragment

from qingkong.web import desk, finding, myday, preferences, proving  # noqa: F401  brings its page
from qingkong.web.desk import DeskRequest
from qingkong.web.shell import HOMES


@desk.page("", needs="web.sign_in", name="web.my_day")
def my_day(request: DeskRequest) -> HttpResponse:
    """What is due for the officer; a post without due things is led to its own first page."""
    if request.actor.post in HOMES:
        return desk.go(request, desk.url(HOMES[request.actor.post]))
    return desk.render(
        request,
        "desk/myday.html",
        day=myday.day_of(request.actor, at=request.at),
        panels=desk.hung.panels_of("myday", request),
    )


@desk.page("find/", needs="web.sign_in", name="web.find")
def find(request: DeskRequest) -> HttpResponse:
    text = "".join(c for c in request.GET.get("q", "") if c.isprintable()).strip()[:100]
    found = finding.find(text, actor=request.actor, at=request.at)
    context: dict[str, Any] = {"text": text, "found": found}
    if request.htmx:
        return render_fragment(request, "desk/hits.html", context)
    if len(found.hits) == 1 and "stay" not in request.GET:
        return desk.go(request, found.hits[0].url)
    return desk.render(request, "desk/find.html", **context)


@desk.page("menu/", needs="web.sign_in", name="web.menu")
def menu(request: DeskRequest) -> HttpResponse:
    """The counts of the menu, swapped in beside their lines after the page is shown."""
    counts = [
        {"route": line.route, "count": count}
        for _, lines in desk.hung.menu_of(request.actor)
        for line in lines
        if line.count is not None and (count := line.count(request.actor, request.at))
    ]
    return render_fragment(
        request, "desk/menu_counts.html", {"counts": counts, "due": myday.day_of(request.actor, at=request.at).pressing}
    )


@desk.page("language/", needs="public", name="web.language")
def language(request: DeskRequest) -> HttpResponse:
    return preferences.choose_language(request)
