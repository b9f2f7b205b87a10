"""The papers of property: seizure list, registration list, return list, label. Kinds, number forms, facts."""

from collections.abc import Sequence
from typing import Any

from qingkong.domains.enforcement.property import rules
from qingkong.domains.enforcement.property.models import Exhibit, Handback, SeizureList
from qingkong.kernel import papers
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.posts import UnitKind
from qingkong.kernel.text import fen, local, zh

SEIZURE, HANDBACK, LABEL = "property.seizure_list", "property.handback_list", "property.label"

# number forms after the county's register of documents; status M: to verify against the 2026 forms
FORMS = {SEIZURE: "东公({unit})扣清字〔{year}〕{serial}号", HANDBACK: "东公({unit})还清字〔{year}〕{serial}号"}

COLUMNS = [
    {"label": "编号", "width": 0.9},
    {"label": "名称", "width": 2.2, "align": "left"},
    {"label": "数量", "width": 1.2},
    {"label": "特征", "width": 4.2, "align": "left"},
    {"label": "备注", "width": 2.2},
]


def register() -> None:
    papers.register(SEIZURE, "list", title=zh("扣押清单"), statutory=True)
    papers.register(HANDBACK, "list", title=zh("发还清单"), statutory=True)
    papers.register(LABEL, "label", title=zh("物品标签"))


def organ() -> str:
    """The bureau, as papers name it."""
    bureau = identity.units(UnitKind.BUREAU).first()
    return bureau.name if bureau else ""


def seizure_facts(made: SeizureList, things: Sequence[Exhibit], *, holder: str, witness: str) -> dict[str, Any]:
    """What the seizure list prints. Names are printed: holder and witness sign it and take a copy home."""
    when = f"{local(made.seized_at):%Y年%-m月%-d日%-H时%M分}"
    intro = f"因办理{made.case.number}号案件，于{when}在{made.place_text}扣押下列财物、文件："
    note = made.signature_note if made.holder_signature != rules.Signature.SIGNED else None
    return {
        "organ": organ(),
        "intro": [intro],
        "columns": COLUMNS,
        "rows": [[str(one.position), one.name, one.amount, one.features, one.number] for one in things],
        "least": 8,
        "note": f"持有人{rules.Signature(made.holder_signature).label.in_chinese()}：{note}" if note else None,
        "signatures": [
            {"label": "持有人", "names": [holder]},
            {"label": "见证人", "names": [witness]},
            {"label": "办案民警", "names": [made.first_officer_name, made.second_officer_name]},
        ],
        "copies": "本清单一式两份：一份交持有人，一份附卷。",
    }


def handback_facts(made: Handback, things: Sequence[Exhibit], *, receiver: str) -> dict[str, Any]:
    """What the return list prints; the receiver signs it."""
    return {
        "organ": organ(),
        "intro": [f"{made.case.number}号案件的下列财物、文件，经批准发还："],
        "columns": COLUMNS,
        "rows": [
            [str(place), one.name, one.amount, one.features, f"{one.number}\n估价 {fen(one.value_fen or 0)}"]
            for place, one in enumerate(things, start=1)
        ],
        "least": 6,
        "note": "由书面委托的人代领。" if made.on_behalf else None,
        "signatures": [{"label": "领取人", "names": [receiver]}, {"label": "办理民警", "names": [made.officer_name]}],
        "copies": "本清单一式三份：一份交领取人，一份交保管员，一份附卷。",
    }


def label_facts(one: Exhibit) -> dict[str, Any]:
    """What the label prints: number, thing, case, day, and nobody's name."""
    return {
        "organ": organ(),
        "qr": one.number,
        "lines": [
            f"{one.name} {one.amount}",
            f"案号 {one.case.number}",
            f"{local(one.seized_at):%Y-%m-%d %H:%M} {one.unit.name}",
        ],
    }
