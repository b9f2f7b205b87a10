"""Which days are working days in China. Pure: years come from data, an unpublished year is predicted and says so."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh

PACKAGED = Path(__file__).parent / "data" / "working_calendar.toml"

FESTIVALS: Mapping[str, Sentence] = {
    "new_year": zh("元旦"),
    "spring": zh("春节"),
    "qingming": zh("清明节"),
    "labour": zh("劳动节"),
    "dragon_boat": zh("端午节"),
    "mid_autumn": zh("中秋节"),
    "national": zh("国庆节"),
}
WEEKDAYS = (zh("周一"), zh("周二"), zh("周三"), zh("周四"), zh("周五"), zh("周六"), zh("周日"))
WEEKEND = zh("周末")


class BadCalendar(Refusal):
    """A calendar file that can't be taken; the message says which year and why."""

    def __init__(self, what: str) -> None:
        super().__init__(zh("工作日历的数据文件有误：{what}。", what=what))


@dataclass(frozen=True, slots=True)
class Year:
    """One year: days off and the festival each belongs to, weekend days worked in exchange, and where it is from.

    `read` tells whether somebody read the notice (in a copy) or wrote it from memory; `notice` is empty in a
    predicted year.
    """

    year: int
    notice: str
    read: bool
    holidays: Mapping[date, str]
    workdays: frozenset[date]

    @property
    def predicted(self) -> bool:
        return not self.notice


@dataclass(frozen=True, slots=True)
class Calendar:
    """Published years, and the days of the movable festivals by which the others are predicted."""

    years: Mapping[int, Year]
    movable: Mapping[int, Mapping[str, date]] = field(default_factory=dict)

    def year(self, number: int) -> Year:
        return self.years.get(number) or predict(number, self.movable.get(number, {}))

    def is_working(self, day: date) -> bool:
        year = self.year(day.year)
        if day in year.holidays:
            return False
        return day.weekday() < 5 or day in year.workdays

    def why_off(self, day: date) -> Sentence:
        """The festival, or weekend, for which nobody works on a day off."""
        festival = self.year(day.year).holidays.get(day)
        return FESTIVALS[festival] if festival else WEEKEND

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, else the first working day after it."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def working_days(self, after: date) -> Iterator[date]:
        """Working days after a day, without end."""
        day = after
        while True:
            day += timedelta(days=1)
            if self.is_working(day):
                yield day

    def unpublished(self, first: date, last: date) -> list[int]:
        """The predicted years that days from first to last (both included) touch."""
        return [n for n in range(first.year, last.year + 1) if self.year(n).predicted]


def predict(number: int, movable: Mapping[str, date]) -> Year:
    """A year whose notice isn't out: the regulation's thirteen days off, and no exchanged weekends.

    A published year gives longer holidays, so a prediction is seldom late; it can be a day or two early or late
    around exchanged weekends. A year without known movable festivals has the fixed days only.
    """
    days: dict[date, str] = {date(number, 1, 1): "new_year"}
    days |= {date(number, 5, d): "labour" for d in (1, 2)} | {date(number, 10, d): "national" for d in (1, 2, 3)}
    for name, day in movable.items():
        # The regulation gives four days at the Spring Festival: its eve and the first three of the first month.
        length, first = (4, day - timedelta(days=1)) if name == "spring" else (1, day)
        days |= {first + timedelta(days=n): name for n in range(length)}
    return Year(number, "", False, days, frozenset())


def read(text: str) -> Calendar:
    """A calendar from TOML. Raises BadCalendar for a wrong year, an unknown festival or a day outside its year."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCalendar(str(error)) from error
    years = {entry["year"]: _year(entry) for entry in data.get("year", [])}
    movable: dict[int, dict[str, date]] = {}
    for entry in data.get("movable", []):
        movable[entry["year"]] = {name: day for name, day in entry.items() if name in FESTIVALS}
    return Calendar(years, movable)


def _year(entry: Mapping[str, Any]) -> Year:
    number = entry.get("year")
    if not isinstance(number, int) or not 1949 <= number <= 9999:
        raise BadCalendar(f"year: {number!r}")
    holidays: dict[date, str] = {}
    for span in entry.get("holidays", ()):
        holidays |= _days_off(number, span)
    workdays = frozenset(entry.get("workdays", ()))
    if any(day.year != number for day in [*holidays, *workdays]):
        raise BadCalendar(f"{number}: a day of another year")
    return Year(number, str(entry.get("notice", "")), bool(entry.get("read")), holidays, workdays)


def _days_off(number: int, span: Mapping[str, Any]) -> dict[date, str]:
    festival, first, last = span.get("festival"), span.get("from"), span.get("to")
    if not isinstance(festival, str) or festival not in FESTIVALS:
        raise BadCalendar(f"{number}: festival {festival!r}")
    if not isinstance(first, date) or not isinstance(last, date) or not 0 <= (last - first).days <= 14:
        raise BadCalendar(f"{number} {festival}: {first} .. {last}")
    return {first + timedelta(days=n): festival for n in range((last - first).days + 1)}


@cache
def packaged() -> Calendar:
    """The calendar that comes with the software."""
    return read(PACKAGED.read_text(encoding="utf-8"))
