"""Make a restored database what the law has made of the lost one: erased is erased, given numbers are given."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from qingkong.kernel import ledger, vault
from qingkong.kernel.access import Actor, retention
from qingkong.kernel.ledger import sealing
from qingkong.kernel.ledger.models import Facts
from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.text import local
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.project.backup import journal
from qingkong.project.backup.journal import Line


def replay(lines: list[Line], *, actor: Actor, at: datetime) -> int:
    """Erase again what was erased by law after the backup; each is entered. How many were.

    What the backup holds as erased already, and what came after it, stays as it is.
    """
    return sum(_replay_one(line, actor=actor, at=at) for line in lines)


@transaction.atomic
def _replay_one(line: Line, *, actor: Actor, at: datetime) -> bool:
    kind, _, name = line.what.partition(":")
    return _erase_facts(name, line, actor, at) if kind == "facts" else _erase_blob(name, line, actor, at)


def _erase_facts(entry_id: str, line: Line, actor: Actor, at: datetime) -> bool:
    facts = Facts.objects.filter(pk=UUID(entry_id), value__isnull=False).select_related("entry").first()
    if facts is None:
        return False
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # overwrite the old bytes, don't only forget them
    sealing.carry_over(entry_id, bytes(facts.salt or b""), "default")
    erasure = ledger.record(
        actor=actor, at=at, act="ledger.erased", subject=f"ledger.entry:{entry_id}", thread=facts.entry.thread,
        facts=_again(line),
    )  # fmt: skip
    Facts.objects.filter(pk=facts.pk).update(salt=None, value=None, erasure=erasure)
    return True


def _erase_blob(sha256: str, line: Line, actor: Actor, at: datetime) -> bool:
    blob = Blob.objects.filter(pk=sha256, tombstone=None).first()
    if blob is None:
        return False
    Tombstone.objects.create(
        blob=blob, ground=line.ground, first_name=line.first, second_name=line.second, erased_at=journal.instant(line)
    )
    ledger.record(
        actor=actor,
        at=at,
        act="vault.erased",
        subject=blob,
        facts={"sha256": sha256, "size": blob.size, **_again(line)},
    )
    transaction.on_commit(lambda: vault.store().remove(sha256))
    return True


def forget_what_is_over(*, actor: Actor, at: datetime) -> int:
    """Empty what is kept about persons and was over by now, whatever the backup still held. How many records."""
    forgotten = 0
    while went := sum(kind.forgotten for kind in retention.forget_what_is_over(actor=actor, at=at)):
        forgotten += went
    return forgotten


def _again(line: Line) -> dict[str, str]:
    """The facts of an erasure that is done again: who did it first, when, and under which entry."""
    return {
        "ground": line.ground, "first": line.first, "second": line.second, "erased_at": line.at, "erasure": line.erasure,
        "again": "restore",
    }  # fmt: skip


@transaction.atomic
def raise_numbers(given: dict[str, int], *, skip: int, at: datetime) -> dict[str, list[int]]:
    """Let numbers go on after the last one known to have been given out, and leave out `skip` more of this year.

    Which series went from where to where.
    """
    moved = {}
    for name in sorted({*given, *(f"{row.series}/{row.year}" for row in Serial.objects.all())}):
        series, _, year = name.rpartition("/")
        row, _ = Serial.objects.get_or_create(series=series, year=int(year))
        last = max(row.last, given.get(name, 0)) + (skip if int(year) == local(at).year else 0)
        if last > row.last:
            moved[name] = [row.last, last]
            Serial.objects.filter(pk=row.pk).update(last=last)
    return moved
