"""Bring the registered checks, with a county's own wording, into rows; say what changed. `qingkong data load`."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.gates import checks
from qingkong.kernel.gates.checks import Check
from qingkong.kernel.gates.models import CheckRow
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local as in_county
from qingkong.kernel.text import zh

SUBJECT = "gates.checks"
EDITABLE = frozenset({"id", "sentence", "how", "blocks", "waivable_by", "effective_from", "effective_to"})
COMPARED = ("gate", "steps", "sentence", "how", "article", "blocks", "waivable_by", "local", "effective_to")


class BadChecks(Refusal):
    """A county's `checks.toml` that can't be taken; the message names the check and says why."""

    def __init__(self, what: object) -> None:
        super().__init__(zh("检查项的数据文件有误：{what}", what=what))


@transaction.atomic
def load(*, actor: Actor, at: datetime) -> list[str]:
    """Bring the rows up to code and the county's own file; one line for each change, none when nothing changed.

    A changed check gets a new version from this day on, so that what was asked earlier stays known.
    Raises BadChecks for a local file that can't be taken.
    """
    today = in_county(at).date()
    edits = read_edits()
    current = {row.check_id: row for row in CheckRow.objects.order_by("effective_from")}
    changes: list[str] = []
    for check in checks.registered():
        wanted = _wanted(check, edits.get(check.id, {}))
        changes += _bring_up(check, wanted, current.get(check.id), today)
    for row in CheckRow.objects.filter(effective_to=None).exclude(check_id__in=[c.id for c in checks.registered()]):
        changes += _retire(row, today)
    if changes:
        ledger.record(actor=actor, at=at, act="gates.checks_loaded", subject=SUBJECT, facts={"changes": changes})
    return changes


def read_edits() -> dict[str, dict[str, Any]]:
    """The county's own wording: `local/checks.toml` in the instance's folder, by check id. Raises BadChecks."""
    path = Path(settings.QINGKONG_HOME) / "local" / "checks.toml"
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("check", [])
    except tomllib.TOMLDecodeError as error:
        raise BadChecks(f"{path.name}: {error}") from error
    edits = {}
    for entry in entries:
        check = checks.known(entry.get("id", ""))
        if check is None:
            raise BadChecks(f"{path.name}: {entry.get('id')}?")
        if odd := set(entry) - EDITABLE:
            raise BadChecks(f"{path.name}: {check.id}: {', '.join(sorted(odd))}?")
        _not_softer_than_the_law(check, entry)
        _of_the_right_kind(check, entry)
        edits[check.id] = {name: value for name, value in entry.items() if name != "id"}
    return edits


def _not_softer_than_the_law(check: Check, entry: Mapping[str, Any]) -> None:
    softer = (
        (check.blocks and entry.get("blocks") is False)
        or "effective_to" in entry
        or "effective_from" in entry
        or entry.get("waivable_by") not in (None, "", check.waivable_by)
    )
    if check.article and softer:
        raise BadChecks(zh("{check} 出自{article}，本地只能改措辞或从严。", check=check.id, article=check.article))
    if entry.get("waivable_by") and entry["waivable_by"] not in list(Post):
        raise BadChecks(f"{check.id}: {entry['waivable_by']}?")


def _of_the_right_kind(check: Check, entry: Mapping[str, Any]) -> None:
    kinds = {
        "sentence": str,
        "how": str,
        "blocks": bool,
        "waivable_by": str,
        "effective_from": date,
        "effective_to": date,
    }
    for name, kind in kinds.items():
        if name in entry and not isinstance(entry[name], kind):
            raise BadChecks(f"{check.id}: {name} = {entry[name]!r}")


def _wanted(check: Check, edit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "gate": check.gate.value,
        "steps": list(check.steps),
        "sentence": check.sentence.source,
        "how": check.how.source,
        "article": check.article,
        "blocks": check.blocks,
        "waivable_by": str(check.waivable_by or ""),
        "effective_from": check.effective_from,
        "effective_to": check.effective_to,
        **edit,
        "local": bool(edit),
    }


def _bring_up(check: Check, wanted: dict[str, Any], row: CheckRow | None, today: date) -> list[str]:
    if row is None:
        CheckRow.objects.create(check_id=check.id, **wanted)
        return [zh("检查项 {check}：新增。", check=check.id).in_chinese()]
    changed = [name for name in COMPARED if getattr(row, name) != wanted[name]]
    if not changed:
        return []
    if row.effective_from >= today:
        CheckRow.objects.filter(pk=row.pk).update(**{name: wanted[name] for name in COMPARED})
    else:
        CheckRow.objects.filter(pk=row.pk).update(effective_to=min(today, row.effective_to or today))
        CheckRow.objects.create(check_id=check.id, **{**wanted, "effective_from": today})
    what = "；".join(f"{name} {getattr(row, name)} → {wanted[name]}" for name in changed)
    return [zh("检查项 {check}：自 {day} 起改为：{what}。", check=check.id, day=today, what=what).in_chinese()]


def _retire(row: CheckRow, today: date) -> list[str]:
    if row.effective_from >= today:
        return []
    CheckRow.objects.filter(pk=row.pk).update(effective_to=today)
    return [zh("检查项 {check}：自 {day} 起停用。", check=row.check_id, day=today).in_chinese()]
