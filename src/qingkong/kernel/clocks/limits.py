"""Time limits as data: what the law, or a local standard, allows for each step. Pure: read from TOML.

One row a version: `effective_from` (included) to `effective_to` (not included), so that a case of 2025 keeps its clock.
Where the law says 立即 or 及时 there is no amount but a `promptly`; a local standard may stand beside it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from qingkong.kernel.clocks.reckoning import LONGEST, TimeUnit
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Labelled, Sentence, zh

DATA = Path(__file__).parent / "data"
PACKAGED = (DATA / "time_limits.toml", DATA / "local_standards.toml")
# The law's own words where it sets no number; they stand here so that a catalogue holds them.
PROMPTLY = (
    zh("立即"), zh("及时"), zh("当场"), zh("迅速"), zh("尽快"), zh("当日"), zh("始终"), zh("处罚决定前"),
)  # fmt: skip


class Sure(Labelled):
    """How far a row may be trusted."""

    READ = "S", zh("已读条文（存档副本，未核对官方网站）")
    SECOND_HAND = "P", zh("二手来源，待核对")
    MEMORY = "M", zh("凭记忆，待核对")


class Body(Labelled):
    """Who approves an extension."""

    UNIT_HEAD = "unit_head", zh("办案单位负责人")
    COUNTY_BUREAU = "county_bureau", zh("县级公安机关负责人")
    NEXT_BUREAU_UP = "next_bureau_up", zh("上一级公安机关")
    PROCURATORATE = "procuratorate", zh("人民检察院")
    COURT = "court", zh("人民法院")
    JUSTICE_BUREAU = "justice_bureau", zh("司法行政部门负责人")
    OTHER = "other", zh("法律规定的机关")


class BadLimits(Refusal):
    """A file of limits that can't be taken; the message names the row and says why."""

    def __init__(self, what: str) -> None:
        super().__init__(zh("期限的数据文件有误：{what}。", what=what))


@dataclass(frozen=True, slots=True)
class Extension:
    """A way to a longer limit: to a total (`to`) or by so much more (`by`), at most `times`, in the limit's unit.

    `approver` goes by the kind of unit that handles the case; `other` stands for every kind not named.
    """

    key: str
    ground: str
    approver: Mapping[str, Body]
    to: int | None = None
    by: int | None = None
    times: int = 1

    def approver_for(self, unit_kind: str) -> Body | None:
        return self.approver.get(unit_kind) or self.approver.get("other")

    def budget_after(self, budget: int) -> int:
        return self.to if self.to is not None else budget + (self.by or 0)


@dataclass(frozen=True, slots=True)
class LocalStandard:
    """What this county asks of itself where the law sets no number. Never called the law."""

    amount: int
    unit: TimeUnit
    source: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One version of one time limit."""

    id: str
    name: str
    name_en: str
    law: str
    article: str
    sure: Sure
    source: str
    also: str = ""
    trigger: str = ""
    amount: int | None = None
    unit: TimeUnit | None = None
    promptly: str = ""
    held: bool = False
    continuous: bool = False
    reckoned_by: str = ""
    extensions: tuple[Extension, ...] = ()
    in_order: bool = False
    suspends: tuple[str, ...] = ()
    at_end: str = ""
    note: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
    rungs: tuple[str, ...] = ()
    local: LocalStandard | None = None
    effective_from: date = date.min
    effective_to: date | None = None

    @property
    def basis(self) -> str:
        """Law and article as a page prints them."""
        return f"{self.law}{self.article}" + (f"；{self.also}" if self.also else "")

    def runs_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All versions of all limits, and where each source can be read."""

    limits: Sequence[Limit]
    sources: Mapping[str, str]

    def versions(self, limit_id: str) -> list[Limit]:
        return [limit for limit in self.limits if limit.id == limit_id]

    def on(self, limit_id: str, day: date) -> Limit | None:
        """The version in force on a day."""
        return next((limit for limit in self.versions(limit_id) if limit.runs_on(day)), None)


def read(*texts: str) -> Catalogue:
    """A catalogue from one or more TOML texts; a later [[local]] is hung on the limit it names.

    Raises BadLimits for an unknown field, unit or body, a row without its law, versions that overlap.
    """
    sources: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for text in texts:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadLimits(str(error)) from error
        sources |= {entry["key"]: entry["title"] for entry in data.get("source", [])}
        rows += data.get("limit", [])
        for entry in data.get("local", []):
            _hang(entry, rows)
    limits = [_limit(row) for row in rows]
    _no_overlap(limits)
    return Catalogue(limits, sources)


@cache
def packaged() -> Catalogue:
    """The limits that come with the software."""
    return read(*(path.read_text(encoding="utf-8") for path in PACKAGED))


def _hang(entry: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    targets = [row for row in rows if row.get("id") == entry.get("id")]
    if not targets:
        raise BadLimits(f"local standard for an unknown limit: {entry.get('id')}")
    for row in targets:
        row["local"] = {key: value for key, value in entry.items() if key != "id"}


def _limit(row: dict[str, Any]) -> Limit:
    name = row.get("id", "?")
    try:
        values = {
            **row,
            "sure": Sure(row["sure"]),
            "unit": TimeUnit(row["unit"]) if "unit" in row else None,
            "extensions": tuple(_extension(each) for each in row.get("extension", [])),
            "suspends": tuple(row.get("suspends", [])),
            "rungs": tuple(row.get("rungs", [])),
            "local": _local(row["local"]) if "local" in row else None,
        }
        values.pop("extension", None)
        limit = Limit(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise BadLimits(f"{name}: {error}") from error
    if (limit.amount is None) != (limit.unit is None):
        raise BadLimits(f"{name}: amount and unit go together")
    if limit.amount is not None and not 0 < limit.amount <= LONGEST[limit.unit or TimeUnit.DAYS]:
        raise BadLimits(f"{name}: amount {limit.amount}")
    if not limit.law:
        raise BadLimits(f"{name}: no law")
    if limit.promptly and zh(limit.promptly) not in PROMPTLY:
        raise BadLimits(f"{name}: promptly {limit.promptly}")
    return limit


def _extension(row: Mapping[str, Any]) -> Extension:
    approver = row["approver"]
    table = {"other": approver} if isinstance(approver, str) else approver
    if ("to" in row) == ("by" in row):
        raise ValueError(f"extension {row['key']}: either to or by")
    return Extension(**{**row, "approver": {kind: Body(body) for kind, body in table.items()}})


def _local(row: Mapping[str, Any]) -> LocalStandard:
    return LocalStandard(row["amount"], TimeUnit(row["unit"]), row["source"])


def _no_overlap(limits: Sequence[Limit]) -> None:
    by_id: dict[str, list[Limit]] = {}
    for limit in limits:
        by_id.setdefault(limit.id, []).append(limit)
    for versions in by_id.values():
        versions.sort(key=lambda each: each.effective_from)
        for earlier, later in zip(versions, versions[1:], strict=False):
            if earlier.effective_to is None or earlier.effective_to > later.effective_from:
                raise BadLimits(f"{earlier.id}: versions overlap at {later.effective_from}")


def amount_in_words(amount: int, unit: TimeUnit) -> Sentence:
    return zh("{amount}{unit}", amount=amount, unit=unit.label)
