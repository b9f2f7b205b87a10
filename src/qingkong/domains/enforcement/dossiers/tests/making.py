"""How tests make case files: through the operations that officers and legal officers use."""

import io
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from PIL import Image

from qingkong.domains.enforcement.dossiers import operations, tables
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper
from qingkong.domains.enforcement.dossiers.rules import Verdict
from qingkong.domains.enforcement.property.tests.making import open_case

SOUND = dict.fromkeys(tables.points(), Verdict.SOUND)
HOUR = timedelta(hours=1)


def picture(colour: str = "white") -> io.BytesIO:
    """A scanned sheet."""
    out = io.BytesIO()
    Image.new("L", (40, 56), colour).save(out, "PNG")
    out.seek(0)
    return out


def faulty(*points: str) -> dict[str, Verdict]:
    return {**SOUND, **dict.fromkeys(points, Verdict.FAULTY)}


def a_dossier(county: SimpleNamespace, case: Any = None) -> Dossier:
    """The file of a case, with its papers gathered and one scanned record."""
    case = case or open_case(county)
    one = operations.open_dossier(case=case, actor=county.officer, at=county.at)
    operations.gather(dossier=one, actor=county.officer, at=county.at)
    scan(county, one, "询问笔录")
    return one


def scan(
    county: SimpleNamespace, one: Dossier, title: str, *, made_at: datetime | None = None, at: datetime | None = None,
    colour: str = "white",
) -> DossierPaper:  # fmt: skip
    return operations.add_scan(
        dossier=one, content=picture(colour), name=f"{title}.png", title=title, made_at=made_at or county.at,
        actor=county.officer, at=at or county.at,
    )  # fmt: skip


def submitted(county: SimpleNamespace, one: Dossier | None = None) -> Dossier:
    return operations.submit(dossier=one or a_dossier(county), actor=county.officer, at=county.at + HOUR)


def passed(county: SimpleNamespace) -> Dossier:
    one = submitted(county)
    operations.pass_check(dossier=one, verdicts=SOUND, actor=county.legal_officer, at=county.at + 2 * HOUR)
    return one.fresh()
