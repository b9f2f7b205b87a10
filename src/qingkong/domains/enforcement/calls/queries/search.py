"""Find calls by number or by two characters of a place. Never by people.

Places are found through `PlaceGram`: each pair of characters names the moments of calls that have it, the latest
first by the index alone. The rarest pair of the text leads, the others are probed, and the words decide.
"""

import re
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, PlaceGram
from qingkong.domains.enforcement.calls.queries.lists import MOST, sees_whole_county, visible
from qingkong.domains.enforcement.calls.queries.local_lists import instant_of, moment_of
from qingkong.kernel.access import Actor

NUMBER = re.compile(r"^J\d{4}(-\d{0,8})?$")
BATCHES = (200, 1000, 2000)  # moments looked at, one query each; then the page offers to go on
MOST_PAIRS = 4
RARE = 2000  # pairs up to this common are told apart, beyond it all count as common


@dataclass(frozen=True, slots=True)
class Found:
    """Calls found, the latest first; `next` goes on further back, empty when nothing is left."""

    calls: list[Call]
    next: str = ""


def find_calls(*, actor: Actor, text: str, before: str = "", size: int = MOST) -> Found:
    """Calls by our number (or its beginning), an external number, or characters of a place (two at least)."""
    text = " ".join(text.split())[:60]
    if not text:
        return Found([])
    if NUMBER.match(text.upper()):
        return Found(_by_number(actor, text.upper(), size))
    external = list(visible(actor).filter(external_number=text)[:1])
    if external:
        return Found(external)
    return _by_place(actor, text, before, size)


def _by_number(actor: Actor, start: str, size: int) -> list[Call]:
    rows = visible(actor).filter(number__gte=start, number__lt=f"{start}~").order_by("number")
    return list(rows[:size])


def _by_place(actor: Actor, text: str, before: str, size: int) -> Found:
    pairs = rules.bigrams(text)
    if not pairs:
        return Found([])
    lead, *others = _rarest_first(pairs)
    moments = PlaceGram.objects.filter(gram=lead)
    for pair in others:
        moments = moments.filter(Exists(PlaceGram.objects.filter(gram=pair, moment=OuterRef("moment"))))
    wanted, found, last = rules.plain(text), [], _moment(before)
    for batch in BATCHES:
        window = moments.filter(moment__lt=last) if last is not None else moments
        page = list(window.order_by("-moment").values_list("moment", flat=True)[:batch])
        if not page:
            return Found(found)
        for call in _calls_at(actor, page):
            if wanted in rules.plain(call.place_words):
                found.append(call)
        if len(found) >= size:
            return _cut(found, size)
        last = page[-1]
        if len(page) < batch:
            return Found(found)
    return Found(found, str(last))


def _cut(found: list[Call], size: int) -> Found:
    """The first `size`, and with them all of the same instant, since the next page begins at an instant."""
    last = found[size - 1].taken_at
    rest = islice(found, size, None)
    kept = found[:size] + [call for call in rest if call.taken_at == last]
    return Found(kept, str(moment_of(last)))


def _rarest_first(pairs: list[str]) -> list[str]:
    if len(pairs) == 1:
        return pairs
    step = max(1, len(pairs) // MOST_PAIRS)
    chosen = pairs[::step][:MOST_PAIRS]
    common = {pair: len(PlaceGram.objects.filter(gram=pair).values_list("moment", flat=True)[:RARE]) for pair in chosen}
    return sorted(chosen, key=lambda pair: common[pair])


def _calls_at(actor: Actor, moments: list[int]) -> list[Call]:
    """The actor's calls taken at exactly these moments, the latest first."""
    instants = [instant_of(moment) for moment in moments]
    calls = Call.objects.filter(taken_at__in=instants)
    if not sees_whole_county(actor):
        calls = calls.filter(Q(unit_id=actor.unit_id))
    return list(calls.select_related("kind", "unit").latest_first())


def _moment(before: str) -> int | None:
    return int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
