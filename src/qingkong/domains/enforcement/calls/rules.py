"""What a call may become, and when it may be closed. Pure: no Django, no clock, no database.

States and stamps follow 公安机关《110接处警工作规则》(公通字〔2003〕31号): taken, dispatched, acknowledged (签收),
departed (出警), on scene (到场), reported back (反馈), closed. A stamp is pressed once, when it happens.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingkong.kernel.text import Labelled, Sentence, zh


class Channel(Labelled):
    PHONE = "110", zh("110电话")
    WINDOW = "window", zh("窗口")
    PORTAL = "portal", zh("网上")
    PATROL = "patrol", zh("巡逻发现")


class State(Labelled):
    TAKEN = "taken", zh("待派警")
    DISPATCHED = "dispatched", zh("已派警")
    ACKNOWLEDGED = "acknowledged", zh("已签收")
    DEPARTED = "departed", zh("已出警")
    ON_SCENE = "on_scene", zh("已到场")
    REPORTED = "reported", zh("已反馈")
    CLOSED = "closed", zh("已结警")


class Stamp(Labelled):
    ACKNOWLEDGED = "acknowledged", zh("签收")
    DEPARTED = "departed", zh("出警")
    ARRIVED = "arrived", zh("到场")
    REPORTED = "reported", zh("反馈")


class Result(Labelled):
    CASE_WORTHY = "case_worthy", zh("应当受案立案")
    SETTLED = "settled_on_scene", zh("现场处结")
    NOT_FOR_POLICE = "not_for_police", zh("不属公安职责")
    INVALID = "invalid", zh("无效警情")


PRIORITIES = {1: zh("一级 · 危险正在发生"), 2: zh("二级 · 紧急"), 3: zh("三级 · 一般"), 4: zh("四级 · 不急")}

OPEN = tuple(state for state in State if state is not State.CLOSED)
STAMPS = tuple(Stamp)
_REACHED = {
    Stamp.ACKNOWLEDGED: State.ACKNOWLEDGED,
    Stamp.DEPARTED: State.DEPARTED,
    Stamp.ARRIVED: State.ON_SCENE,
    Stamp.REPORTED: State.REPORTED,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One unit sent to a call: when it was sent, and its stamps as far as pressed."""

    sent_at: datetime
    acknowledged_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    reported_at: datetime | None = None
    stood_down_at: datetime | None = None

    def stamp(self, stamp: Stamp) -> datetime | None:
        return getattr(self, f"{stamp.value}_at")

    @property
    def under_way(self) -> bool:
        """Sent, and neither reported back nor called off."""
        return self.reported_at is None and self.stood_down_at is None

    @property
    def reached(self) -> State:
        """How far this unit has come."""
        pressed = [stamp for stamp in STAMPS if self.stamp(stamp) is not None]
        return _REACHED[pressed[-1]] if pressed else State.DISPATCHED

    @property
    def missing(self) -> list[Stamp]:
        """Stamps that were passed over; nobody fills them in afterwards."""
        return [] if self.stood_down_at else [stamp for stamp in STAMPS if self.stamp(stamp) is None]


def state_of(sent: Iterable[Sent]) -> State:
    """The state of an open call: as far as the unit that leads; reported only when every unit has."""
    live = [one for one in sent if one.stood_down_at is None]
    if not live:
        return State.TAKEN
    if all(one.reported_at is not None for one in live):
        return State.REPORTED
    order = list(State)
    furthest = max(order.index(one.reached) for one in live)
    return order[min(furthest, order.index(State.ON_SCENE))]


# --- dispatch ------------------------------------------------------------------------------------------------

ALREADY_CLOSED = zh("这条警情已经结警。")
NOBODY_SENT = zh("派警至少要有一名民警。")
AUXILIARY_ALONE = zh("辅警不能单独出警，至少要有一名民警带领。")
ALREADY_SENT = zh("这个单位已经派出，还没有反馈。")


def why_not_dispatch(state: State, *, police: int, auxiliaries: int, unit_is_out: bool) -> Sentence | None:
    """The reason that forbids sending this unit, or None. An auxiliary accompanies, and is never alone."""
    if state is State.CLOSED:
        return ALREADY_CLOSED
    if police < 1:
        return AUXILIARY_ALONE if auxiliaries else NOBODY_SENT
    if unit_is_out:
        return ALREADY_SENT
    return None


# --- stamps --------------------------------------------------------------------------------------------------

STOOD_DOWN = zh("这次派警已经撤回。")
PASSED_OVER = zh("已经“{later}”，不能再补“{stamp}”。")
BEFORE_EARLIER = zh("“{stamp}”的时间早于“{earlier}”，不能登记。")
ARRIVE_FIRST = zh("到场以后才能反馈。")


def why_not_stamp(sent: Sent, stamp: Stamp, *, at: datetime) -> Sentence | None:
    """The reason that forbids a stamp now, or None. Pressing one that stands already is no reason: see `pressed`.

    A stamp may be passed over (the gate then says so), but never filled in once a later one stands.
    """
    if sent.stood_down_at is not None:
        return STOOD_DOWN
    position = STAMPS.index(stamp)
    for later in reversed(STAMPS[position + 1 :]):
        if sent.stamp(later) is not None:
            return PASSED_OVER.fill(later=later.label, stamp=stamp.label)
    if stamp is Stamp.REPORTED and sent.arrived_at is None:
        return ARRIVE_FIRST
    earlier = [(s.label, sent.stamp(s)) for s in STAMPS[:position] if sent.stamp(s) is not None]
    label, moment = earlier[-1] if earlier else (zh("派警"), sent.sent_at)
    if moment is not None and at < moment:
        return BEFORE_EARLIER.fill(stamp=stamp.label, earlier=label)
    return None


def next_stamp(sent: Sent) -> Stamp | None:
    """The stamp whose turn it is, or None when the unit has reported or was called off."""
    if not sent.under_way:
        return None
    pressed = [position for position, stamp in enumerate(STAMPS) if sent.stamp(stamp) is not None]
    return STAMPS[pressed[-1] + 1] if pressed else STAMPS[0]


# --- closing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closing:
    """A call as it would be closed."""

    channel: Channel
    result: Result | None
    note: str
    linked: bool
    sent: Sequence[Sent] = ()

    @property
    def live(self) -> list[Sent]:
        return [one for one in self.sent if one.stood_down_at is None]


def lacks_result(closing: Closing) -> bool:
    return closing.result is None


def lacks_report(closing: Closing) -> bool:
    """A unit that was sent hasn't reported back."""
    return any(one.under_way for one in closing.sent)


def lacks_scene(closing: Closing) -> bool:
    """Settled or case-worthy without anybody having been there: only a window, a portal or a linked call may."""
    if closing.result not in (Result.CASE_WORTHY, Result.SETTLED):
        return False
    if closing.linked and closing.result is Result.SETTLED:
        return False
    if closing.channel in (Channel.WINDOW, Channel.PORTAL) and not closing.live:
        return False
    return not any(one.arrived_at is not None for one in closing.live)


def lacks_reason(closing: Closing) -> bool:
    """Invalid, or not for the police, without a word why and where the caller was sent."""
    return closing.result in (Result.INVALID, Result.NOT_FOR_POLICE) and not closing.note.strip()


def lacks_stamps(closing: Closing) -> list[Stamp]:
    """Stamps that were passed over by any unit."""
    return [stamp for stamp in STAMPS if any(stamp in one.missing for one in closing.live)]


# --- the day's list ------------------------------------------------------------------------------------------

WHY_OPEN = {
    State.TAKEN: zh("还没有派警"),
    State.DISPATCHED: zh("派出后没有签收"),
    State.ACKNOWLEDGED: zh("签收后没有出警"),
    State.DEPARTED: zh("出警后没有到场"),
    State.ON_SCENE: zh("到场后没有反馈"),
    State.REPORTED: zh("反馈后没有结警"),
}


@dataclass(frozen=True, slots=True)
class LocalStandard:
    """What the bureau set itself where the law says 迅速 or 及时. Never a limit of law."""

    stamp: Stamp
    within: timedelta
    label: str
    label_en: str


def overdue(sent: Sent, standard: LocalStandard, *, at: datetime) -> bool:
    """Whether a unit under way is past the bureau's own standard for a stamp, counted from dispatch."""
    pressed = sent.stamp(standard.stamp)
    return sent.stood_down_at is None and (pressed or at) - sent.sent_at > standard.within


# --- words of a place ----------------------------------------------------------------------------------------

_GAPS = re.compile(r"[\s,，。、;；·]+")
SHORTEST_SEARCH = 2


def place_words(township: str, village: str, text: str) -> str:
    """A place in one line: 沙河站镇, 前河涯村, "沙河站 前河涯村 村委会门前" → 沙河站镇前河涯村村委会门前.

    What the text says again of township and village is left out; the rest of it stays as typed.
    """
    rest = text.strip()
    for name in (township, village):
        rest = _without(name, rest)
    return f"{township}{village}{rest}"


def _without(name: str, text: str) -> str:
    if not name:
        return text
    if text.startswith(name):
        return _GAPS.sub("", text[len(name) :], count=1) if _GAPS.match(text[len(name) :]) else text[len(name) :]
    short = name[:-1] if name.endswith(("镇", "乡", "村")) and len(name) > 2 else name
    rest = text[len(short) :]
    if text.startswith(short) and (not rest or _GAPS.match(rest)):
        return _GAPS.sub("", rest, count=1)
    return text


def plain(text: str) -> str:
    """How place words compare: no gaps, upper case."""
    return _GAPS.sub("", text).upper()


def bigrams(text: str) -> list[str]:
    """Each pair of neighbouring characters of a place, once, in order of appearance."""
    whole = plain(text)
    return list(dict.fromkeys(whole[i : i + 2] for i in range(len(whole) - 1)))
