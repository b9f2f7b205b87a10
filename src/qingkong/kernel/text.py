"""Sentences for people: marked where they stand, shown in the reader's language.

Pure: no Django, so that `rules.py` may use it. The project tells it how to translate with `translate_with`.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Shanghai")

_DIGITS = "零一二三四五六七八九"
_translate: Callable[[str], str] = str


def translate_with(translate: Callable[[str], str]) -> None:
    """Say how a Chinese source sentence becomes one in the reader's language."""
    global _translate
    _translate = translate


class Sentence:
    """A Chinese sentence with named gaps; `str()` gives it in the reader's language, gaps filled.

    Gaps are written `{name}`. A gap that is itself a Sentence is rendered in the same language.
    """

    __slots__ = ("params", "source")

    def __init__(self, source: str, **params: object) -> None:
        self.source = source
        self.params = params

    def fill(self, **more: object) -> "Sentence":
        """The same sentence with more gaps filled."""
        return Sentence(self.source, **{**self.params, **more})

    def in_chinese(self) -> str:
        """The sentence as written, whatever the reader's language; for papers and the ledger."""
        filled = {k: v.in_chinese() if isinstance(v, Sentence) else v for k, v in self.params.items()}
        return self.source.format(**filled) if filled else self.source

    def __str__(self) -> str:
        text = _translate(self.source)
        return text.format(**self.params) if self.params else text

    def __repr__(self) -> str:
        return f"zh({self.source!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sentence):
            return self.source == other.source and self.params == other.params
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.source)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def zh(source: str, **params: object) -> Sentence:
    """Mark a Chinese sentence for translation."""
    return Sentence(source, **params)


class Labelled(StrEnum):
    """An enumeration whose members carry a label: `TAKEN = "taken", zh("已接警")`."""

    label: Sentence

    def __new__(cls, value: str, label: Sentence | None = None) -> "Labelled":
        # Members always give a label; without one it is a look-up by value, `State("taken")`, which never comes here.
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or Sentence(value)
        return member


def number_in_words(number: int) -> str:
    """A whole number from 0 to 9999 in Chinese words: 118 → 一百一十八, 10 → 十, 2005 → 二千零五."""
    if not 0 <= number <= 9999:
        raise ValueError(f"0 to 9999, not {number}")
    if number == 0:
        return "零"
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            words += ("零" if gap else "") + _DIGITS[digit] + name
            gap = False
        elif words:
            gap = True
    return words.removeprefix("一") if 10 <= number < 20 else words


def article_in_words(law: str, number: int) -> str:
    """How an article is written: 治安管理处罚法第一百一十八条."""
    return f"{law}第{number_in_words(number)}条"


def date_in_words(day: date) -> str:
    """A day as papers write it: 二〇二六年十一月二十四日."""
    year = "".join("〇一二三四五六七八九"[int(d)] for d in str(day.year))
    return f"{year}年{number_in_words(day.month)}月{number_in_words(day.day)}日"


def fen(amount: int) -> str:
    """Money kept in fen, as people read it: 12345 → 123.45 元, 100000 → 1,000 元."""
    whole, rest = divmod(abs(amount), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole:,}{f'.{rest:02d}' if rest else ''} 元"


def local(at: datetime) -> datetime:
    """An instant on the county's clock."""
    return at.astimezone(TZ)
