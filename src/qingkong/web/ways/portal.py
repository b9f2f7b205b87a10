"""The portal's own pages: home, large type, language; the ledger for everybody."""

from django.http import HttpResponse

from qingkong.web import check_us, cosignatures, portal, preferences  # noqa: F401  each brings its pages
from qingkong.web.hanging import Tile
from qingkong.web.portal import PortalRequest


@portal.page("", name="web.home")
def home(request: PortalRequest) -> HttpResponse:
    tiles: dict[str, list[Tile]] = {"main": [], "disclosure": [], "taking_part": []}
    for tile in portal.hung.tiles:
        tiles[tile.group].append(tile)
    figures = [figure for figures in portal.hung.figures for figure in figures(request.at)]
    return portal.render(
        request, "portal/home.html", tiles=tiles, figures=figures, panels=portal.hung.panels_of("home", request)
    )


@portal.page("language/", name="web.language")
def language(request: PortalRequest) -> HttpResponse:
    return preferences.choose_language(request)


@portal.page("large-type/", name="web.large_type")
def large_type(request: PortalRequest) -> HttpResponse:
    return preferences.choose_type(request)
