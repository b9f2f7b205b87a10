"""How backups stand, as lines of the status page: the last one, the last look at one, the last restore, the copy."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings

from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.text import zh
from qingkong.project.backup import replica, taking
from qingkong.web.hanging import StatusLine
from qingkong.web.status import in_words

OLD = timedelta(hours=26)  # a nightly backup, and two hours for a long one
LONG_UNVERIFIED = timedelta(days=31)

TITLE = zh("备份与恢复")
LAST = zh("最近一次备份")
AGE = zh("{age}前")
HOLDS = zh("存证 {entries} 条，原件 {blobs} 份，写入时已读回核对。")
LOST = zh("有 {count} 份原件没有进备份：运行 qingkong vault scrub。")
NEVER = zh("还没有")
HOW = zh("运行 qingkong backup，每晚一次；见 docs/backup.md。")
VERIFIED = zh("最近一次通读备份")
SOUND, BROKEN = zh("完好"), zh("有 {count} 处问题")
HOW_VERIFY = zh("每月运行一次 qingkong backup verify。")
RESTORED = zh("最近一次恢复")
NONE = zh("没有恢复过")
TO = zh("恢复到 {restored} 条")
DECLARED = zh("宣布恢复：原来已知 {known} 条。{reason}")
PLAIN = zh("没有已知的存证丢失。")
COPY = zh("连续副本")
OFF, ON = zh("没有配置"), zh("已配置")


def lines(at: datetime) -> Iterator[StatusLine]:
    """Four lines, three queries."""
    yield _taken(at)
    yield _verified(at)
    yield _restored()
    hindered = replica.why_not()
    if hindered is not None:
        yield StatusLine(COPY, ON, "bad", hindered)
    elif settings.QINGKONG_REPLICA:
        yield StatusLine(COPY, ON)
    else:
        yield StatusLine(COPY, OFF, "idle")


def _taken(at: datetime) -> StatusLine:
    last = _last("instance.backed_up")
    if last is None:
        return StatusLine(LAST, NEVER, "bad", HOW)
    when, facts = last
    late = at - when > OLD
    note = HOLDS.fill(entries=facts.get("entries", "?"), blobs=facts.get("blobs", "?"))
    if facts.get("missing"):
        note = LOST.fill(count=facts["missing"])
    state: Literal["ok", "bad"] = "bad" if late or facts.get("missing") else "ok"
    return StatusLine(LAST, AGE.fill(age=in_words(at - when)), state, HOW if late else note, when)


def _verified(at: datetime) -> StatusLine:
    last = _last("instance.backup_verified")
    if last is None:
        return StatusLine(VERIFIED, NEVER, "warn", HOW_VERIFY)
    when, facts = last
    if facts.get("problems"):
        return StatusLine(VERIFIED, BROKEN.fill(count=facts["problems"]), "bad", HOW_VERIFY, when)
    old = at - when > LONG_UNVERIFIED
    return StatusLine(VERIFIED, SOUND, "warn" if old else "ok", HOW_VERIFY if old else "", when)


def _restored() -> StatusLine:
    last = _last("instance.restored")
    if last is None:
        return StatusLine(RESTORED, NONE, "idle")
    when, facts = last
    shown = {name: facts.get(name, "?") for name in ("known", "restored", "reason")}
    value = TO.fill(restored=shown["restored"])
    if facts.get("declared"):
        return StatusLine(RESTORED, value, "warn", DECLARED.fill(known=shown["known"], reason=shown["reason"]), when)
    return StatusLine(RESTORED, value, "ok", PLAIN, when)


def _last(act: str) -> tuple[datetime, dict[str, Any]] | None:
    """When something was last entered about backups, and its facts; empty ones where they were erased."""
    row = (
        Entry.objects.filter(subject=taking.SUBJECT, act=act)
        .order_by("-at", "-id")
        .values_list("at", "facts__value")
        .first()
    )
    return (row[0], json.loads(row[1]) if row[1] else {}) if row else None
