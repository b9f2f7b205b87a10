"""How long evidence is kept: rows of data/keeping.toml, edited without code."""

import tomllib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingkong.domains.enforcement.evidence import rules
from qingkong.kernel import access

FILE = Path(__file__).parents[1] / "data" / "keeping.toml"


def kept(link: str, *, received_at: datetime) -> dict[str, Any]:
    """Ground, purpose and last day of an item that hangs on a `call` or a `case`."""
    rule = _rules()[link]
    return access.kept(ground=rule.article, purpose=rule.purpose, until=rules.kept_until(rule, received_at))


@lru_cache(maxsize=1)
def _rules() -> dict[str, rules.KeepingRule]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["keeping"]
    return {row["link"]: rules.KeepingRule(row["article"], row["purpose"], row.get("months")) for row in rows}
