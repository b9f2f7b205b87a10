"""Bring powers, thresholds, grounds, paper forms and keeping periods to the state of their data files."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.cases.models import Ground, KeepingRow, PaperForm, PowerRow, ThresholdRow
from qingkong.domains.enforcement.cases.models.law import LawRow
from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

DATA = Path(__file__).resolve().parent / "data"
FIRST = date(2019, 1, 1)  # rows whose file names no first day
COMMON = ("law", "article", "from", "until", "status", "note", "id")
TABLES: dict[str, tuple[str, type[LawRow]]] = {
    "power": ("powers.toml", PowerRow),
    "threshold": ("powers.toml", ThresholdRow),
    "ground": ("grounds.toml", Ground),
    "paper": ("papers.toml", PaperForm),
    "keeping": ("keeping.toml", KeepingRow),
}
RENAMED = {"unit": "unit_kind", "kind": "code"}


class CannotLoad(Refusal):
    """A data file can't be taken; the message names the file and the row."""


@transaction.atomic
def load(*, actor: Actor, at: datetime, folder: Path = DATA) -> list[str]:
    """Bring the rows of this room to the state of the files in `folder`; what changed, a line each.

    A row of an earlier edition stays for the cases of its time: only its last day is set. Raises CannotLoad.
    """
    changed: list[str] = []
    for table, (name, model) in TABLES.items():
        try:
            rows = tomllib.loads((folder / name).read_text(encoding="utf-8")).get(table, [])
        except tomllib.TOMLDecodeError as error:
            raise CannotLoad(zh("{file} 读不懂：{error}", file=name, error=error)) from None
        for number, row in enumerate(rows, start=1):
            changed += _bring(model, _columns(row, name, number))
    if changed:
        ledger.record(actor=actor, at=at, act="cases.law_loaded", subject="cases.law", facts={"changes": changed})
    return changed


def _columns(row: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    try:
        common = {
            "code": row.get("id") or row["kind"],
            "law": row["law"],
            "article_number": row["article"],
            "from_on": row.get("from") or FIRST,
            "until_on": row.get("until"),
            "status": row["status"],
            "note": row.get("note", ""),
        }
    except KeyError as missing:
        raise CannotLoad(zh("{file} 第 {row} 项缺少 {key}。", file=name, row=number, key=missing.args[0])) from None
    rest = {RENAMED.get(key, key): value for key, value in row.items() if key not in (*COMMON, "kind")}
    if rest.get("unit_kind") == "*":
        rest["unit_kind"] = ""
    return {**common, **rest}


def _bring(model: type[LawRow], columns: dict[str, Any]) -> list[str]:
    known = model.objects.filter(code=columns["code"], from_on=columns["from_on"]).first()
    name = f"{model.__name__} {columns['code']}"
    if known is None:
        model.objects.create(**columns)
        return [f"{name} 新增"]
    differs = {key: value for key, value in columns.items() if getattr(known, key) != value}
    if not differs:
        return []
    for key, value in differs.items():
        setattr(known, key, value)
    known.save(update_fields=list(differs))
    return [f"{name} 更改 {'、'.join(sorted(differs))}"]
