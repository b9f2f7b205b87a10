"""Explain one limit: from what instant to what end, in steps. Reads the data files, so it needs no instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qingkong.kernel.clocks.limits import Catalogue, Limit, amount_in_words
from qingkong.kernel.clocks.reckoning import (
    Budget,
    CannotReckon,
    Reckoned,
    Span,
    TimeUnit,
    instant_in_words,
    reckon,
    too_late,
)
from qingkong.kernel.clocks.wording import Bilingual
from qingkong.kernel.clocks.working_calendar import Calendar
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import TZ, Sentence, zh

EARLIEST, LATEST = 1950, 2199
RECKONED_BY = {
    "CAL-01": zh("按《公安机关办理行政案件程序规定》第三十五条计算。"),
    "CAL-02": zh("按《行政处罚法》第八十五条，以工作日计算。"),
    "CAL-03": zh("按《刑事诉讼法》第一百零五条计算。"),
}
LOCAL_ONLY = zh("法律没有规定数字（{promptly}）；这里按本地标准{amount}计算，不是法定期限。{standard}。")

PAST_LOCAL = zh("到 {due} 仍未办理，即超过本地标准。")


class UnknownLimit(Refusal):
    """No limit has this id, or none was in force on that day."""


class NoNumber(Refusal):
    """The rule sets no amount of time, and no local standard stands beside it."""


class BadInput(Refusal):
    """An instant or a span that can't be read."""

    status = 422


@dataclass(frozen=True, slots=True)
class Explained:
    """The reckoning of one limit, with everything needed to say how sure it is."""

    limit: Limit
    start: datetime
    reckoned: Reckoned
    steps: tuple[Sentence, ...]


def explain(
    limit_id: str,
    *,
    start: datetime,
    catalogue: Catalogue,
    calendar: Calendar,
    held: bool = False,
    suspended: Sequence[Span] = (),
) -> Explained:
    """Reckon a limit from `start` (aware). Raises UnknownLimit, NoNumber, BadInput."""
    limit = _version(limit_id, start, catalogue)
    amount, unit, local = _number(limit)
    budget = Budget(amount, unit, held=held or limit.held, continuous=limit.continuous or bool(local))
    try:
        result = reckon(budget, start=start, calendar=calendar, suspended=suspended)
    except CannotReckon as error:
        raise BadInput(error.sentence) from error
    steps = [_heading(limit), *local]
    if limit.reckoned_by and not local:
        steps.append(RECKONED_BY[limit.reckoned_by])
    if suspended and not limit.suspends:
        steps.append(zh("注意：这一期限没有可以中止的法定情形，中止只按您的输入演算。"))
    steps += [
        PAST_LOCAL.fill(due=instant_in_words(result.due)) if local and step == too_late(result.due) else step
        for step in result.steps
    ]
    return Explained(limit, start, result, (*steps, zh("依据的可信程度：{sure}。", sure=limit.sure.label)))


def read_instant(text: str) -> datetime:
    """2026-02-13T16:30, with seconds or an offset if one likes; without offset the county's clock. Raises BadInput."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(zh("“{text}”不是时间，请写成 2026-02-13T16:30。", text=text)) from error
    if not EARLIEST <= at.year <= LATEST:
        raise BadInput(zh("“{text}”的年份超出 {first}—{last}。", text=text, first=EARLIEST, last=LATEST))
    return at if at.tzinfo else at.replace(tzinfo=TZ)


def read_span(text: str) -> Span:
    """A..B, days or instants; B isn't included. Raises BadInput for one that can't be read or ends before it begins."""
    first, dots, last = text.partition("..")
    if not dots:
        raise BadInput(zh("“{text}”不是起止时间，请写成 2026-02-20..2026-02-25。", text=text))
    since, until = read_instant(first), read_instant(last)
    if until <= since:
        raise BadInput(zh("“{text}”的结束不晚于开始。", text=text))
    return Span(since, until)


def _version(limit_id: str, start: datetime, catalogue: Catalogue) -> Limit:
    versions = catalogue.versions(limit_id)
    if not versions:
        raise UnknownLimit(
            zh("没有编号为“{limit}”的期限。", limit=limit_id), how=zh("用 qingkong clocks list 查看全部编号。")
        )
    day = start.astimezone(TZ).date()
    limit = catalogue.on(limit_id, day)
    if limit is None:
        first = min(version.effective_from for version in versions)
        raise UnknownLimit(
            zh("“{limit}”在 {day} 尚未施行，最早从 {first} 起。", limit=limit_id, day=day.isoformat(), first=first)
        )
    return limit


def _number(limit: Limit) -> tuple[int, TimeUnit, list[Sentence]]:
    if limit.amount is not None and limit.unit is not None:
        return limit.amount, limit.unit, []
    if limit.local is None:
        word = zh("法律写的是“{promptly}”，", promptly=zh(limit.promptly)) if limit.promptly else ""
        raise NoNumber(zh("“{name}”{word}没有可以计算的期限数字。", name=_name(limit), word=word))
    local = limit.local
    sentence = LOCAL_ONLY.fill(
        promptly=zh(limit.promptly), amount=amount_in_words(local.amount, local.unit), standard=local.source
    )
    return local.amount, local.unit, [sentence]


def _heading(limit: Limit) -> Sentence:
    if limit.amount is None or limit.unit is None:
        return zh("{limit} {name}（{basis}）。", limit=limit.id, name=_name(limit), basis=limit.basis)
    return zh(
        "{limit} {name}：{amount}（{basis}）。",
        limit=limit.id,
        name=_name(limit),
        amount=amount_in_words(limit.amount, limit.unit),
        basis=limit.basis,
    )


def _name(limit: Limit) -> Sentence:
    return Bilingual(limit.name, limit.name_en)
