"""Carry on what waits for a store that was away: puts that were refused or cut, erasures the store hasn't heard of."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.vault import place
from qingkong.kernel.vault.backend import StoreAway
from qingkong.kernel.vault.models import Blob
from qingkong.kernel.vault.pouring import sha256_of
from qingkong.kernel.vault.receiving import CannotReceive, entered, keep
from qingkong.kernel.vault.waiting import Waiting


def carry_on(*, actor: Actor, at: datetime) -> int:
    """Put what waits into the store, if it is back; how many contents. Nothing happens while it is away.

    Several may do this at once, and somebody may submit the same bytes meanwhile: each content is there once.
    """
    waiting, done = Waiting(place.root()), 0
    try:
        for file in waiting.files():
            with waiting.held(file) as ours:
                done += ours and _carry(file, sha256=file.name, actor=actor, at=at)
    except StoreAway:
        return done
    for sha256 in waiting.erasures():
        with suppress(StoreAway), place.settled() as store:  # one that is locked there doesn't hold up the others
            store.remove(sha256)
            waiting.forget_erasure(sha256)
    return done


def waiting_now() -> int:
    """How many contents wait for the store."""
    return len(Waiting(place.root()).files())


def _carry(file: Path, *, sha256: str, actor: Actor, at: datetime) -> bool:
    with file.open("rb", buffering=0) as content:
        got, size = sha256_of(content)
    if got != sha256:  # the disk of this machine lost it while it waited; whoever sent it was told to send again
        file.rename(file.with_suffix(".damaged"))
        return False
    try:
        keep(file, sha256, size)
    except CannotReceive:  # erased by law meanwhile
        file.unlink(missing_ok=True)
        return False
    with transaction.atomic():
        if entered(sha256, size).stored:
            ledger.record(
                actor=actor,
                at=at,
                act="vault.carried",
                subject=Blob(sha256=sha256),
                facts={"sha256": sha256, "size": size},
            )
    return True
