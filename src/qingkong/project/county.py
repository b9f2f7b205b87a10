"""The bureau's units, from a data file that each county edits."""

import tomllib
from datetime import datetime
from pathlib import Path

from qingkong.kernel.access import Actor
from qingkong.kernel.access.accounts import make_unit
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import UnitKind

UNITS = Path(__file__).parent / "data" / "units.toml"


def load(*, actor: Actor, at: datetime) -> list[str]:
    """Make the units of the data file that don't exist yet; what was made, a line each."""
    known = set(Unit.objects.values_list("code", flat=True))
    made = []
    for row in tomllib.loads(UNITS.read_text())["unit"]:
        if row["code"] not in known:
            make_unit(**{**row, "kind": UnitKind(row["kind"])}, actor=actor, at=at)
            made.append(f"单位 {row['code']} {row['name']}")
    return made
