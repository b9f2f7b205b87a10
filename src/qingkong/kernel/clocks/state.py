"""How a clock stands, in a word and in a sentence. Pure."""

from datetime import datetime, timedelta

from qingkong.kernel.text import Labelled, Sentence, zh

WARN_FROM = 0.8
LAST_DAY = timedelta(days=1)


class ClockState(Labelled):
    OK = "ok", zh("期限内")
    WARN = "warn", zh("即将届满")
    OVERDUE = "overdue", zh("已超期")
    STOPPED = "stopped", zh("已终止")


def state_of(
    *, started_at: datetime, due_at: datetime | None, stopped_at: datetime | None, local: bool, at: datetime
) -> ClockState:
    """A clock warns in the last fifth of its time or its last day, whichever is shorter for long and short limits.

    Past a local standard it goes on warning: only the law makes it overdue.
    """
    if stopped_at is not None:
        return ClockState.STOPPED
    if due_at is None:
        return ClockState.OK
    if at >= due_at:
        return ClockState.WARN if local else ClockState.OVERDUE
    length, left = due_at - started_at, due_at - at
    warns = left <= max(length * (1 - WARN_FROM), min(LAST_DAY, length / 2))
    return ClockState.WARN if warns else ClockState.OK


def left_in_words(due_at: datetime, at: datetime) -> Sentence:
    """剩 3 天 4 小时, 剩 2 小时 5 分, 已超 1 天 2 小时; the two greatest parts are enough."""
    left = due_at - at
    length = _length(abs(left))
    return zh("剩 {length}", length=length) if left > timedelta(0) else zh("已超 {length}", length=length)


def _length(length: timedelta) -> Sentence:
    minutes = int(length.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return zh("{days} 天 {hours} 小时", days=days, hours=hours) if hours else zh("{days} 天", days=days)
    if hours:
        return zh("{hours} 小时 {minutes} 分", hours=hours, minutes=minutes)
    return zh("{minutes} 分钟", minutes=minutes)
