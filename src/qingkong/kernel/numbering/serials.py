"""Take the next number of a series. Gap-free: it comes back if the transaction does."""

from datetime import datetime

from django.db import connections, transaction
from django.db.models import F

from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.text import local

PLAIN = "{series}{year}-{serial:06d}"
STATUTORY = "东公({unit})行罚决字〔{year}〕{serial}号"


def take(series: str, *, at: datetime, form: str = PLAIN, count: int = 1, **gaps: object) -> str:
    """The next number of `series` in the county's year of `at`; with `count`, the first of so many.

    Raises RuntimeError outside a transaction: a number taken there could be lost.
    """
    year = local(at).year
    serial = _advance(series, year, count) - count + 1
    return form.format(series=series, year=year, serial=serial, **gaps)


def take_statutory(*, series: str, at: datetime, form: str = STATUTORY, **gaps: object) -> str:
    """The next number of a statutory paper in its own form, e.g. 东公(沙)行罚决字〔2026〕12号.

    `series` must name what the serial counts within (kind of paper and unit), as the form prints it.
    """
    return take(series, at=at, form=form, count=1, **gaps)


def _advance(series: str, year: int, count: int) -> int:
    if not connections["default"].in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction that uses it")
    row = Serial.objects.filter(series=series, year=year)
    if not row.update(last=F("last") + count):
        with transaction.atomic():
            Serial.objects.get_or_create(series=series, year=year)
        row.update(last=F("last") + count)
    return row.values_list("last", flat=True).get()
