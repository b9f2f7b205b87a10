"""Bring the local list of kinds from its data file into the database."""

import tomllib
from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.calls.models import Kind
from qingkong.domains.enforcement.calls.queries.local_lists import DATA
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor

COLUMNS = ("label", "label_en", "group", "priority", "scene")


@transaction.atomic
def load_kinds(*, actor: Actor, at: datetime) -> list[str]:
    """Add, change or retire kinds so that they are what data/kinds.toml says; each change in a line."""
    access.require(actor, "accounts.manage")
    rows = {row["key"]: row for row in tomllib.loads((DATA / "kinds.toml").read_text(encoding="utf-8"))["kind"]}
    known = Kind.objects.in_bulk()
    changes: list[str] = []
    for position, (key, row) in enumerate(rows.items()):
        wanted = Kind(key=key, position=position, retired=False, **{name: row[name] for name in COLUMNS})
        old = known.get(key)
        if old is None or any(getattr(old, f) != getattr(wanted, f) for f in (*COLUMNS, "position", "retired")):
            wanted.save(force_insert=old is None, force_update=old is not None)
            changes.append(f"警情种类 {key} {row['label']}")
    for key, old in known.items():
        if key not in rows and not old.retired:
            old.retired = True
            old.save(update_fields=["retired"])
            changes.append(f"警情种类 {key} {old.label} 停用")
    if changes:
        ledger.record(actor=actor, at=at, act="calls.kinds_loaded", subject="calls.kind", facts={"changes": changes})
    return changes
