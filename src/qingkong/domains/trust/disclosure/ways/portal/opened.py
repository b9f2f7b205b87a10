"""What everybody may read: the law's limits, the course of a case, where to complain."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpResponse

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.calls.rules import Stamp
from qingkong.domains.enforcement.cases.ways.desk.cases import flow_chart
from qingkong.domains.trust.disclosure import queries
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.text import zh
from qingkong.web import portal
from qingkong.web.portal import MonthFigure, PortalRequest


@portal.page("limits/", name="disclosure.limits")
def limits(request: PortalRequest) -> HttpResponse:
    """Every time limit in force, by law, with its article and how sure we are of it."""
    return portal.render(
        request, "disclosure/limits.html", title=zh("办案依据和期限"), laws=queries.limits_by_law(at=request.at)
    )


@portal.page("course/", name="disclosure.course")
def course(request: PortalRequest) -> HttpResponse:
    """How a case is handled: the same chart that hangs on the wall and that the software follows."""
    return portal.render(request, "disclosure/course.html", title=zh("办案流程图"), chart=flow_chart())


@portal.page("supervision/", name="disclosure.supervision")
def supervision(request: PortalRequest) -> HttpResponse:
    """Where to complain, and the units' counters."""
    stations = identity.units(UnitKind.STATION)
    return portal.render(request, "disclosure/supervision.html", title=zh("监督渠道"), stations=stations)


def figures(at: datetime) -> Iterable[MonthFigure]:
    """Today's calls of the county: how many, and how soon nine in ten were reached. No unit is named."""
    today = calls.today(at=at)
    if not today.total:
        return
    yield MonthFigure(value=f"{today.total:,}", note=zh("起警情"))
    for times in today.times:
        if times.stamp is Stamp.ARRIVED and times.p90 is not None:
            yield MonthFigure(
                value=f"{times.p90:g}", unit=zh("分钟"), note=zh("内到场的有九成（{count} 次出警）", count=times.count)
            )
