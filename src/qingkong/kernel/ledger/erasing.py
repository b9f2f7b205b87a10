"""Erase the facts of an entry by law. The commitment, the hash and the tree stay valid; the erasure is entered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from qingkong.kernel.ledger import sealing
from qingkong.kernel.ledger.models import Entry, Facts
from qingkong.kernel.ledger.recording import record
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotErase(Refusal):
    """No ground, no second person, or nothing left to erase."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What goes by law in this transaction: `facts:<entry id>` or `blob:<sha256>`, and the entry that says so."""

    what: str
    erasure: Entry
    ground: str
    first: str
    second: str


Witness = Callable[[Erased], None]
_witnesses: list[Witness] = []


def on_erasure(witness: Witness) -> None:
    """Have each erasure told, inside its transaction: what raises there keeps it from happening."""
    if witness not in _witnesses:
        _witnesses.append(witness)


def tell(erased: Erased) -> None:
    """Tell who wants to know of an erasure, in its transaction."""
    for witness in _witnesses:
        witness(erased)


def erase_facts(entry: Entry, *, ground: str, actor: Any, second: Any, at: datetime, using: str = "default") -> Entry:
    """Erase the facts and salt of an entry for good; the entry of the erasure.

    `ground` is the article that asks for it, e.g. 个人信息保护法第四十七条. Two officers do it together.
    Raises CannotErase without a ground, with the same person twice, or where nothing is left.
    """
    if not ground.strip():
        raise CannotErase(zh("删除存证内容要写明法律依据。"), field="ground")
    if second is None or second.officer_id is None or second.officer_id == actor.officer_id:
        raise CannotErase(zh("删除存证内容要有另一名民警一同办理。"), field="second")
    with transaction.atomic(using=using):
        facts = Facts.objects.using(using).select_for_update().filter(entry=entry, value__isnull=False).first()
        if facts is None:
            raise CannotErase(zh("这条存证没有可以删除的内容。"))
        if connections[using].vendor == "sqlite":
            with connections[using].cursor() as cursor:
                cursor.execute("PRAGMA secure_delete = ON")  # overwrite the old bytes, don't only forget them
        sealing.carry_over(str(entry.pk), bytes(facts.salt or b""), using)
        erasure = record(
            actor=actor, at=at, act="ledger.erased", subject=f"ledger.entry:{entry.pk}", thread=entry.thread,
            facts={"ground": ground, "second": second.name, "second_id": second.officer_id}, using=using,
        )  # fmt: skip
        Facts.objects.using(using).filter(pk=facts.pk).update(salt=None, value=None, erasure=erasure)
        tell(Erased(f"facts:{entry.pk}", erasure, ground, str(actor.name), str(second.name)))
    return erasure
