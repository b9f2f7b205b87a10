"""Bring limits and calendar from the data files into the database; say what changed. `qingkong data load`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.clocks import limits, working_calendar
from qingkong.kernel.clocks.limits import Body, Catalogue, Extension, Limit, LocalStandard, Sure
from qingkong.kernel.clocks.models import CalendarYear, Clock, TimeLimit
from qingkong.kernel.clocks.reckoning import TimeUnit
from qingkong.kernel.clocks.working_calendar import Calendar
from qingkong.kernel.text import zh

COLUMNS = (
    "name", "name_en", "law", "article", "amount", "promptly", "held", "source", "effective_from", "effective_to",
)  # fmt: skip
SUBJECT = "clocks.limits"


def local_folder() -> Path:
    """Where a county keeps its own standards and calendar years: `local/` in the instance's folder."""
    return Path(settings.QINGKONG_HOME) / "local"


@transaction.atomic
def load(*, actor: Actor, at: datetime) -> list[str]:
    """Bring the rows up to the data; one line for each change, none when nothing changed.

    A row of the law is never deleted: a version that left the file stays, for the clocks that run on it.
    Raises BadLimits or BadCalendar for a local file that can't be taken.
    """
    changes = _load_limits(catalogue_of_files()) + _load_calendar(calendar_of_files())
    if changes:
        changes += _reckon_again(at)
        ledger.record(actor=actor, at=at, act="clocks.limits_loaded", subject=SUBJECT, facts={"changes": changes})
    return changes


def catalogue_of_files() -> Catalogue:
    """The packaged limits with the county's own `time_limits.toml`, if it keeps one."""
    texts = [path.read_text(encoding="utf-8") for path in limits.PACKAGED]
    own = local_folder() / "time_limits.toml"
    return limits.read(*texts, *([own.read_text(encoding="utf-8")] if own.exists() else []))


def calendar_of_files() -> Calendar:
    """The packaged calendar; years in the county's own `working_calendar.toml` win."""
    packaged = working_calendar.packaged()
    own = local_folder() / "working_calendar.toml"
    if not own.exists():
        return packaged
    added = working_calendar.read(own.read_text(encoding="utf-8"))
    return Calendar({**packaged.years, **added.years}, packaged.movable)


def limit_of(row: TimeLimit) -> Limit:
    """A row as the pure rules know it."""
    facts = dict(row.facts)
    facts["extensions"] = tuple(
        Extension(**{**each, "approver": {kind: Body(body) for kind, body in each["approver"].items()}})
        for each in facts.get("extensions", [])
    )
    local = facts.get("local")
    facts["local"] = LocalStandard(local["amount"], TimeUnit(local["unit"]), local["source"]) if local else None
    for name in ("suspends", "rungs"):
        facts[name] = tuple(facts.get(name, ()))
    return Limit(
        id=row.code,
        sure=Sure(row.sure),
        unit=TimeUnit(row.unit) if row.unit else None,
        **{name: getattr(row, name) for name in COLUMNS},
        **facts,
    )


def _columns_of(limit: Limit) -> dict[str, Any]:
    own = {*COLUMNS, "id", "sure", "unit"}
    rest = {each.name: getattr(limit, each.name) for each in fields(limit) if each.name not in own}
    rest["extensions"] = [asdict(each) for each in limit.extensions]
    rest["local"] = asdict(limit.local) if limit.local else None
    return {
        **{name: getattr(limit, name) for name in COLUMNS},
        "sure": limit.sure.value,
        "unit": limit.unit.value if limit.unit else "",
        "facts": json.loads(json.dumps(rest, ensure_ascii=False)),
    }


def _load_limits(catalogue: Catalogue) -> list[str]:
    known = {(row.code, row.effective_from): row for row in TimeLimit.objects.all()}
    changes, fresh = [], []
    for limit in catalogue.limits:
        columns = _columns_of(limit)
        row = known.get((limit.id, limit.effective_from))
        if row is None:
            fresh.append(TimeLimit(code=limit.id, **columns))
            continue
        if changed := {name: value for name, value in columns.items() if getattr(row, name) != value}:
            changes.append(_changed(limit, row, changed))
            TimeLimit.objects.filter(pk=row.pk).update(**changed)
    TimeLimit.objects.bulk_create(fresh)
    if len(fresh) > 20:
        return [zh("期限：新增 {count} 条。", count=len(fresh)).in_chinese(), *changes]
    added = [
        zh("期限 {code} {name}：新增，{since} 起施行。", code=row.code, name=row.name, since=row.effective_from)
        for row in fresh
    ]
    return [line.in_chinese() for line in added] + changes


def _changed(limit: Limit, row: TimeLimit, changed: Mapping[str, Any]) -> str:
    shown = []
    for name, value in changed.items():
        shown += [_facts_changed(row.facts, value)] if name == "facts" else [f"{name} {getattr(row, name)} → {value}"]
    return zh("期限 {code} {name}：{what}。", code=limit.id, name=limit.name, what="；".join(shown)).in_chinese()


def _facts_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return "；".join(f"{name} {old.get(name)} → {value}" for name, value in new.items() if old.get(name) != value)


def _load_calendar(calendar: Calendar) -> list[str]:
    known = {row.year: row for row in CalendarYear.objects.all()}
    changes = []
    for number, year in sorted(calendar.years.items()):
        columns = {
            "notice": year.notice,
            "read": year.read,
            "holidays": {day.isoformat(): festival for day, festival in year.holidays.items()},
            "workdays": sorted(day.isoformat() for day in year.workdays),
        }
        row = known.get(number)
        if row is None:
            CalendarYear.objects.create(year=number, **columns)
            changes.append(zh("工作日历 {year}：{notice}。", year=number, notice=year.notice).in_chinese())
        elif any(getattr(row, name) != value for name, value in columns.items()):
            CalendarYear.objects.filter(pk=number).update(**columns)
            changes.append(zh("工作日历 {year}：已更正（{notice}）。", year=number, notice=year.notice).in_chinese())
    return changes


def calendar_in_force() -> Calendar:
    """The calendar as loaded, or the packaged one in an instance that has loaded none. One query."""
    packaged = working_calendar.packaged()
    rows = {
        row.year: working_calendar.Year(
            row.year,
            row.notice,
            row.read,
            {date.fromisoformat(day): festival for day, festival in row.holidays.items()},
            frozenset(date.fromisoformat(day) for day in row.workdays),
        )
        for row in CalendarYear.objects.all()
    }
    return Calendar(rows, packaged.movable) if rows else packaged


def _reckon_again(at: datetime) -> list[str]:
    """Refresh the derived ends of running clocks after law or calendar changed."""
    from qingkong.kernel.clocks import running

    calendar, moved = calendar_in_force(), []
    for clock in Clock.objects.filter(stopped_at=None, suspended_at=None).select_related("limit").iterator():
        before = clock.due_at
        running.refresh(clock, calendar=calendar)
        if clock.due_at != before:
            moved.append(clock)
    if not moved:
        return []
    return [zh("有 {count} 个正在计算的期限因此改变了届满时间。", count=len(moved)).in_chinese()]
