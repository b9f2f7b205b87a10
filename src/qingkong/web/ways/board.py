"""The wall: every panel that rooms hang, and how old what it shows is."""

from django.http import HttpResponse

from qingkong.web import board
from qingkong.web.board import BoardRequest


@board.page("", needs="web.sign_in", name="web.wall")
def wall(request: BoardRequest) -> HttpResponse:
    return board.render(request, "board/wall.html", panels=board.hung.panels_of("wall", request))
