"""The command bar: numbers, codes and places, asked of every room that hangs a finder. It never looks for people."""

from dataclasses import dataclass
from datetime import datetime

from qingkong.kernel.access import Actor
from qingkong.web import desk
from qingkong.web.hanging import Hit

SHORTEST = 2
MOST = 30


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    more: bool
    too_short: bool


def find(text: str, *, actor: Actor, at: datetime) -> Found:
    """What the finders have for a text of two characters or more, at most 30."""
    if len(text) < SHORTEST:
        return Found([], more=False, too_short=True)
    hits = [hit for finder in desk.hung.finders for hit in finder(actor, text, at)]
    return Found(hits[:MOST], more=len(hits) > MOST, too_short=False)
