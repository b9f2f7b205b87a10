"""When a time limit runs out, and each step of the reckoning in words. Pure: no Django, no clock, no database.

Follows 公安机关办理行政案件程序规定 第三十五条 and 刑事诉讼法 第一百零五条 (the first hour or day isn't counted; a last day
that is a day off moves to the first working day after it, except while a person is held) and 行政处罚法 第八十五条 (working
days). All ends are half-open: `due` is the first instant that is too late, for days the midnight after the last day,
Asia/Shanghai.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from qingkong.kernel.clocks.working_calendar import WEEKDAYS, Calendar
from qingkong.kernel.text import TZ, Labelled, Sentence, local, zh

LONGEST = {"minutes": 525_600, "hours": 87_600, "days": 36_500, "working_days": 3_650, "months": 1_200, "years": 100}


class TimeUnit(Labelled):
    MINUTES = "minutes", zh("分钟")
    HOURS = "hours", zh("小时")
    DAYS = "days", zh("日")
    WORKING_DAYS = "working_days", zh("个工作日")
    MONTHS = "months", zh("个月")
    YEARS = "years", zh("年")


BY_THE_HOUR = frozenset({TimeUnit.MINUTES, TimeUnit.HOURS})


class CannotReckon(ValueError):
    """The amount or a suspension makes no sense; the message is a Sentence."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class Span:
    """Time that isn't counted, from `since` until `until` (not included)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The first instant that is too late (Asia/Shanghai), how it came about, and whether a predicted year is in it."""

    due: datetime
    steps: tuple[Sentence, ...]
    predicted: bool


@dataclass(frozen=True, slots=True)
class Budget:
    """What is reckoned: an amount of a unit.

    `held`: a person is held while it runs, so that the last day never moves. `continuous`: the law limits how long
    something lasts (持续时间), so that it counts from the very minute and not from the next full hour.
    """

    amount: int
    unit: TimeUnit
    held: bool = False
    continuous: bool = False


def reckon(budget: Budget, *, start: datetime, calendar: Calendar, suspended: Sequence[Span] = ()) -> Reckoned:
    """When `budget` runs out that began at `start` (aware).

    Raises CannotReckon for an amount that isn't positive or is absurdly large, and for a span that ends before it begins.
    """
    if not 0 < budget.amount <= LONGEST[budget.unit]:
        raise CannotReckon(zh("期限的数字不对：{amount}{unit}。", amount=budget.amount, unit=budget.unit.label))
    spans = merged(suspended)
    if budget.unit in BY_THE_HOUR:
        return _by_the_hour(budget, local(start), spans)
    return _by_the_day(budget, local(start), spans, calendar)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch or overlap made one. Raises CannotReckon for one that ends before it begins."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda each: each.since):
        if span.until < span.since:
            raise CannotReckon(zh("中止的结束早于开始：{span}。", span=_span_in_words(span)))
        if result and span.since <= result[-1].until:
            result[-1] = Span(result[-1].since, max(result[-1].until, span.until))
        else:
            result.append(span)
    return result


def _by_the_hour(budget: Budget, start: datetime, spans: list[Span]) -> Reckoned:
    exact = budget.continuous or budget.unit is TimeUnit.MINUTES
    begin = start if exact else start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    steps = [_begin_by_the_hour(start, begin, exact)]
    length = timedelta(minutes=budget.amount) if budget.unit is TimeUnit.MINUTES else timedelta(hours=budget.amount)
    end = begin + length
    steps.append(
        zh("加{amount}{unit}，到 {end}。", amount=budget.amount, unit=budget.unit.label, end=instant_in_words(end))
    )
    for span in spans:
        lost = span.until - max(span.since, begin)
        if span.since < end and lost > timedelta(0):
            end += lost
            steps.append(
                zh(
                    "{span} 中止，不计入，顺延{lost}，到 {end}。",
                    span=_span_in_words(span),
                    lost=_length(lost),
                    end=instant_in_words(end),
                )
            )
    steps.append(zh("以小时计算的期限连续计算，遇节假日不顺延。"))
    steps.append(too_late(end))
    return Reckoned(end, tuple(steps), False)


def _begin_by_the_hour(start: datetime, begin: datetime, exact: bool) -> Sentence:
    if exact:
        return zh("从 {start} 起连续计算（持续时间，不扣开始之时）。", start=instant_in_words(start))
    return zh(
        "{start} 开始；开始之时不计入，从 {begin} 起算。", start=instant_in_words(start), begin=instant_in_words(begin)
    )


def _by_the_day(budget: Budget, start: datetime, spans: list[Span], calendar: Calendar) -> Reckoned:
    first_day = start.date() + timedelta(days=1)
    steps = [
        zh(
            "{start} 开始；开始之日不计入，从 {first}起算。",
            start=instant_in_words(start),
            first=day_in_words(first_day),
        )
    ]
    days_off = [(local(span.since).date(), local(span.until).date()) for span in spans]
    if budget.unit is TimeUnit.WORKING_DAYS:
        last = _last_working_day(budget.amount, start.date(), days_off, calendar)
        steps += [_suspension_of_days(since, until) for since, until in days_off if since < until and since <= last]
        steps.append(
            zh(
                "数{amount}个工作日（节假日不计，调休上班日计入），最后一日是 {last}。",
                amount=budget.amount,
                last=day_in_words(last),
            )
        )
    else:
        last = _last_day(budget, start.date())
        steps.append(
            zh(
                "{amount}{unit}的最后一日是 {last}。",
                amount=budget.amount,
                unit=budget.unit.label,
                last=day_in_words(last),
            )
        )
        for since, until in days_off:
            lost = (until - max(since, first_day)).days
            if since <= last and lost > 0:
                last += timedelta(days=lost)
                steps += [
                    _suspension_of_days(since, until),
                    zh("顺延{lost}日，最后一日是 {last}。", lost=lost, last=day_in_words(last)),
                ]
        last, moved = _off_a_holiday(last, budget.held, calendar)
        steps += moved
    due = datetime.combine(last + timedelta(days=1), time(), TZ)
    steps.append(too_late(due))
    return Reckoned(due, *_with_predictions(steps, start.date(), last, calendar))


def _last_day(budget: Budget, start: date) -> date:
    if budget.unit is TimeUnit.DAYS:
        return start + timedelta(days=budget.amount)
    return months_after(start, budget.amount * (12 if budget.unit is TimeUnit.YEARS else 1))


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months on, or that month's last day where it has none (民法典 第二百零二条)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_working_day(amount: int, start: date, days_off: list[tuple[date, date]], calendar: Calendar) -> date:
    for day in calendar.working_days(start):
        if any(since <= day < until for since, until in days_off):
            continue
        amount -= 1
        if amount == 0:
            return day
    raise AssertionError("working days never end")


def _off_a_holiday(last: date, held: bool, calendar: Calendar) -> tuple[date, list[Sentence]]:
    if calendar.is_working(last):
        return last, []
    why = zh("{day}是{why}", day=day_in_words(last), why=calendar.why_off(last))
    if held:
        return last, [zh("{why}；人被限制人身自由期间，不因节假日延长。", why=why)]
    moved = calendar.next_working(last)
    return moved, [zh("{why}，顺延到节假日后的第一个工作日 {moved}。", why=why, moved=day_in_words(moved))]


def _with_predictions(
    steps: list[Sentence], first: date, last: date, calendar: Calendar
) -> tuple[tuple[Sentence, ...], bool]:
    for year in calendar.unpublished(first, last):
        steps.append(_predicted(year, calendar))
    return tuple(steps), bool(calendar.unpublished(first, last))


def _predicted(year: int, calendar: Calendar) -> Sentence:
    if year < min(calendar.years, default=year):
        return zh("{year}年的放假安排没有收录，此处按现行放假办法推算。", year=year)
    return zh("{year}年的放假安排尚未公布，此处按放假办法推算，公布后会重算。", year=year)


def _suspension_of_days(since: date, until: date) -> Sentence:
    return zh("{since}至 {until}（当日恢复计算）中止，不计入。", since=day_in_words(since), until=day_in_words(until))


def too_late(due: datetime) -> Sentence:
    """The last step of every reckoning."""
    return zh("到 {due} 仍未办理，即为超期。", due=instant_in_words(due))


def day_in_words(day: date) -> Sentence:
    return zh("{day}（{weekday}）", day=day.isoformat(), weekday=WEEKDAYS[day.weekday()])


def instant_in_words(at: datetime) -> Sentence:
    at = local(at)
    clock = at.strftime("%H:%M:%S" if at.second else "%H:%M")
    return zh("{day}（{weekday}）{clock}", day=at.date().isoformat(), weekday=WEEKDAYS[at.weekday()], clock=clock)


def _span_in_words(span: Span) -> Sentence:
    return zh("{since} 至 {until}", since=instant_in_words(span.since), until=instant_in_words(span.until))


def _length(length: timedelta) -> Sentence:
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return zh("{hours}小时{minutes}分", hours=hours, minutes=minutes)
