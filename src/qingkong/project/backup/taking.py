"""Take a backup: snapshot, pieces, originals, read back, manifest last. Killed at any moment, the one before stands."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qingkong.kernel import ledger, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.ledger import keys
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project.backup import databases, journal
from qingkong.project.backup import manifest as manifests
from qingkong.project.backup.databases import Snapshot, require_point
from qingkong.project.backup.manifest import Manifest, Part
from qingkong.project.backup.repository import PIECE, Damaged, Repository
from qingkong.project.backup.ring import KeyDestroyed

SUBJECT = "instance:backup"
SPOOL = "backing-up"
READ = 2**20

BUSY = zh("另一次备份正在进行。")
BUSY_HOW = zh("等它结束；一个实例同时只做一次备份。")
STILL_BAD = zh("写进去的内容读出来不一样：{name}。这份介质不可靠，备份没有完成。")


class Busy(Refusal):
    """Another backup of this instance is being taken."""


class Unreliable(Refusal):
    """What was written can't be read back; there is no new backup."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken and read back. `written` are the bytes that were new in the repository."""

    manifest: Manifest
    written: int


def take(repository: Repository, *, actor: Actor, at: datetime) -> Taken:
    """Take one backup of the instance and enter it in the ledger.

    Raises Busy, Unreliable, databases.CannotSnapshot, databases.Unsound, stores.CannotReach. Then the backups before
    stand as they stood, and the next run clears up.
    """
    with alone() as spool:
        repository.store.sweep()
        journal.settle(Path(settings.QINGKONG_KEYS))
        ledger.integrate()
        with databases.snapshot(spool) as snapshot:
            parts, written = _put_parts(repository, snapshot)
            count, size, missing, new = _put_blobs(repository, snapshot)
            snapshot.require_sound()
            manifest = _describe(snapshot, _next_id(repository, at), parts, (count, size, missing), at)
            require_point(manifest.point, snapshot.using)
            written += new + repository.put_manifest(manifest)
            _read_back(repository, manifest)
        clear(repository)
        _enter(manifest, written, repository.store.kind, actor, at)
    return Taken(manifest, written)


@contextmanager
def alone() -> Iterator[Path]:
    """An empty folder for this backup. Raises Busy where another one is being taken."""
    spool = databases.home() / SPOOL
    with (databases.home() / f"{SPOOL}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(BUSY, how=BUSY_HOW) from None
        shutil.rmtree(spool, ignore_errors=True)
        try:
            yield spool
        finally:
            shutil.rmtree(spool, ignore_errors=True)


def _put_parts(repository: Repository, snapshot: Snapshot) -> tuple[list[Part], int]:
    """The snapshot's files as pieces; those that a backup before holds are only read back."""
    held = {piece for old in repository.readable() for part in old.parts for piece in part.pieces}
    parts, written = [], 0
    for name, path in snapshot.files():
        pieces, whole = [], hashlib.sha256()
        with path.open("rb") as file:
            while data := file.read(PIECE):
                whole.update(data)
                sha256 = hashlib.sha256(data).hexdigest()
                if sha256 not in held or not _reads_back(repository, sha256):
                    written += repository.put_piece(data)[1]
                    if not _reads_back(repository, sha256):
                        raise Unreliable(STILL_BAD.fill(name=repository.ring.name_of("pieces", sha256)))
                    held.add(sha256)
                pieces.append(sha256)
        parts.append(Part(name, path.stat().st_size, whole.hexdigest(), pieces))
    return parts, written


def _reads_back(repository: Repository, sha256: str) -> bool:
    try:
        repository.get_piece(sha256)
    except Damaged:
        return False
    return True


def _put_blobs(repository: Repository, snapshot: Snapshot) -> tuple[int, int, list[str], int]:
    """Originals that aren't there yet, read back. How many there are, their bytes, the lost ones, the new bytes."""
    count, total, missing, written = 0, 0, [], 0
    for sha256, size in snapshot.blobs():
        try:
            repository.ring.blob_key(sha256)
        except KeyDestroyed:  # erased since the snapshot
            continue
        if not repository.has_blob(sha256, size):
            try:
                written += repository.put_blob(sha256, _content(sha256))
                repository.check_blob(sha256)
            except vault.Missing:
                missing.append(sha256)
                continue
            except Damaged:
                raise Unreliable(STILL_BAD.fill(name=repository.ring.name_of("blobs", sha256))) from None
        count, total = count + 1, total + size
    erased = {line.what for line in journal.erased(journal.read(Path(settings.QINGKONG_KEYS)))}
    return count, total, [one for one in missing if f"blob:{one}" not in erased], written


def _content(sha256: str) -> Iterator[bytes]:
    with vault.open(sha256) as source:
        while part := source.read(READ):
            yield part


def _next_id(repository: Repository, at: datetime) -> str:
    """A name after all others, even where the clock went back: the last one is the newest."""
    last = max(repository.ids(), default="")
    wanted = manifests.id_of(at)
    return wanted if wanted > last else manifests.id_of(manifests.moment(last) + timedelta(microseconds=1))


def _describe(
    snapshot: Snapshot, backup_id: str, parts: list[Part], blobs: tuple[int, int, list[str]], at: datetime
) -> Manifest:
    from importlib.metadata import version

    count, size, missing = blobs
    return Manifest(
        id=backup_id,
        taken_at=at.isoformat(),
        version=version("qingkong"),
        vendor=snapshot.vendor,
        demo=settings.QINGKONG_DEMO,
        division=settings.QINGKONG_DIVISION,
        vkeys=keys.known_vkeys(),
        parts=parts,
        point=snapshot.point(),
        serials=snapshot.serials(),
        blobs=count,
        blob_bytes=size,
        journal=journal.standing(Path(settings.QINGKONG_KEYS)),
        missing=missing,
    )


def _read_back(repository: Repository, manifest: Manifest) -> None:
    if repository.get_manifest(manifest.id) != manifest:
        raise Unreliable(STILL_BAD.fill(name=f"backups/{manifest.id}"))


def clear(repository: Repository) -> int:
    """Remove what no backup needs: pieces of interrupted runs and of backups that went, originals erased by law."""
    ids = repository.ids()
    gone = [one for one in ids if repository.ring.is_destroyed(repository.id, one)]
    kept = list(repository.readable())
    needed = {repository.ring.name_of("pieces", piece) for old in kept for part in old.parts for piece in part.pieces}
    whole = len(kept) + len(gone) == len(ids)  # one that can't be read now might still need its pieces
    unneeded = [name for name, _ in repository.store.names("pieces") if whole and name not in needed]
    erased = journal.erased(journal.read(Path(settings.QINGKONG_KEYS)))
    blobs = [repository.ring.name_of("blobs", line.what[5:]) for line in erased if line.what.startswith("blob:")]
    unneeded += [name for name in blobs if name in repository.blobs_there]
    for name in [*(f"backups/{one}" for one in gone), *unneeded]:
        repository.store.delete(name)
    return len(gone) + len(unneeded)


def _enter(manifest: Manifest, written: int, kind: str, actor: Actor, at: datetime) -> None:
    facts = {
        "backup": manifest.id, "entries": manifest.point.size, "root": manifest.point.root, "kind": kind,
        "database": manifest.database_bytes, "blobs": manifest.blobs, "blob_bytes": manifest.blob_bytes,
        "written": written, "missing": len(manifest.missing),
    }  # fmt: skip
    with transaction.atomic():
        ledger.record(actor=actor, at=at, act="instance.backed_up", subject=SUBJECT, facts=facts)
