"""When a challenge still holds, and what the person is shown. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingkong.kernel.text import Sentence, local, zh

DIGITS = 6
CHALLENGE_LASTS = timedelta(minutes=10)
VISIT_LASTS = timedelta(minutes=15)
TRIES = 5
CHALLENGES_AN_HOUR = 10

SENT = zh("如果查询码和手机号都对，六位验证码已发到这个手机。")
NOT_OPENED = zh("验证码不对，或者已经过期。")
AGAIN = zh("请核对短信里的六位数字；过了十分钟请重新查询。")
TOO_OFTEN = zh("查询太多次了，请一小时后再来。")
CALL_US = zh("也可以带回执到任何派出所窗口查询。")


@dataclass(frozen=True, slots=True)
class Standing:
    """A challenge as it stands."""

    made_at: datetime
    tries: int
    used: bool
    fits: bool  # the code and the phone belonged to one report


def holds(challenge: Standing, *, at: datetime) -> bool:
    """Whether its digits may still be tried."""
    return (
        not challenge.used and challenge.tries < TRIES and challenge.made_at <= at < challenge.made_at + CHALLENGE_LASTS
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the progress page: done, now, or to come."""

    text: Sentence
    state: str  # done, now, next
    at: datetime | None = None

    @property
    def note(self) -> str:
        """The day, as the page shows it; nothing finer."""
        return f"{local(self.at):%Y-%m-%d}" if self.at else ""


REGISTERED = zh("已登记，给了您回执")
DECIDING = zh("审查是否立案")
HANDLING = zh("办理中")
RESULT = zh("办结，结果告知您")
SURVEY = zh("请您评价")


def steps(*, registered_at: datetime, filed_at: datetime | None, over: bool, over_at: datetime | None) -> list[Step]:
    """The five steps, from what is known; never more than the words of the list."""
    if over and filed_at is None:  # declined or transferred: there is no case to follow
        return [Step(REGISTERED, "done", registered_at), Step(DECIDING, "done", over_at), Step(RESULT, "done", over_at)]
    return [
        Step(REGISTERED, "done", registered_at),
        Step(DECIDING, "done" if filed_at else "now", filed_at),
        Step(HANDLING, "done" if over else "now" if filed_at else "next"),
        Step(RESULT, "done" if over else "next", over_at),
        Step(SURVEY, "now" if over else "next"),
    ]
