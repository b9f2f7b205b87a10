"""What the people said: counts, shares and how sure, never who."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Count, Q

from qingkong.domains.trust.satisfaction.models import Answer, Invitation
from qingkong.domains.trust.satisfaction.rules import SHOWN_FROM, About, Estimate, Grade, Told, estimate
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.text import TZ


@dataclass(frozen=True, slots=True)
class Result:
    """One subject of asking over one period."""

    about: About
    estimate: Estimate
    grades: list[tuple[Grade, int, float]]  # how many and what percent; empty while hidden


def result(*, about: About, since: date, until: date, actor: Actor, unit_id: UUID | None = None) -> Result:
    """What was answered from `since` to before `until`, in the county or one unit."""
    access.require(actor, "satisfaction.see")
    return _result(about, since, until, unit_id)


def public_result(*, about: About, since: date, until: date) -> Result:
    """The county's result, as the portal publishes it."""
    return _result(about, since, until, None)


def comments(*, since: date, until: date, actor: Actor, unit_id: UUID | None = None, limit: int = 20) -> list[str]:
    """Words people left, in no order, only where the result itself is shown."""
    access.require(actor, "satisfaction.see")
    rows = Answer.objects.filter(_within(since, until, unit_id))
    if rows.count() < SHOWN_FROM:
        return []
    return list(rows.exclude(comment="").order_by("id").values_list("comment", flat=True)[:limit])


def _result(about: About, since: date, until: date, unit_id: UUID | None) -> Result:
    counted = (
        Answer.objects.filter(_within(since, until, unit_id), about=about)
        .values("grade")
        .annotate(n=Count("id"), told=Count("id", filter=Q(told=Told.YES)))
        .order_by("grade")
    )
    counts = {Grade(row["grade"]): row["n"] for row in counted}
    invited = Invitation.objects.filter(
        about=about,
        issued_at__gte=datetime.combine(since, time(), TZ),
        issued_at__lt=datetime.combine(until, time(), TZ),
    )
    if unit_id:
        invited = invited.filter(unit_id=unit_id)
    found = estimate(counts, told=sum(row["told"] for row in counted), invited=invited.count())
    shares = (
        [(grade, counts.get(grade, 0), 100 * counts.get(grade, 0) / found.answered) for grade in Grade]
        if found.shown
        else []
    )
    return Result(about, found, shares)


def _within(since: date, until: date, unit_id: UUID | None) -> Q:
    within = Q(released_on__gte=since, released_on__lt=until)
    return within & Q(unit_id=unit_id) if unit_id else within
