"""What the frame around each page shows: who is here, where they may go, what day it is."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import local, zh
from qingkong.web.hanging import Hangings, MenuLine

WEEKDAYS = (zh("星期一"), zh("星期二"), zh("星期三"), zh("星期四"), zh("星期五"), zh("星期六"), zh("星期日"))
TODAY = zh("{month} 月 {day} 日 {weekday}")
QUICK_EXIT = "https://www.baidu.com/"
LARGE_TYPE = "large_type"
HOMES = {Post.ADMINISTRATOR: "desk:web.accounts", Post.SUPERVISOR: "desk:web.ledger"}
"""Posts for which nothing falls due, and the page they begin at instead of My day."""


def desk(request: Any, hung: Hangings) -> dict[str, Any]:
    """The desk's frame. Counts in the menu are fetched after the page, so that no page pays for them."""
    actor, now = request.actor, local(request.at)
    sections = hung.menu_of(actor) if actor.is_officer else []
    here = _here(request, [line for _, lines in sections for line in lines])
    menu = [
        (title, [{"line": line, "url": reverse(line.route), "on": line is here} for line in lines])
        for title, lines in sections
    ]
    return {
        "menu": menu,
        "has_day": actor.post not in HOMES,
        "today": TODAY.fill(month=now.month, day=now.day, weekday=WEEKDAYS[now.weekday()]),
        "other_posts": [
            {"pk": held.pk, "unit": held.unit.name, "post": Post(held.post).label}
            for held in request.appointments
            if str(held.pk) != str(request.session.get("appointment", held.pk))
        ],
    }


def portal(request: Any) -> dict[str, Any]:
    return {
        "large_type": request.COOKIES.get(LARGE_TYPE) == "1",
        "way_out": getattr(settings, "QINGKONG_QUICK_EXIT_URL", QUICK_EXIT),
    }


def _here(request: Any, lines: list[MenuLine]) -> MenuLine | None:
    """The menu line of the page shown, or else the one whose address the page's begins with, the longest first."""
    addresses = {line.route: reverse(line.route) for line in lines}
    under = [line for line in lines if request.path.startswith(addresses[line.route])]
    return max(under, key=lambda line: len(addresses[line.route]), default=None)
