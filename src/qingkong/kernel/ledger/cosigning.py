"""A cosigner: an outside body that countersigns checkpoints, and refuses where the log's history changed.

It keeps its own key and the last checkpoint it saw, in its own folder, and trusts nothing of the instance but the
log's public key it first came with. It signs only after a consistency proof (C2SP tlog-cosignature, tlog-witness).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from qingkong.kernel.durable import write_whole
from qingkong.kernel.ledger import keys, notes, tree
from qingkong.kernel.ledger.cosigners import COMMAND_LINE, register, store
from qingkong.kernel.ledger.models import Checkpoint, Cosigner
from qingkong.kernel.ledger.sequencing import checkpoint, newest
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong_verify import VerificationError, verify_checkpoint, verify_consistency
from qingkong_verify.notes import Checkpoint as Statement

FORKED = zh("拒绝联署：存证的历史与上次所见不一致。{why} 前后两个校验点都已留在 {folder}，作为证据。")
UNTRUSTED = zh("拒绝联署：校验点不是已知公钥签的。{why}")
NOTHING = zh("还没有校验点可以联署。")
FIRST_NAME = zh("第一次联署要用 --name 说明您是谁，例如 procuratorate/370923。")
OTHER_NAME = zh("这个文件夹属于“{name}”，不是“{given}”。")
NAME_TAKEN = zh("“{name}”已用另一把公钥联署过。请换一个名称，或查明原因。")


class ForkFound(Refusal):
    """The log shows another history than the one this cosigner saw; both checkpoints are kept as evidence."""


class CannotCosign(Refusal):
    """There is nothing to cosign, or no key and name to do it with."""


@dataclass(frozen=True, slots=True)
class Done:
    """A countersigned checkpoint. `size` entries are now known outside; `before` were at the last visit."""

    name: str
    size: int
    before: int
    note: str
    line: str


def cosign(state: Path, *, name: str = "", at: datetime, using: str = "default") -> Done:
    """Countersign the newest checkpoint of the instance with the cosigner whose folder is `state`.

    Makes key and folder at the first visit, which needs `name`. The cosignature is stored in the instance and in
    the folder. Raises ForkFound where the history changed, CannotCosign where there is nothing to sign.
    """
    with _folder(state):
        signer = _signer(state, name)
        standing = newest(using)
        if standing is None:
            raise CannotCosign(NOTHING)
        seen = state / "checkpoint"
        if not seen.exists() and _introduce(signer, at, using):
            standing = checkpoint(using) or standing
        vkey = _trusted_vkey(state, using)
        now = _read(state, standing.note, vkey)
        before = _read(state, seen.read_text(), vkey) if seen.exists() else None
        if before is not None:
            _continues(state, before, now, standing.note, using)
        line = notes.cosign(signer, standing.note, int(at.timestamp()))
        write_whole(seen, standing.note)
        write_whole(state / "cosigned", f"{standing.note}{line}\n")
        _store(signer, standing, line, at, using)
        return Done(signer.name, now.size, before.size if before else 0, standing.note, line)


def _continues(state: Path, before: Statement, now: Statement, note: str, using: str) -> None:
    """Refuse unless the newest checkpoint continues the one seen before; keep both where it doesn't."""
    try:
        proof = tree.consistency(before.size, now.size, using) if 0 < before.size < now.size else []
        if before.size:
            verify_consistency(before.size, before.root, now.size, now.root, proof)
    except (VerificationError, tree.LedgerBroken) as error:
        write_whole(state / f"fork-{now.size}-{now.root.hex()[:16]}.seen", (state / "checkpoint").read_text())
        write_whole(state / f"fork-{now.size}-{now.root.hex()[:16]}.shown", note)
        raise ForkFound(FORKED.fill(why=str(error), folder=state)) from error


def _signer(state: Path, name: str) -> keys.Signer:
    path = state / "cosigner.key"
    if not path.exists():
        if not name:
            raise CannotCosign(FIRST_NAME, field="name")
        return keys.write_key(path, name, keys.COSIGNATURE)
    signer = keys.read_key(path)
    if name and name != signer.name:
        raise CannotCosign(OTHER_NAME.fill(name=signer.name, given=name), field="name")
    return signer


def _trusted_vkey(state: Path, using: str) -> str:
    """The log's public key as this cosigner first met it."""
    path = state / "log.pub"
    if not path.exists():
        write_whole(path, f"{keys.vkey(using)}\n")
    return path.read_text().strip()


def _read(state: Path, note: str, vkey: str) -> Statement:
    try:
        return verify_checkpoint(note, [vkey])
    except VerificationError as error:
        write_whole(state / "untrusted.shown", note)
        raise ForkFound(UNTRUSTED.fill(why=str(error))) from error


def _introduce(signer: keys.Signer, at: datetime, using: str) -> bool:
    """Enter a cosigner that comes for the first time, so that its own checkpoint covers that. Raises CannotCosign."""
    known = Cosigner.objects.using(using).filter(pk=signer.name).first()
    if known is not None:
        if known.vkey != signer.vkey:
            raise CannotCosign(NAME_TAKEN.fill(name=signer.name), field="name")
        return False
    register(name=signer.name, vkey=signer.vkey, actor=COMMAND_LINE, at=at, using=using)
    return True


def _store(signer: keys.Signer, standing: Checkpoint, line: str, at: datetime, using: str) -> None:
    """Put the cosignature into the instance; a second one for the same checkpoint changes nothing."""
    with transaction.atomic(using=using):
        _introduce(signer, at, using)
        cosigner = Cosigner.objects.using(using).get(pk=signer.name)
        store(cosigner, standing, line, datetime.fromtimestamp(int(at.timestamp()), UTC), using)


@contextmanager
def _folder(state: Path) -> Iterator[None]:
    """The cosigner's folder, made if absent, for one process at a time."""
    import fcntl

    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
