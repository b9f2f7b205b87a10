"""Print the catalogue; read one paper of a file, which is entered."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from qingkong.domains.enforcement.dossiers import queries, rules
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper
from qingkong.kernel import access, ledger, papers, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.papers import Paper
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh

COLUMNS = [
    {"label": "序号", "width": 0.8},
    {"label": "文号", "width": 3},
    {"label": "责任者", "width": 1.8},
    {"label": "材料名称", "width": 4, "align": "left"},
    {"label": "日期", "width": 1.8},
    {"label": "页号", "width": 1.1},
]


@transaction.atomic
def print_catalogue(*, dossier: Dossier, actor: Actor, at: datetime) -> Paper:
    """The catalogue as it stands (卷内目录), with the digest where the check has passed. Raises Refusal for an empty file."""
    access.require(actor, "dossiers.see", dossier)
    lines = queries.catalogue(dossier)
    if not lines:
        raise Refusal(rules.EMPTY)
    bureau = identity.units(UnitKind.BUREAU).first()
    note = (
        f"目录校验值（SHA-256）：{dossier.catalogue_digest}"
        if dossier.catalogue_digest
        else "卷宗还没有检查通过，目录可能变动。"
    )
    return papers.issue(
        kind="dossiers.catalogue", subject=dossier, number=dossier.case.number, actor=actor, at=at,
        facts={
            "organ": bureau.name if bureau else "",
            "intro": [f"{dossier.case.title}　{dossier.unit.name}　共 {len(lines)} 份"],
            "columns": COLUMNS,
            "rows": [
                [
                    str(line.position), line.number, line.responsible, line.title, f"{local(line.made_at):%Y-%m-%d}",
                    line.page_words if line.pages else "附盘",
                ]
                for line in lines
            ],
            "note": note,
        },
    )  # fmt: skip


@transaction.atomic
def print_cover(*, dossier: Dossier, actor: Actor, at: datetime) -> Paper:
    """The cover sheet (卷宗封面): which case, who handles and who checks it, how many papers; with the QR code that no
    statutory paper carries. It names no party. Raises Refusal for an empty file."""
    access.require(actor, "dossiers.see", dossier)
    lines = queries.catalogue(dossier)
    if not lines:
        raise Refusal(rules.EMPTY)
    case, bureau = dossier.case, identity.units(UnitKind.BUREAU).first()
    names = {member.role: member.officer_name for member in case.team}
    return papers.issue(
        kind="dossiers.cover", subject=dossier, number=case.number, actor=actor, at=at,
        facts={
            "organ": bureau.name if bureau else "",
            "rows": [
                ["案件名称", case.title],
                ["案件编号", case.number],
                ["办案单位", dossier.unit.name],
                ["立案时间", f"{local(case.filed_at):%Y-%m-%d}"],
                ["主办民警", names.get("lead", "")],
                ["协办民警", names.get("second", "")],
                ["法制员", names.get("legal", "")],
                ["卷内材料", f"{len(lines)} 份，{sum(line.pages for line in lines)} 页"],
            ],
            "qr": case.number,
        },
    )  # fmt: skip


@transaction.atomic
def read_paper(*, paper: DossierPaper, actor: Actor, at: datetime) -> BinaryIO:
    """Open one paper of a file to read it. It names people, so reading is entered.

    Evidence isn't read here but on its own page, where each look stands on its own. Raises NotPermitted, Refusal;
    NotFound where the vault no longer has it.
    """
    access.require(actor, "dossiers.read", paper.dossier)
    if paper.source == rules.Source.EVIDENCE:
        raise Refusal(zh("电子证据在证据页查看，每次查看都有登记。"), number=paper.number)
    ledger.record(
        actor=actor, at=at, act="dossiers.read", subject=paper.dossier, facts={"paper": paper.title, "number": paper.number},
        purpose=zh("阅卷").in_chinese(), reference=paper.dossier.case.number,
    )  # fmt: skip
    return vault.open(paper.sha256)
