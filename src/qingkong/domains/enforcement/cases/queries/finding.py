"""Find a report or a case by its number, or a case by two or more characters of its title. Never by a person."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from qingkong.domains.enforcement.cases.models import Case, Report, Series, TitleGram
from qingkong.domains.enforcement.cases.queries import lists, scope
from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import NotFound

NUMBER = re.compile(r"[ABX]\d{4}-?\d{1,6}", re.IGNORECASE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRIED = 400  # moments of the rarest pair looked at, newest first
MOST = 10


def get_case(*, actor: Actor, id: UUID) -> Case:
    """One case the actor may see, with its team. Raises NotFound for one they may not know of."""
    case = _cases().filter(pk=id).first()
    return _seen(actor, "cases.see", case)


def get_case_by_number(*, actor: Actor, number: str) -> Case:
    """One case by its number. Raises NotFound."""
    return _seen(actor, "cases.see", _cases().filter(number=normal_number(number)).first())


def get_report(*, actor: Actor, id: UUID) -> Report:
    """One report the actor may see. Raises NotFound."""
    report = Report.objects.select_related("unit", "case", "registered_by").filter(pk=id).first()
    return _seen(actor, "cases.see_reports", report)


def get_series(*, actor: Actor, id: UUID) -> tuple[Series, list[Case], int]:
    """A series, those of its cases the actor may see, and how many more it has."""
    found = Series.objects.select_related("unit").filter(pk=id).first()
    if found is None:
        raise NotFound()
    access.require(actor, "cases.see")
    rows = list(lists.with_lead(scope.cases_for(actor).filter(series=found)).order_by("filed_at", "id"))
    if not rows and not (actor.post in scope.EVERYTHING or actor.unit_id == found.unit_id):
        raise NotFound()
    return found, rows, Case.objects.filter(series=found).count() - len(rows)


def find(*, actor: Actor, text: str) -> list[Case | Report]:
    """What a number or a piece of a title points to, the newest first, at most ten; only what the actor may see."""
    text = text.strip()
    if NUMBER.fullmatch(text):
        number = normal_number(text)
        found: Case | Report | None
        if number.startswith("B"):
            found = scope.reports_for(actor).filter(number=number).first()
        else:
            found = scope.cases_for(actor).filter(number=number).first()
        return [found] if found else []
    if len(text) < 2 or not access.may(actor, "cases.see"):
        return []
    return list(_by_title(scope.cases_for(actor), text)[:MOST])


def normal_number(text: str) -> str:
    """A2026-418 and a2026000418 as they are kept: A2026-000418."""
    text = text.strip().upper()
    if not NUMBER.fullmatch(text):
        return text
    return f"{text[0]}{text[1:5]}-{int(text[5:].lstrip('-')):06d}"


def grams(title: str) -> set[str]:
    """The pairs of neighbouring characters under which a title is found."""
    plain = re.sub(r"\s", "", title)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def moment_of(filed_at: datetime) -> int:
    """Microseconds since 1970, exact: floats would lose some."""
    return (filed_at - EPOCH) // timedelta(microseconds=1)


def _by_title(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    plain = re.sub(r"\s", "", text)[:20]
    moments: QuerySet[TitleGram] | None = None
    for gram in sorted(grams(plain)):
        rows = TitleGram.objects.filter(gram=gram)
        moments = rows if moments is None else moments.filter(moment__in=rows.values("moment"))
    assert moments is not None  # two characters make one pair
    newest = moments.order_by("-moment").values_list("moment", flat=True)[:TRIED]
    times = [EPOCH + timedelta(microseconds=moment) for moment in newest]
    return cases.filter(filed_at__in=times, title__contains=plain).order_by("-filed_at", "-id")


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("unit", "series").prefetch_related("members")


def _seen(actor: Actor, permission: str, found: Any) -> Any:
    access.require(actor, permission)
    if found is None or not access.may(actor, permission, found):
        raise NotFound()
    return found
