"""Penalties: who may decide which, what must come before, and that a defence never makes one heavier.

治安管理处罚法 §109 power, §112 notice and defence, §114 legal review, §117 hearing. The amounts are rows of
`data/powers.toml`, handed in as `Power` and `Threshold`; none stands here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.text import Labelled, Sentence, fen, zh


class PenaltyKind(Labelled):
    WARNING = "warning", zh("警告")
    FINE = "fine", zh("罚款")
    DETENTION = "detention", zh("行政拘留")
    REVOKE = "revoke", zh("吊销许可证件")
    SHUT = "shut", zh("责令停业整顿")


class ReviewGround(Labelled):
    """When a legal review must come before the decision: §114(1)."""

    PUBLIC_INTEREST = "public_interest", zh("涉及重大公共利益")
    HEARD = "heard", zh("直接关系重大权益，经过听证程序")
    COMPLEX = "complex", zh("案件疑难复杂、涉及多个法律关系")


@dataclass(frozen=True, slots=True)
class Penalty:
    """What is to be imposed on one party. Money in fen, detention in days."""

    warning: bool = False
    fine_fen: int = 0
    detention_days: int = 0
    revoke: bool = False
    shut: bool = False

    @property
    def kinds(self) -> tuple[PenaltyKind, ...]:
        flags = {
            PenaltyKind.WARNING: self.warning,
            PenaltyKind.FINE: self.fine_fen > 0,
            PenaltyKind.DETENTION: self.detention_days > 0,
            PenaltyKind.REVOKE: self.revoke,
            PenaltyKind.SHUT: self.shut,
        }
        return tuple(kind for kind, has in flags.items() if has)


@dataclass(frozen=True, slots=True)
class Power:
    """One row of power: in cases of this kind of unit, holders of these posts may impose up to so much."""

    id: str
    penalty: PenaltyKind | None
    unit: UnitKind | None
    posts: frozenset[Post]
    up_to_fen: int | None
    article: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """From here on something is due: a hearing right. `penalty` alone, or a fine from so many fen."""

    what: str
    penalty: PenaltyKind
    from_fen: int | None
    days: int | None
    article: str


@dataclass(frozen=True, slots=True)
class Course:
    """What has happened on the way to a decision."""

    penalty: Penalty | None  # None: no penalty is to be imposed
    told: Penalty | None
    notice_waived_by_law: bool  # facts not established: 程序规定 §167(3)
    defended: bool
    defence_answered: bool
    hearing_right: bool
    hearing_asked: bool
    hearing_given_up: bool
    hearing_until: datetime | None
    heard: bool
    review_grounds: frozenset[ReviewGround]
    review_passed: bool


NOTHING = zh("没有写明处罚内容。")
NEGATIVE = zh("罚款和拘留日数不能为负。")
TOO_LONG = zh("行政拘留合并执行最长不超过 {days} 日。")
OVER_POWER = zh("{who}没有{penalty}的决定权（{article}）。")
OVER_AMOUNT = zh("{who}可以决定的罚款到 {limit} 元为止，{fine} 元超过了（{article}）。")
TO_COUNTY = zh("请报县级公安机关决定。")
NOT_TOLD = zh("处罚决定前没有告知当事人拟作出的处罚、事实、理由、依据和权利。")
TELL_FIRST = zh("先告知，听取陈述申辩，再报决定。")
HEAVIER = zh("拟作出的处罚比告知当事人的重。不得因陈述、申辩或者要求听证而加重处罚。")
TELL_AGAIN = zh("另有新的事实、证据的，写明后重新告知。")
UNANSWERED = zh("当事人提出了申辩，还没有写明复核结果。")
HEARING_OPEN = zh("当事人要求听证的期限还没有过，也没有书面放弃。")
NOT_HEARD = zh("当事人要求听证，还没有举行。")
NOT_REVIEWED = zh("本案应当先经法制审核；未经审核或者审核未通过的，不得作出决定。")


def yuan(amount: int) -> str:
    """Fen as a figure in yuan, without the word: the sentence around it has that in the reader's language."""
    return fen(amount).removesuffix(" 元")


def why_not_impose(penalty: Penalty, *, thresholds: Iterable[Threshold]) -> Sentence | None:
    """Why this isn't a penalty the law knows, whoever decides it; or None."""
    if penalty.fine_fen < 0 or penalty.detention_days < 0:
        return NEGATIVE
    if not penalty.kinds:
        return NOTHING
    for row in thresholds:
        if row.what == "longest" and row.days is not None and penalty.detention_days > row.days:
            return TOO_LONG.fill(days=row.days)
    return None


def power_for(
    penalty: Penalty | None, *, post: Post, unit: UnitKind, powers: Iterable[Power]
) -> tuple[list[Power], Sentence | None]:
    """The rows that carry this decision for a holder of `post` in a case of such a unit; or the reason why none does.

    A no-penalty decision (None) needs one row without a penalty; a penalty needs a row for each of its kinds.
    """
    mine = [row for row in powers if post in row.posts and row.unit in (None, unit)]
    wanted: tuple[PenaltyKind | None, ...] = penalty.kinds if penalty else (None,)
    carrying = []
    for kind in wanted:
        rows = [row for row in mine if row.penalty is kind]
        if not rows:
            known = next((row.article for row in powers if row.penalty is kind), "")
            name = kind.label if kind else zh("不予处罚")
            return [], OVER_POWER.fill(who=post.label, penalty=name, article=known)
        fine = penalty.fine_fen if penalty and kind is PenaltyKind.FINE else 0
        able = [row for row in rows if row.up_to_fen is None or fine <= row.up_to_fen]
        if not able:
            row = max(rows, key=lambda r: r.up_to_fen or 0)
            return [], OVER_AMOUNT.fill(
                who=post.label, limit=yuan(row.up_to_fen or 0), fine=yuan(fine), article=row.article
            )
        carrying.append(able[0])
    return carrying, None


def heavier(one: Penalty, other: Penalty) -> bool:
    """Whether the first is heavier than the second. A fine in place of a detention that falls away is lighter."""
    if (one.revoke and not other.revoke) or (one.shut and not other.shut):
        return True
    if one.detention_days != other.detention_days and (one.detention_days or other.detention_days):
        if one.detention_days > other.detention_days:
            return True
        if not one.detention_days:
            return False
    return one.fine_fen > other.fine_fen or (one.warning and not other.kinds)


def has_hearing_right(penalty: Penalty, *, under_18: bool, thresholds: Iterable[Threshold]) -> bool:
    """Whether the party must be told of the right to a hearing: §117."""
    for row in thresholds:
        due = row.what == "hearing" or (row.what == "hearing_minor" and under_18)
        reached = row.penalty is not PenaltyKind.FINE or penalty.fine_fen >= (row.from_fen or 0)
        if due and reached and row.penalty in penalty.kinds:
            return True
    return False


def why_not_decide(course: Course, *, at: datetime) -> tuple[Sentence, Sentence | None] | None:
    """What is missing before a decision may be made, with how to put it right; None where nothing is."""
    if not course.notice_waived_by_law and course.told is None:
        return NOT_TOLD, TELL_FIRST
    if course.penalty and course.told and heavier(course.penalty, course.told):
        return HEAVIER, TELL_AGAIN
    if course.defended and not course.defence_answered:
        return UNANSWERED, None
    if course.hearing_right and not course.heard:
        if course.hearing_asked:
            return NOT_HEARD, None
        if not course.hearing_given_up and course.hearing_until and at < course.hearing_until:
            return HEARING_OPEN, None
    if course.review_grounds and not course.review_passed:
        return NOT_REVIEWED, None
    return None
