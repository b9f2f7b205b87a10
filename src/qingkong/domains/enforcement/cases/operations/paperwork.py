"""Statutory papers: each with its own number, printed from facts that are on record. No QR code on any of them."""

from collections.abc import Mapping
from datetime import datetime

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Report
from qingkong.kernel import numbering, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.text import local


def number_for(kind: str, *, unit: Unit, at: datetime) -> str:
    """The next number of a kind of paper in the unit that handles the case, in the form the county uses."""
    form = queries.form(kind, at=at)
    return numbering.take_statutory(series=f"{kind}.{unit.code}", form=form.form, at=at, unit=unit.short)


def print_paper(
    kind: str,
    *,
    subject: Case | Report,
    facts: Mapping[str, object],
    actor: Actor,
    at: datetime,
    number: str | None = None,
) -> str:
    """Issue a statutory paper on a case or report; its number."""
    number = number or number_for(kind, unit=subject.unit, at=at)
    papers.issue(
        kind=f"cases.{kind}", subject=subject, facts={"organ": organ(), **facts}, actor=actor, at=at, number=number
    )
    return number


def organ() -> str:
    """The bureau, as papers name it."""
    bureau = identity.units(UnitKind.BUREAU).first()
    return bureau.name if bureau else ""


def moment(at: datetime) -> str:
    """An instant as papers write it: 2026年11月24日9时00分."""
    return f"{local(at):%Y年%-m月%-d日%-H时%M分}"


def signatures(*labels: str) -> list[dict[str, object]]:
    return [{"label": f"{label}：", "name": "", "dated": True} for label in labels]
