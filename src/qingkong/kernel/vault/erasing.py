"""Erase an original by law: a ground, two people, a tombstone, an entry. The log stays whole."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.ledger.erasing import Erased, tell
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault.backend import StoreAway
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.kernel.vault.reading import GONE, Missing, store

NO_GROUND = zh("销毁原件要写明法律依据。")
TWO_PEOPLE = zh("销毁原件要两个人：经办人和另一名有权的人。")
ALREADY = zh("这份原件已经销毁。")


class CannotErase(Refusal):
    """The original stays; the message says what is missing."""


@transaction.atomic
def erase(sha256: str, *, ground: str, actor: Actor, second: Actor, at: datetime) -> Tombstone:
    """Erase a content for ever, on a ground in law, by two different officers who both may.

    The file goes once the transaction has committed; until then nothing is lost. Raises CannotErase, Missing.
    """
    access.require(actor, "vault.erase")
    access.require(second, "vault.erase")
    if actor.officer_id is None or actor.officer_id == second.officer_id:
        raise CannotErase(TWO_PEOPLE)
    if not ground.strip():
        raise CannotErase(NO_GROUND, field="ground")
    blob = Blob.objects.select_for_update().filter(pk=sha256).first()
    if blob is None:
        raise Missing(GONE)
    if Tombstone.objects.filter(pk=sha256).exists():
        raise CannotErase(ALREADY)

    tombstone = Tombstone.objects.create(
        blob=blob, ground=ground.strip(), first_name=actor.name, second_name=second.name, erased_at=at
    )
    erasure = ledger.record(
        actor=actor,
        at=at,
        act="vault.erased",
        subject=blob,
        facts={"sha256": sha256, "size": blob.size, "ground": ground.strip(), "second": second.name},
    )
    tell(Erased(f"blob:{sha256}", erasure, ground.strip(), actor.name, second.name))
    transaction.on_commit(lambda: _remove(sha256))
    return tombstone


def _remove(sha256: str) -> None:
    """What can't be removed now, because the store is away, is noted and removed when it is back (`carry_on`)."""
    with suppress(StoreAway):
        store().remove(sha256)
