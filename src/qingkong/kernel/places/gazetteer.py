"""Match what people write against every division at once. Pure; a thousand names fit in memory.

A match is certain only if nothing else could be meant: a name that several villages bear, part of a name,
or a village that the named township doesn't have gives candidates, never a guess.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qingkong.kernel.places.names import ENDINGS, normal, shown

WHOLE = 100  # the text is the name, with or without its township
WITHIN = 95  # township and name, and then a house or a shop
INITIALS = 90  # typed by its initials alone
LOOSE = 80  # a name and more, but where the name ends isn't plain
PREFIX = 70
PART = 60
ELSEWHERE = 40  # that township has no such village; another has
CERTAIN = WITHIN

_ORDER = {"province": 0, "city": 1, "county": 2, "township": 3, "village": 4}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A division that may be meant; `score` is out of 100 and only orders, it is no probability."""

    code: str
    name: str
    full_name: str
    level: str
    score: int


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates, the best first; `certain` when the first is the only one that can be meant."""

    candidates: list[Candidate]
    certain: bool


@dataclass(slots=True)
class Place:
    code: str
    name: str
    parent: str
    level: str
    forms: list[str] = field(default_factory=list)
    pinyin: list[str] = field(default_factory=list)
    initials: list[str] = field(default_factory=list)


class Gazetteer:
    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {place.code: place for place in places}
        self._above = [p for p in self.places.values() if p.level in ("province", "city", "county")]
        self._townships = [p for p in self.places.values() if p.level == "township"]
        self._villages: dict[str, list[Place]] = {}
        for place in self.places.values():
            if place.level == "village":
                self._villages.setdefault(place.parent, []).append(place)

    def full_name(self, code: str) -> str:
        """沙河站镇前河涯村 for a village; its own name for a township; the code itself where it is unknown."""
        place = self.places.get(code)
        if place is None:
            return code
        if place.level == "village":
            return f"{self.places[place.parent].name}{shown(place.name)}"
        return place.name

    def find(self, text: str, *, within: str | None = None, limit: int = 10) -> Found:
        compact, gaps = normal(text[:200])
        if not compact:
            return Found([], certain=False)
        latin = compact.isascii()
        scores: dict[str, int] = {}
        for code, score in self._matches(compact, gaps, latin=latin, within=within or ""):
            if code.startswith(within or ""):
                scores[code] = max(score, scores.get(code, 0))
        best = sorted(scores, key=lambda c: (-scores[c], _ORDER[self.places[c].level], len(self.places[c].name), c))
        sure = [c for c in best if scores[c] >= CERTAIN]
        return Found([self._candidate(c, scores[c]) for c in best[:limit]], certain=len(sure) == 1)

    def _candidate(self, code: str, score: int) -> Candidate:
        place = self.places[code]
        return Candidate(code, place.name, self.full_name(code), place.level, score)

    def _matches(self, text: str, gaps: frozenset[int], *, latin: bool, within: str) -> Iterator[tuple[str, int]]:
        for place in self.places.values():
            if text in _forms(place, latin):
                yield place.code, WHOLE
            elif latin and text in place.initials:
                yield place.code, INITIALS
        text, gaps = self._without_county(text, gaps, latin=latin)
        known = self.places.get(within[:9])
        if known is not None and known.level == "township":
            yield from self._in_township(known, text, gaps, latin=latin)
        parsed = list(self._with_township(text, gaps, latin=latin))
        yield from parsed
        if any(score == WHOLE for _, score in parsed):
            return  # nothing else can come near it
        if latin:
            yield from self._initials_with_township(text)
        for place in [*self._townships, *(v for village in self._villages.values() for v in village)]:
            score = _score(place, text, gaps, latin=latin)
            if score:
                yield place.code, score

    def _with_township(self, text: str, gaps: frozenset[int], *, latin: bool) -> Iterator[tuple[str, int]]:
        for township in self._townships:
            form = max((f for f in _forms(township, latin) if text.startswith(f) and f != text), key=len, default="")
            if form:
                rest, rest_gaps = _cut(text, gaps, len(form))
                plain = _ends(form, len(form) in gaps, latin=latin)
                yield from self._named(township, rest, rest_gaps, plain=plain, latin=latin)

    def _named(
        self, township: Place, rest: str, gaps: frozenset[int], *, plain: bool, latin: bool
    ) -> Iterator[tuple[str, int]]:
        """The township is written out; `rest` follows it."""
        inside = list(self._in_township(township, rest, gaps, latin=latin))
        yield from inside
        elsewhere = [
            place.code
            for code, villages in self._villages.items()
            if code != township.code
            for place in villages
            if rest in _forms(place, latin)
        ]
        if any(score >= PREFIX for _, score in inside):
            yield township.code, PART
        elif elsewhere:
            yield township.code, LOOSE
            yield from ((code, ELSEWHERE) for code in elsewhere)
        else:
            yield township.code, WITHIN if plain else LOOSE

    def _in_township(
        self, township: Place, text: str, gaps: frozenset[int], *, latin: bool
    ) -> Iterator[tuple[str, int]]:
        villages = [(v, _score(v, text, gaps, latin=latin)) for v in self._villages.get(township.code, [])]
        whole = [v for v, score in villages if score == WHOLE]
        for village, score in villages:
            if score == LOOSE and _longest(village, text, gaps, latin=latin) and not whole:
                score = WITHIN
            if score:
                yield village.code, score

    def _initials_with_township(self, text: str) -> Iterator[tuple[str, int]]:
        for township in self._townships:
            for start in township.initials:
                if text.startswith(start) and len(text) > len(start):
                    rest = text[len(start) :]
                    yield from ((v.code, INITIALS) for v in self._villages.get(township.code, []) if rest in v.initials)

    def _without_county(self, text: str, gaps: frozenset[int], *, latin: bool) -> tuple[str, frozenset[int]]:
        for place in sorted(self._above, key=lambda p: _ORDER[p.level]):
            form = _forms(place, latin)[0] if _forms(place, latin) else ""
            if form and text.startswith(form) and len(text) > len(form):
                text, gaps = _cut(text, gaps, len(form))
        return text, gaps


def _forms(place: Place, latin: bool) -> list[str]:
    return place.pinyin if latin else place.forms


def _cut(text: str, gaps: frozenset[int], length: int) -> tuple[str, frozenset[int]]:
    return text[length:], frozenset(gap - length for gap in gaps if gap > length)


def _ends(form: str, gap_follows: bool, *, latin: bool) -> bool:
    return gap_follows or (not latin and form.endswith(ENDINGS))


def _longest(place: Place, text: str, gaps: frozenset[int], *, latin: bool) -> bool:
    """Whether the longest form that the text begins with plainly ends there."""
    form = max((f for f in _forms(place, latin) if text.startswith(f)), key=len, default="")
    return bool(form) and _ends(form, len(form) in gaps, latin=latin)


def _score(place: Place, text: str, gaps: frozenset[int], *, latin: bool) -> int:
    forms = _forms(place, latin)
    if text in forms:
        return WHOLE
    if any(text.startswith(form) for form in forms):
        return LOOSE
    if any(form.startswith(text) for form in forms):
        return PREFIX
    if len(text) >= (4 if latin else 1) and any(text in form for form in forms):
        return PART
    return 0
