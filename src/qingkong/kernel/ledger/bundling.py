"""A proof bundle: every entry of one subject with all it takes to check them, for somebody who needn't believe us.

What a reader may see is disclosed with its salt; looks and what the reader may not see stay commitments; what was
erased by law is shown as erased, with the entry of its erasure. Making a bundle is an entry itself, which holds the
digest of the manifest: so the bundle can't be changed afterwards, nor denied.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from qingkong.kernel.ledger import acts, canonical, cosigners, sequencing, tree
from qingkong.kernel.ledger.bundle_files import attached_files, entry_files, for_the_reader, history, listed
from qingkong.kernel.ledger.bundle_scope import Attached, CannotBundle, Scope, entries_about, is_about, is_erased
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Entry
from qingkong.kernel.ledger.proving import prove
from qingkong.kernel.ledger.recording import record
from qingkong.kernel.ledger.tiling import consistency_ranges
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh
from qingkong_verify.bundle import FORMAT, HISTORY, MADE, written
from qingkong_verify.opening import MANIFEST

MOST = 5_000
PRIVATE = ("access.", "identity.", "ledger.cosigner")
"""Acts whose facts are about officers or refusals: never disclosed in a bundle."""

NO_ENTRIES = zh("存证里没有关于它的记录。")
TOO_MANY = zh("这个对象有 {count} 条存证，一个证明包最多 {most} 条。")
HOW_TOO_MANY = zh("请用 qingkong ledger export 导出整本存证。")

Discloses = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a bundle would hold: entries, contents that are looks or withheld, erased ones, and what isn't cosigned."""

    entries: int
    looks: int
    erased: int
    uncosigned: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was made: its files by name, under a folder called `name`."""

    name: str
    files: Mapping[str, bytes]
    entry: Entry
    entries: int


def count(scope: Scope, *, using: str = "default") -> Counted:
    """What a bundle of this would hold now."""
    rows = entries_about(scope, using).values_list("act", "leaf__sequence", "commitment", "facts__value")
    covered = cosigners.covered(using)
    found = list(rows[: MOST + 1])
    return Counted(
        entries=len(found),
        looks=sum(acts.is_look(act) for act, *_ in found),
        erased=sum(bool(commitment) and value is None for _, _, commitment, value in found),
        uncosigned=sum(sequence is None or sequence >= covered for _, sequence, _, _ in found),
    )


def may_disclose(act: str) -> bool:
    """Whether the content of such an entry may ever be shown outside: not that of looks, refusals and accounts."""
    return not acts.is_look(act) and not act.startswith(PRIVATE)


def make(
    scope: Scope, *, actor: Any, at: datetime, discloses: Discloses = lambda act: False,
    attached: Iterable[Attached] = (), purpose: str = "", reference: str = "", using: str = "default",
) -> Bundle:  # fmt: skip
    """Make the bundle of a subject, and enter that it was made.

    `discloses(act)` says which contents the reader may see; looks, refusals and accounts are left out whatever it
    says. `attached` are files that a disclosed entry names. Raises NotFound, CannotBundle.
    """
    sequencing.integrate(using)
    rows = _rows(scope, using)
    shown = {row.pk for row in rows if may_disclose(row.act) and discloses(row.act)}
    erasures = {str(row.facts.erasure_id) for row in rows if is_erased(row) and row.facts.erasure_id}
    rows = sorted(
        [*rows, *_erasures(erasures - {str(row.pk) for row in rows}, using)], key=lambda row: row.leaf.sequence
    )
    standings = _standings(using)
    files = entry_files(rows, scope, shown, standings, using)
    files[HISTORY] = history(standings, using)
    files |= attached_files(attached, rows, shown)
    files |= for_the_reader(scope, rows, at, using)
    own = sum(is_about(row, scope) for row in rows)
    manifest = written(
        {
            "format": FORMAT, "subject": scope.subject, "thread": scope.thread, "made_at": canonical.moment(at),
            "entries": own, "files": {name: listed(data) for name, data in sorted(files.items())},
        }
    )  # fmt: skip
    entry = _enter(scope, manifest, own, len(shown), actor, at, purpose, reference, using)
    files |= {MANIFEST: manifest, MADE: _made(entry, standings[-1].size, using)}
    return Bundle(_name(scope, at), files, entry, own)


# --- what belongs in --------------------------------------------------------------------------------------------


def _rows(scope: Scope, using: str) -> list[Entry]:
    """The subject's entries that are signed, by their place."""
    rows = list(entries_about(scope, using).filter(leaf__isnull=False).select_related("leaf", "facts")[: MOST + 1])
    if not rows:
        raise NotFound(NO_ENTRIES)
    if len(rows) > MOST:
        raise CannotBundle(TOO_MANY.fill(count=f"{MOST}+", most=MOST), how=HOW_TOO_MANY)
    return rows


def _erasures(wanted: set[str], using: str) -> list[Entry]:
    """Entries of erasures that are about an entry here but not about the subject."""
    return list(Entry.objects.using(using).filter(pk__in=wanted, leaf__isnull=False).select_related("leaf", "facts"))


def _standings(using: str) -> list[Checkpoint]:
    """The newest cosigned checkpoint, if there is one, and the newest of all."""
    rows = Checkpoint.objects.using(using).prefetch_related("cosignatures")
    newest = rows.order_by("-number").first()
    last = Cosignature.objects.using(using).order_by("-checkpoint_id").values_list("checkpoint_id", flat=True).first()
    assert newest is not None  # there is a leaf, so it was signed
    return [newest] if last is None or last == newest.number else [rows.get(pk=last), newest]


# --- that it was made -------------------------------------------------------------------------------------------


def _enter(
    scope: Scope, manifest: bytes, entries: int, disclosed: int, actor: Any, at: datetime, purpose: str,
    reference: str, using: str,
) -> Entry:  # fmt: skip
    facts = {"entries": entries, "disclosed": disclosed, "manifest": sha256(manifest).hexdigest()}
    with transaction.atomic(using=using):
        return record(
            actor=actor, at=at, act="ledger.bundled", subject=scope.subject, thread=scope.thread, facts=facts,
            purpose=purpose, reference=reference, using=using,
        )  # fmt: skip


def _made(entry: Entry, since: int, using: str) -> bytes:
    """The proof of that entry, and that its checkpoint continues the one the other proofs rest on."""
    sequencing.integrate(using)
    proof = prove(entry, with_facts=True, using=using)
    proof["checkpoint"] = proof["checkpoint"].partition("\n\n")[0] + "\n\n" + _own_line(proof["checkpoint"])
    steps = [digest.hex() for digest in tree.ranges(consistency_ranges(since, proof["size"]), using)]
    return written({**proof, "since": since, "consistency": steps})


def _own_line(note: str) -> str:
    return note.partition("\n\n")[2].split("\n")[0] + "\n"


def _name(scope: Scope, at: datetime) -> str:
    """A folder's name that every system takes."""
    kind = scope.thread or scope.subject.partition(":")[0].replace(".", "-") + "-" + scope.subject[-6:]
    plain = "".join(c for c in kind.lower() if c.isascii() and (c.isalnum() or c == "-")) or "subject"
    return f"qingkong-proof-{plain}-{local(at):%Y%m%d-%H%M}"
