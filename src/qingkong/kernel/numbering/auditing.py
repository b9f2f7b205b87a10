"""Whether every number that was given out stands on a row, and none stands that wasn't given out."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db.models import Max, QuerySet

from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.numbering.serials import PLAIN
from qingkong.kernel.text import Sentence, zh

NAMED = 20
MISSING = zh("号码 {number} 发出了，却没有一行用它。")
NOT_GIVEN = zh("号码 {number} 没有发过，却有一行用它（{series} {year} 年只发到 {last}）。")


def plain_gaps(series: str, numbers: "QuerySet[Any, str]") -> Iterator[Sentence]:
    """Gaps of a series such as J2026-000001; `numbers` are the flat values of the column that holds them."""
    for row in Serial.objects.filter(series=series).order_by("year"):
        head = PLAIN.format(series=series, year=row.year, serial=0).removesuffix("000000")
        used = numbers.filter(number__startswith=head)
        if used.count() == row.last and used.aggregate(last=Max("number"))["last"] == _plain(row, row.last):
            continue  # as many as were given out, and none beyond: there is no gap
        serials = (text for number in used if (text := number.removeprefix(head)).isdecimal())
        yield from _named(row, map(int, serials), partial(_plain, row))


def form_gaps(row: Serial, *, form: str, unit: str, numbers: "QuerySet[Any, str]") -> Iterator[Sentence]:
    """Gaps of one series of a statutory form, such as 东公(沙)行罚决字〔2026〕12号."""

    def written(serial: object) -> str:
        return form.format(series=row.series, year=row.year, unit=unit, serial=serial)

    head, tail = written("\0").split("\0")
    used = set(numbers.filter(number__startswith=head, number__endswith=tail))
    serials = {n for text in used if (n := text.removeprefix(head).removesuffix(tail)).isdecimal()}
    yield from _named(row, map(int, serials), written)


def _plain(row: Serial, serial: int) -> str:
    return PLAIN.format(series=row.series, year=row.year, serial=serial)


def _named(row: Serial, serials: Iterable[int], written: Callable[[int], str]) -> Iterator[Sentence]:
    used = set(serials)
    for serial in sorted(set(range(1, row.last + 1)) - used)[:NAMED]:
        yield MISSING.fill(number=written(serial))
    for serial in sorted(n for n in used if not 1 <= n <= row.last)[:NAMED]:
        yield NOT_GIVEN.fill(number=written(serial), series=row.series, year=row.year, last=row.last)
