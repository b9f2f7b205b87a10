"""Cases joined by one pattern (串并案): each keeps its own number, team, clock and gates."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases.models import Case, Series
from qingkong.kernel import access, ledger, numbering
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

NO_TITLE = zh("请写明串并的名称，例如“电动自行车被盗系列案”。")
IN_ONE = zh("本案已经在 {number} 中。")
NOT_IN = zh("本案没有并入串并案。")


class CannotJoin(Refusal):
    """The case stands in a series already, or in none."""


@transaction.atomic
def open_series(*, title: str, actor: Actor, at: datetime, pattern: str = "") -> Series:
    """Open a series for the actor's unit. `pattern` says by what the cases are alike; it names nobody. Raises Invalid."""
    access.require(actor, "cases.series")
    if not title.strip():
        raise Invalid({"title": NO_TITLE})
    row = Series.objects.create(
        number=numbering.take("S", at=at),
        title=title.strip(),
        pattern=pattern.strip(),
        unit_id=actor.unit_id,
        opened_at=at,
        opened_by_name=actor.name,
    )
    ledger.record(actor=actor, at=at, act="cases.series_opened", subject=row, facts={"title": row.title})
    return row


@transaction.atomic
def join_series(*, series: Series, case: Case, reason: str, actor: Actor, at: datetime) -> Case:
    """Put a case that the actor sees into a series. Raises CannotJoin, Invalid."""
    access.require(actor, "cases.series", case)
    case = Case.objects.locked(case.pk)
    if case.series_id is not None:
        raise CannotJoin(IN_ONE.fill(number=case.series.number), case=case.number)  # type: ignore[union-attr]
    if not reason.strip():
        raise Invalid({"reason": zh("请写明为什么并案。")})
    case.series = series
    case.save(update_fields=["series"])
    ledger.record(
        actor=actor, at=at, act="cases.series_joined", subject=case, facts={"series": series.number, "reason": reason}
    )
    return case


@transaction.atomic
def leave_series(*, case: Case, reason: str, actor: Actor, at: datetime) -> Case:
    """Take a case out of its series. Raises CannotJoin."""
    access.require(actor, "cases.series", case)
    case = Case.objects.select_related("series").select_for_update(of=("self",)).get(pk=case.pk)
    if case.series is None:
        raise CannotJoin(NOT_IN, case=case.number)
    number, case.series = case.series.number, None
    case.save(update_fields=["series"])
    ledger.record(actor=actor, at=at, act="cases.series_left", subject=case, facts={"series": number, "reason": reason})
    return case
