from datetime import date

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.kernel.clocks.working_calendar import BadCalendar, packaged, predict, read

CALENDAR = packaged()


@pytest.mark.parametrize("year", sorted(CALENDAR.years))
def test_each_published_year_agrees_with_an_independent_calendar(year):
    days = [date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())]
    assert [day for day in days if CALENDAR.is_working(day) != chinese_calendar.is_workday(day)] == []


def test_each_published_year_names_its_notice():
    assert all("国办发明电" in year.notice for year in CALENDAR.years.values())
    assert {number for number, year in CALENDAR.years.items() if year.read} == {2025, 2026}


def test_2027_is_predicted_with_the_thirteen_days_of_the_regulation():
    year = CALENDAR.year(2027)
    assert year.predicted
    assert len(year.holidays) == 13
    assert year.holidays[date(2027, 2, 5)] == "spring"  # the eve
    assert not CALENDAR.is_working(date(2027, 10, 1))


def test_a_year_beyond_the_table_keeps_its_fixed_days():
    assert set(predict(2150, {}).holidays.values()) == {"new_year", "labour", "national"}


@given(st.dates(date(2022, 1, 1), date(2040, 12, 31)))
def test_the_next_working_day_is_one_and_nothing_before_it_is(day):
    found = CALENDAR.next_working(day)
    assert CALENDAR.is_working(found)
    assert not any(CALENDAR.is_working(date.fromordinal(n)) for n in range(day.toordinal(), found.toordinal()))


@pytest.mark.parametrize(
    "text",
    [
        "[[year]]\nyear = 'x'",
        "[[year]]\nyear = 2027\nholidays = [{ festival = 'easter', from = 2027-01-01, to = 2027-01-01 }]",
        "[[year]]\nyear = 2027\nholidays = [{ festival = 'spring', from = 2027-02-09, to = 2027-02-01 }]",
        "[[year]]\nyear = 2027\nholidays = [{ festival = 'spring', from = 2027-02-01 }]",
        "[[year]]\nyear = 2027\nworkdays = [2028-01-01]",
        "[[year",
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(text):
    with pytest.raises(BadCalendar):
        read(text)
