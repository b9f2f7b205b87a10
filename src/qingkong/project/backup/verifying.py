"""Look whether a backup can be restored, by doing it: pieces to files, the database opened, ledger and originals read."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.text import Sentence, zh
from qingkong.project.backup import databases, journal, taking
from qingkong.project.backup.databases import COPY, Snapshot, Unsound, require_point, require_sound
from qingkong.project.backup.manifest import Manifest, Part
from qingkong.project.backup.repository import Damaged, Repository
from qingkong.project.backup.ring import KeyDestroyed

WRONG_FILE = zh("数据库文件 {name} 拼起来与备份时不一样。")
BLOB_BAD = zh("原件 {sha256} 在备份里缺失或被改动。")
BLOB_LOST = zh("原件 {sha256} 备份时已经缺失。")
ONLY_READ = zh("PostgreSQL 的备份只核对了每个字节；存证的核验在备份时已对同一时刻做过。")


@dataclass(slots=True)
class Verdict:
    """What a backup holds and what is wrong with it; sound where `problems` is empty."""

    manifest: Manifest
    blobs: int = 0
    problems: list[Sentence] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)


def verify(repository: Repository, backup_id: str, *, actor: Actor | None, at: datetime) -> Verdict:
    """Read a whole backup and check all of it; entered in the ledger where `actor` is given (a made instance)."""
    verdict = Verdict(repository.get_manifest(backup_id))
    with taking.alone() as spool:
        _look(repository, verdict, spool)
    if actor is not None:
        facts = {"backup": backup_id, "problems": len(verdict.problems), "entries": verdict.manifest.point.size}
        with transaction.atomic():
            ledger.record(actor=actor, at=at, act="instance.backup_verified", subject=taking.SUBJECT, facts=facts)
    return verdict


def _look(repository: Repository, verdict: Verdict, spool: Path) -> None:
    try:
        unpack(repository, verdict.manifest, spool)
        if verdict.manifest.vendor != "sqlite":
            verdict.notes.append(ONLY_READ)
            return
        with databases.standing_on(spool / databases.SQLITE):
            require_sound(COPY)
            require_point(verdict.manifest.point, COPY)
            _look_at_blobs(repository, verdict, Snapshot(spool, COPY))
    except (Damaged, Unsound) as refusal:
        verdict.problems.append(refusal.reason)


def _look_at_blobs(repository: Repository, verdict: Verdict, snapshot: Snapshot) -> None:
    keys, lost = Path(settings.QINGKONG_KEYS), set(verdict.manifest.missing)
    erased = {line.what for line in journal.erased(journal.read(keys))}
    for sha256, _ in snapshot.blobs():
        if f"blob:{sha256}" in erased:
            continue
        if sha256 in lost:
            verdict.notes.append(BLOB_LOST.fill(sha256=sha256))
            continue
        try:
            repository.check_blob(sha256)
        except (Damaged, KeyDestroyed):
            verdict.problems.append(BLOB_BAD.fill(sha256=sha256))
        verdict.blobs += 1


def unpack(repository: Repository, manifest: Manifest, folder: Path) -> None:
    """Put the files of a backup's database together in `folder`, on the disk. Raises Damaged."""
    for part in manifest.parts:
        path = folder / part.name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for data in _pieces(repository, part):
                digest.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if digest.hexdigest() != part.sha256:
            raise Damaged(WRONG_FILE.fill(name=part.name))


def _pieces(repository: Repository, part: Part) -> Iterator[bytes]:
    for sha256 in part.pieces:
        yield repository.get_piece(sha256)


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
