"""Attacks on history as a whole, by one who can sign: rewrite, cut off, restore, fork, replay."""

from collections.abc import Callable, Iterator
from typing import Any

from qingkong.kernel import ledger
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.ledger import cosigning, keys, seals, tree
from qingkong.kernel.ledger.canonical import SALT_SIZE
from qingkong.kernel.ledger.models import Checkpoint, Entry, Facts, Leaf
from qingkong.kernel.ledger.sealed_tables import plan, rows_of, sealed_models
from qingkong.kernel.ledger.sequencing import LedgerBroken
from tests.adversary import forging
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage
from tests.adversary.values import earlier

FAMILY = "history, with the server's key"


def attacks(stage: Stage) -> Iterator[Outcome]:
    for name, do in ATTACKS.items():
        with stage.attack():
            do(stage)
            verify = bool(stage.verify() or stage.compare(sealed_models()))
            yield Outcome(FAMILY, name, "ledger", verify, stage.cosigner_sees())


def _victim() -> Entry:
    return Entry.objects.filter(leaf__isnull=False, facts__value__isnull=False).order_by("pk")[5]


def rewrite_an_entry(stage: Stage) -> None:
    forging.rewrite(stage, _victim(), actor_name="示例别人")
    forging.rebuild(stage)


def rewrite_the_facts(stage: Stage) -> None:
    forging.rewrite_facts(stage, _victim(), '{"what":"别的"}')
    forging.rebuild(stage)


def date_back(stage: Stage) -> None:
    victim = _victim()
    forging.rewrite(stage, victim, at=earlier(victim.at))
    forging.rebuild(stage)


def rewrite_row_and_seal(stage: Stage) -> None:
    """Alter an officer's name in the table, in the seal that speaks of it, in the tree, and sign it all."""
    officer = Officer.objects.order_by("pk").first()
    assert officer is not None
    stage.sql("UPDATE identity_officer SET name = '示例假' WHERE id = %s", forging.raw_key(stage, officer))
    _reseal(stage, Officer, officer.pk)
    forging.rebuild(stage)


def _reseal(stage: Stage, model: Any, key: Any) -> None:
    """Have every seal of a row say what the row says now."""
    from django.db import connection

    found = plan(model, connection.vendor)
    ((text, values),) = rows_of(model, [key], "default")
    digests = found.digests(text, values)
    for facts in Facts.objects.filter(salt__isnull=False).select_related("entry"):
        salt = bytes(facts.salt)
        run = list(seals.unpack(salt[SALT_SIZE:])) if len(salt) > SALT_SIZE else []
        if not any(seal.key == text for seal in run):
            continue
        forged = [_forged(seal, digests) if seal.key == text else seal for seal in run]
        salt = salt[:SALT_SIZE] + b"".join(seal.packed() for seal in forged)
        forging.rewrite_facts(stage, facts.entry, facts.value, salt)


def _forged(seal: seals.Seal, digests: dict[bytes, bytes]) -> seals.Seal:
    columns = seals.joined({code: digests[code] for code in seal.pairs()})
    return seals.Seal(seal.kind, seal.label, seal.key, seal.shape, seals.row_digest(digests), columns)


def delete_an_act(stage: Stage) -> None:
    """An entry goes, the others move up, the tree is made anew."""
    victim = _victim()
    kept = [entry for entry in forging.in_order() if entry != victim.pk]
    stage.sql("DELETE FROM ledger_facts WHERE entry_id = %s", forging.raw_key(stage, victim))
    stage.sql("DELETE FROM ledger_leaf")
    stage.sql("DELETE FROM ledger_entry WHERE id = %s", forging.raw_key(stage, victim))
    forging.renumber(stage, kept)
    forging.rebuild(stage)


def change_the_order(stage: Stage) -> None:
    order = forging.in_order()
    order[3], order[4] = order[4], order[3]
    forging.renumber(stage, order)
    forging.rebuild(stage)


def slip_one_in(stage: Stage) -> None:
    """A new entry, dated back, takes a place among the old ones."""
    entry = stage.enter("插")
    stage.sql("DELETE FROM ledger_pending WHERE entry_id = %s", forging.raw_key(stage, entry))
    order = forging.in_order()
    forging.renumber(stage, [*order[:3], entry.pk, *order[3:]])
    forging.rewrite(stage, entry, at=earlier(entry.at))
    forging.rebuild(stage)


def replay_an_entry(stage: Stage) -> None:
    """An old act is entered a second time, bytes and all, at the end of the tree."""
    victim, entry = _victim(), stage.enter("重")
    stage.sql("DELETE FROM ledger_pending WHERE entry_id = %s", forging.raw_key(stage, entry))
    stage.sql(
        "UPDATE ledger_entry SET canonical = %s, leaf_hash = %s WHERE id = %s",
        bytes(victim.canonical), bytes(victim.leaf_hash), forging.raw_key(stage, entry),
    )  # fmt: skip
    forging.renumber(stage, [*forging.in_order(), entry.pk])
    forging.rebuild(stage, forget=False)


def cut_off_the_tail(stage: Stage) -> None:
    """The newest acts never happened: entries, leaves, tiles and checkpoints go, the rest is signed."""
    size = tree.size("default")
    tail = forging.in_order()[size - 3 :]
    stage.sql("DELETE FROM ledger_pending")
    stage.sql("DELETE FROM ledger_leaf WHERE sequence >= %s", size - 3)
    for entry in Entry.objects.filter(pk__in=tail):
        stage.sql("DELETE FROM ledger_facts WHERE entry_id = %s", forging.raw_key(stage, entry))
        stage.sql("DELETE FROM ledger_entry WHERE id = %s", forging.raw_key(stage, entry))
    forging.rebuild(stage)


def begin_anew(stage: Stage) -> None:
    """Everything goes; one act is entered in an empty ledger with the same key."""
    for table in ("cosignature", "checkpoint", "tile", "leaf", "pending", "facts", "entry"):
        stage.sql(f"DELETE FROM ledger_{table}")
    stage.enter("新")
    ledger.integrate()


def restore_an_old_copy(stage: Stage) -> None:
    """Acts are done, signed and cosigned; then the database of before is put back, rows, ledger and all."""
    _restored(stage)


def restore_and_go_on(stage: Stage) -> None:
    """The same, and honest work goes on from the old copy until the ledger is longer than it was."""
    _restored(stage)
    for number in range(8):
        stage.enter(f"续{number}")
    ledger.integrate()


def _restored(stage: Stage) -> None:
    from django.db import transaction

    old = transaction.savepoint()
    for number in range(3):
        stage.enter(f"后{number}")
    ledger.integrate()
    cosigning.cosign(stage.folder, at=stage.at)  # into a folder that no restore reaches
    transaction.savepoint_rollback(old)


def fork(stage: Stage) -> None:
    """The cosigner is shown another head of the same size, signed with the server's key."""
    last = Checkpoint.objects.latest("number")
    head = forging.signed(last.size, b"f" * 32)
    stage.sql("UPDATE ledger_checkpoint SET root = %s, note = %s WHERE number = %s", head.root, head.note, last.number)


def fork_ahead(stage: Stage) -> None:
    """The cosigner is shown a longer head that doesn't continue what it saw."""
    forging.show(forging.signed(tree.size("default") + 5, b"f" * 32))


def another_key(stage: Stage) -> None:
    """The whole ledger is signed anew with a key of the attacker's own, under the same name."""
    forging.rewrite(stage, _victim(), actor_name="示例别人")
    own = keys.Signer(keys.signer().name, keys.ED25519, b"k" * 32)
    forging.rebuild(stage, signer=own)


def take_up_the_tampered(stage: Stage) -> None:
    """Alter an entry and let the server itself go on: it must not sign what doesn't continue."""
    forging.rewrite(stage, Leaf.objects.order_by("sequence")[2].entry, actor_name="示例别人")
    stage.enter("续")
    try:
        ledger.integrate()
    except LedgerBroken:
        return


ATTACKS: dict[str, Callable[[Stage], None]] = {
    "rewrite an entry, rebuild, sign": rewrite_an_entry,
    "rewrite facts, rebuild, sign": rewrite_the_facts,
    "date an entry back, rebuild, sign": date_back,
    "alter a row and its seals, rebuild, sign": rewrite_row_and_seal,
    "take an act out, rebuild, sign": delete_an_act,
    "swap two acts, rebuild, sign": change_the_order,
    "slip an act in, rebuild, sign": slip_one_in,
    "replay an act, rebuild, sign": replay_an_entry,
    "cut off the tail, rebuild, sign": cut_off_the_tail,
    "begin the ledger anew": begin_anew,
    "restore an old copy": restore_an_old_copy,
    "restore an old copy and go on": restore_and_go_on,
    "fork at the same size": fork,
    "fork ahead": fork_ahead,
    "rewrite and sign with another key": another_key,
    "alter an entry and let the server go on": take_up_the_tampered,
}
