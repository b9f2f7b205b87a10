from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.kernel.clocks.reckoning import Budget, CannotReckon, Span, TimeUnit, merged, months_after, reckon
from qingkong.kernel.clocks.working_calendar import packaged
from qingkong.kernel.text import TZ

CALENDAR = packaged()
FRIDAY = datetime(2026, 2, 13, 16, 30, tzinfo=TZ)  # two days before the Spring Festival holiday

starts = st.datetimes(datetime(2022, 1, 2), datetime(2026, 11, 30), timezones=st.just(TZ))
day_units = st.sampled_from([TimeUnit.DAYS, TimeUnit.MONTHS, TimeUnit.WORKING_DAYS])
units = st.sampled_from(list(TimeUnit))
amounts = st.integers(1, 90)


def due(amount, unit, start=FRIDAY, suspended=(), **kwargs):
    return reckon(Budget(amount, unit, **kwargs), start=start, calendar=CALENDAR, suspended=suspended).due


def day(text):
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), TZ)


def span(since, until):
    return Span(datetime.fromisoformat(since).replace(tzinfo=TZ), datetime.fromisoformat(until).replace(tzinfo=TZ))


def test_three_days_from_before_the_spring_festival_end_after_it():
    assert due(3, TimeUnit.DAYS) == day("2026-02-25")


def test_three_days_while_a_person_is_held_end_in_the_holiday():
    assert due(3, TimeUnit.DAYS, held=True) == day("2026-02-17")


def test_a_saturday_worked_in_exchange_is_a_working_day():
    assert due(1, TimeUnit.DAYS) == day("2026-02-15")
    assert due(1, TimeUnit.WORKING_DAYS) == day("2026-02-15")


def test_five_working_days_skip_the_nine_day_holiday():
    assert due(5, TimeUnit.WORKING_DAYS) == day("2026-02-28")


def test_thirty_days_that_end_on_a_sunday_move_to_monday():
    assert due(30, TimeUnit.DAYS) == day("2026-03-17")


def test_the_first_hour_is_not_counted():
    assert due(24, TimeUnit.HOURS) == datetime(2026, 2, 14, 17, tzinfo=TZ)


def test_a_duration_counts_from_the_very_minute():
    assert due(8, TimeUnit.HOURS, continuous=True) == datetime(2026, 2, 14, 0, 30, tzinfo=TZ)


def test_hours_never_move_off_a_holiday():
    assert due(24, TimeUnit.HOURS, start=datetime(2026, 2, 16, 9, 5, tzinfo=TZ)) == datetime(2026, 2, 17, 10, tzinfo=TZ)


def test_a_month_ends_on_the_day_of_the_same_number_or_the_last_one():
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert months_after(date(2026, 11, 30), 14) == date(2028, 1, 30)


def test_twelve_months_into_a_year_without_a_notice_say_so():
    result = reckon(Budget(12, TimeUnit.MONTHS), start=FRIDAY, calendar=CALENDAR)
    assert result.predicted
    assert any("2027年的放假安排尚未公布" in str(step) for step in result.steps)


def test_a_suspension_of_days_adds_as_many_days_and_its_end_day_counts_again():
    plain = due(30, TimeUnit.DAYS, held=True)
    assert due(30, TimeUnit.DAYS, held=True, suspended=[span("2026-02-20", "2026-02-25")]) == plain + timedelta(days=5)


def test_suspended_working_days_are_not_counted():
    assert due(5, TimeUnit.WORKING_DAYS, suspended=[span("2026-02-24", "2026-02-26")]) == day("2026-03-03")


def test_a_suspension_after_the_end_changes_nothing():
    assert due(3, TimeUnit.DAYS, suspended=[span("2026-04-01", "2026-05-01")]) == due(3, TimeUnit.DAYS)


def test_a_suspension_that_began_before_the_start_counts_only_from_the_start():
    assert due(24, TimeUnit.HOURS, suspended=[span("2026-02-13T10:00", "2026-02-13T19:00")]) == datetime(
        2026, 2, 14, 19, tzinfo=TZ
    )


def test_a_suspension_that_ends_before_it_begins_is_refused():
    with pytest.raises(CannotReckon, match="早于"):
        merged([span("2026-02-20", "2026-02-19")])


@pytest.mark.parametrize("amount", [0, -1, 10**9])
def test_an_amount_that_makes_no_sense_is_refused(amount):
    with pytest.raises(CannotReckon):
        due(amount, TimeUnit.DAYS)


def test_the_steps_tell_the_whole_reckoning():
    steps = " ".join(str(step) for step in reckon(Budget(3, TimeUnit.DAYS), start=FRIDAY, calendar=CALENDAR).steps)
    for part in ("开始之日不计入", "2026-02-14", "春节", "2026-02-24", "2026-02-25", "超期"):
        assert part in steps


@given(starts, amounts, units, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_later_start_never_ends_earlier(start, amount, unit, later):
    assert due(amount, unit, start=start + later) >= due(amount, unit, start=start)


@given(starts, amounts, units)
def test_a_longer_limit_never_ends_earlier(start, amount, unit):
    assert due(amount + 1, unit, start=start) >= due(amount, unit, start=start)


@given(starts, amounts, units, st.booleans())
def test_the_end_lies_after_the_start(start, amount, unit, held):
    assert due(amount, unit, start=start, held=held) > start


@given(starts, amounts)
def test_held_days_never_move(start, amount):
    assert due(amount, TimeUnit.DAYS, start=start, held=True).date() == start.date() + timedelta(days=amount + 1)


@given(starts, amounts, day_units)
def test_held_never_ends_later_than_free(start, amount, unit):
    assert due(amount, unit, start=start, held=True) <= due(amount, unit, start=start)


@given(starts, amounts, day_units)
def test_the_last_day_of_a_free_limit_is_a_working_day(start, amount, unit):
    assert CALENDAR.is_working(due(amount, unit, start=start).date() - timedelta(days=1))


@given(starts, amounts, day_units, st.booleans())
def test_days_end_at_midnight(start, amount, unit, held):
    end = due(amount, unit, start=start, held=held)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)


@given(starts, amounts, st.lists(st.tuples(st.integers(1, 200), st.integers(0, 30)), max_size=4))
def test_held_days_grow_by_exactly_the_days_suspended_within_them(start, amount, pieces):
    spans = [Span(start + timedelta(days=offset), start + timedelta(days=offset + length)) for offset, length in pieces]
    with_them = due(amount, TimeUnit.DAYS, start=start, held=True, suspended=spans)
    last = with_them.date() - timedelta(days=1)
    stood = {
        each.since.date() + timedelta(days=n)
        for each in spans
        for n in range((each.until.date() - each.since.date()).days)
    }
    counted = [start.date() + timedelta(days=n) for n in range(1, (last - start.date()).days + 1)]
    assert sum(1 for each in counted if each not in stood) == amount
    assert last not in stood


@given(
    starts,
    amounts,
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=9)),
)
def test_hours_grow_by_exactly_the_time_suspended_within_them(start, amount, offset, length):
    plain = due(amount, TimeUnit.HOURS, start=start, continuous=True)
    since = start + offset
    with_it = due(amount, TimeUnit.HOURS, start=start, continuous=True, suspended=[Span(since, since + length)])
    assert with_it - plain == (length if since < plain else timedelta(0))


@given(starts, amounts, st.integers(0, 80), st.integers(0, 40), st.integers(0, 40))
def test_overlapping_suspensions_count_once(start, amount, offset, first, second):
    since = start + timedelta(days=offset)
    apart = [Span(since, since + timedelta(days=first)), Span(since, since + timedelta(days=second))]
    whole = [Span(since, since + timedelta(days=max(first, second)))]
    assert due(amount, TimeUnit.DAYS, start=start, suspended=apart) == due(
        amount, TimeUnit.DAYS, start=start, suspended=whole
    )
