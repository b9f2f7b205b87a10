"""The ledger's public files at /ledger/…, straight from the folder: no session, no database, cacheable.

A web server in front hands out the same folder itself (`tiles/` of the instance, as /ledger/); then nothing comes here.
"""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

PREFIX = "/ledger/"
PUBLIC = re.compile(r"checkpoint|cosigned|vkey|tile/(?:\d{1,2}|entries)/(?:x\d{3}/)*\d{3}(?:\.p/\d{1,3})?")
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=2, must-revalidate"


class PublicFiles:
    """Middleware, before sessions and languages: what it answers is the same for everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.path_info.removeprefix(PREFIX)
        if name == request.path_info or not PUBLIC.fullmatch(name):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return answer(Path(settings.QINGKONG_HOME) / "tiles", name)


def answer(folder: Path, name: str) -> HttpResponse:
    """A file of the folder: a tile for ever, for its content can't change; the rest for two seconds."""
    try:
        data = (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return HttpResponse("not found\n", status=404, content_type="text/plain", headers={"Cache-Control": BRIEFLY})
    tile = name.startswith("tile/")
    response = HttpResponse(data, content_type="application/octet-stream" if tile else "text/plain; charset=utf-8")
    response.headers["Cache-Control"] = FOREVER if tile else BRIEFLY
    response.headers["Access-Control-Allow-Origin"] = "*"  # public, and no cookie is read here
    return response
