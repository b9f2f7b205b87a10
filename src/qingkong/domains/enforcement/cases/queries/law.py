"""The rows of law in force on a day: powers, thresholds, grounds, forms of papers."""

from datetime import date, datetime
from typing import Any

from qingkong.domains.enforcement.cases.models import Ground, KeepingRow, PaperForm, PowerRow, ThresholdRow
from qingkong.domains.enforcement.cases.rules import deciding
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.kernel import access
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh

NO_GROUND = zh("没有这一项理由，或者它现在不适用。")


def powers(matter: Matter, *, at: datetime) -> list[deciding.Power]:
    """Who may approve a matter, in force at `at`."""
    rows = PowerRow.objects.in_force(local(at).date()).filter(matter=matter.value).order_by("code")
    return [row.as_power() for row in rows]


def thresholds(*, at: datetime) -> list[deciding.Threshold]:
    """From where on a hearing right or a bound holds, in force at `at`."""
    return [row.as_threshold() for row in ThresholdRow.objects.in_force(local(at).date()).order_by("code")]


def grounds(matter: Matter, *, at: datetime) -> list[Ground]:
    """The grounds a matter may rest on, in the order of their articles."""
    return list(Ground.objects.in_force(local(at).date()).filter(matter=matter.value).order_by("code"))


def ground(matter: Matter, code: str, *, at: datetime) -> Ground:
    """One ground of a matter. Raises NotFound where it isn't one, or no longer is."""
    row = Ground.objects.in_force(local(at).date()).filter(matter=matter.value, code=code).first()
    if row is None:
        raise NotFound(NO_GROUND, field="ground", ground=code)
    return row


def ground_in_words(code: str) -> str:
    """A ground as written, with its article, whenever it was in force; for pages."""
    row = Ground.objects.filter(code=code).order_by("-from_on").first() if code else None
    return f"{row}（{row.article}）" if row else code


def form(kind: str, *, at: datetime) -> PaperForm:
    """The title and number form of a statutory paper."""
    return PaperForm.objects.in_force(local(at).date()).get(code=kind)


def kept(kind: str, *, at: datetime) -> dict[str, Any]:
    """The ground, purpose and expiry of a personal record of this kind, made at `at`."""
    day = local(at).date()
    row = KeepingRow.objects.in_force(day).get(code=kind)
    return access.kept(ground=row.article, purpose=row.purpose, until=_years_on(day, row.years))


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def matters_of(post: Post | None, unit: UnitKind | None, *, at: datetime) -> set[str]:
    """What somebody in this post of such a unit may approve. One query over some thirty rows."""
    rows = PowerRow.objects.in_force(local(at).date())
    heads_only = post is not Post.BUREAU_LEADER
    return {
        row.matter
        for row in rows
        if post in row.posts and (not heads_only or not row.unit_kind or row.unit_kind == unit)
    }
