"""Grades, batches and how sure a result is. Pure: no Django, no clock, no dice."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from qingkong.kernel.text import Labelled, Sentence, zh

INVITATION_LASTS = timedelta(days=30)
SMALLEST_BATCH = 5
SHOWN_FROM = 30
COMMENT_LENGTH = 200
Z95 = 1.959963984540054


class About(Labelled):
    CALL = "call", zh("警情")
    CASE = "case", zh("案件")


class Grade(Labelled):
    VERY_SATISFIED = "5", zh("很满意")
    SATISFIED = "4", zh("满意")
    NEITHER = "3", zh("一般")
    DISSATISFIED = "2", zh("不满意")
    VERY_DISSATISFIED = "1", zh("很不满意")


class Told(Labelled):
    NO = "no", zh("没有")
    YES = "yes", zh("有")
    NO_ANSWER = "skip", zh("不想说")


TOO_FEW = zh("答卷不足 {least} 份，不显示结果。", least=SHOWN_FROM)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Share of satisfied answers, in percent, with its 95 % interval; None where too few answered."""

    answered: int
    invited: int
    share: float | None
    low: float | None
    high: float | None
    told: float | None  # percent who say somebody told them how to answer

    @property
    def shown(self) -> bool:
        return self.share is not None

    @property
    def rate(self) -> float | None:
        """Percent of those invited who answered."""
        return 100 * self.answered / self.invited if self.invited else None

    @property
    def why_hidden(self) -> Sentence | None:
        return None if self.shown else TOO_FEW


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval of a proportion, as shares between 0 and 1 (Wilson 1927). Needs n > 0."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n}")
    p, z2 = successes / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def estimate(counts: dict[Grade, int], *, told: int, invited: int) -> Estimate:
    """What `counts` of each grade say; hidden under thirty answers, so that nobody is found in it."""
    n = sum(counts.values())
    if n < SHOWN_FROM:
        return Estimate(n, invited, None, None, None, None)
    satisfied = counts.get(Grade.SATISFIED, 0) + counts.get(Grade.VERY_SATISFIED, 0)
    low, high = wilson(satisfied, n)
    return Estimate(n, invited, 100 * satisfied / n, 100 * low, 100 * high, 100 * told / n)
