"""Calls on the wall: today by hour and kind, response times of the county. No names, no units."""

from typing import Any

from django.http import HttpResponse

from qingkong.domains.enforcement.calls import queries
from qingkong.kernel.text import local
from qingkong.web import board
from qingkong.web.board import BoardRequest

BAR, GAP, HEIGHT = 18, 6, 120  # the picture's own units


@board.page("calls/", needs="calls.board")
def today(request: BoardRequest) -> HttpResponse:
    return board.render(request, "calls/board.html", panel=panel(request))


def panel(request: Any) -> dict[str, Any]:
    """Figures of the day and the bars that show them, for the page and for the wall."""
    figures = queries.today(at=request.at)
    most = max([*figures.hours, 1])
    hours = [
        {
            "hour": hour, "count": count, "x": hour * (BAR + GAP), "height": round(count / most * HEIGHT),
            "y": HEIGHT - round(count / most * HEIGHT), "past": hour <= local(request.at).hour,
        }
        for hour, count in enumerate(figures.hours)
    ]  # fmt: skip
    kinds = [
        {"kind": kind, "count": count, "width": round(count / max(figures.kinds[0][1], 1) * 120)}
        for kind, count in figures.kinds[:8]
    ]
    return {
        "figures": figures, "hours": hours, "kinds": kinds, "bar": BAR, "height": HEIGHT,
        "width": 24 * (BAR + GAP), "marks": [(h, h * (BAR + GAP)) for h in (0, 6, 12, 18)],
    }  # fmt: skip
