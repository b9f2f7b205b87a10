"""Find calls by number or by two characters of a place. Never by people.

Places are found through `PlaceGram`: each pair of characters names the moments of calls that have it, the latest
first by the index alone. The rarest pair of the text leads, the others are probed, and the words decide.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, PlaceGram
from qingkong.domains.enforcement.calls.queries.lists import MOST, may_see, sees_whole_county
from qingkong.domains.enforcement.calls.queries.local_lists import instant_of, moment_of
from qingkong.kernel.access import Actor

Key = tuple[UUID, datetime]
NUMBER = re.compile(r"^J\d{4}(-\d{0,8})?$")
BATCHES = (64, 256, 700)  # moments looked at, two queries each; then the page offers to go on
MOST_PAIRS = 12  # of a long text, spread over it
PROBED = 3
COMMON = 10_000  # pairs are told apart up to here, beyond it all count as common


@dataclass(frozen=True, slots=True)
class Found:
    """Calls found, the latest first; `next` goes on further back, empty when nothing is left."""

    calls: list[Call]
    next: str = ""


def find_calls(*, actor: Actor, text: str, before: str = "", size: int = MOST) -> Found:
    """Calls by our number (or its beginning), an external number, or characters of a place (two at least)."""
    text = " ".join(text.replace("\0", " ").split())[:60]  # PostgreSQL takes no NUL
    if not text:
        return Found([])
    if NUMBER.match(text.upper()):
        return Found(_by_number(actor, text.upper(), size))
    external = Call.objects.filter(external_number=text).select_related("kind", "unit").first()
    if external is not None and may_see(actor, external):
        return Found([external])
    return _by_place(actor, text, before, size)


def _by_number(actor: Actor, start: str, size: int) -> list[Call]:
    """From the number's own index; only then what the actor may see of it."""
    rows = (
        Call.objects.filter(number__gte=start, number__lt=f"{start}~").order_by("number").values_list("pk", "unit_id")
    )
    mine = [key for key, unit_id in rows[: size * 10] if sees_whole_county(actor) or unit_id == actor.unit_id]
    return list(Call.objects.filter(pk__in=mine[:size]).select_related("kind", "unit").order_by("number"))


def _by_place(actor: Actor, text: str, before: str, size: int) -> Found:
    pairs = rules.bigrams(text)
    if not pairs:
        return Found([])
    lead, *others = _rarest_first(pairs)
    moments = PlaceGram.objects.filter(gram=lead)
    for pair in others:
        moments = moments.filter(Exists(PlaceGram.objects.filter(gram=pair, moment=OuterRef("moment"))))
    wanted, last = rules.plain(text), _moment(before)
    found: list[Key] = []
    for batch in BATCHES:
        window = moments.filter(moment__lt=last) if last is not None else moments
        page = list(window.order_by("-moment").values_list("moment", flat=True)[:batch])
        found += _keys_at(actor, page, wanted)
        if len(found) >= size:
            return _cut(found, size)
        if len(page) < batch:
            return Found(_whole(found))
        last = page[-1]
    return Found(_whole(found), str(last))


def _cut(found: list[Key], size: int) -> Found:
    """The first `size`, and with them all of the same instant, since the next page begins at an instant."""
    last = found[size - 1][1]
    kept = found[:size] + [key for key in found[size:] if key[1] == last]
    return Found(_whole(kept), str(moment_of(last)))


def _whole(found: list[Key]) -> list[Call]:
    keys = [key for key, _ in found]
    return list(Call.objects.filter(pk__in=keys).select_related("kind", "unit").latest_first()) if keys else []


def _rarest_first(pairs: list[str]) -> list[str]:
    """The rarest pair, which leads, and a few more to probe."""
    if len(pairs) == 1:
        return pairs
    step = -(-len(pairs) // MOST_PAIRS)
    common = {pair: PlaceGram.objects.filter(gram=pair).values("moment")[:COMMON].count() for pair in pairs[::step]}
    return sorted(common, key=lambda pair: common[pair])[: PROBED + 1]


def _keys_at(actor: Actor, moments: list[int], wanted: str) -> list[Key]:
    """The actor's calls taken at exactly these moments whose place holds the text, the latest first."""
    if not moments:
        return []
    calls = Call.objects.filter(taken_at__in=[instant_of(moment) for moment in moments])
    if not sees_whole_county(actor):
        calls = calls.filter(unit_id=actor.unit_id)
    rows = calls.latest_first().values_list("pk", "taken_at", "place_words")
    return [(key, taken_at) for key, taken_at, words in rows if wanted in rules.plain(words)]


def _moment(before: str) -> int | None:
    return int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
