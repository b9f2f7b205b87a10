"""The icons of the sprite: lucide's, one stroke width. A name must stand in `assets/icons.json` to be built."""

import json
from functools import cache
from pathlib import Path

LISTED = Path(__file__).parent / "assets" / "icons.json"


@cache
def names() -> frozenset[str]:
    return frozenset(json.loads(LISTED.read_text()))
