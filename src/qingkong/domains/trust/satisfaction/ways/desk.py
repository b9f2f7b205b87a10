"""群众怎么说: results for the own unit and the county; no list of units, so no league."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.trust.satisfaction import queries
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.text import local, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

PERIOD = timedelta(days=90)


@desk.page("satisfaction/", needs="satisfaction.see", name="satisfaction.results")
def results(request: DeskRequest) -> HttpResponse:
    """The last ninety days, by what was asked about."""
    until = local(request.at).date() + timedelta(days=1)
    span = {"since": until - PERIOD, "until": until, "actor": request.actor}
    own = _own(request.actor)
    return desk.render(
        request,
        "satisfaction/desk.html",
        title=zh("群众怎么说"),
        county=[queries.result(about=about, **span) for about in About],
        own=[queries.result(about=about, unit_id=own, **span) for about in About] if own else [],
        comments=queries.comments(unit_id=own, **span),
    )


def panel(request: DeskRequest) -> dict[str, object]:
    """For My day: what people said about the own unit's calls, and one of their sentences."""
    until = local(request.at).date() + timedelta(days=1)
    span = {"since": until - PERIOD, "until": until, "actor": request.actor}
    own = _own(request.actor)
    return {
        "own": own is not None,
        "result": queries.result(about=About.CALL, unit_id=own, **span),
        "county": queries.result(about=About.CALL, **span) if own else None,
        "comments": queries.comments(unit_id=own, limit=1, **span),
    }


def _own(actor: Actor) -> UUID | None:
    """The unit whose result the actor sees beside the county's: stations and brigades have their own."""
    return actor.unit_id if actor.unit_kind in (UnitKind.STATION, UnitKind.BRIGADE) else None
