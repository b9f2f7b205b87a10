"""Restore an instance from a backup: everything is made ready and verified beside the old, then exchanged.

What was erased by law since the backup is erased again before anybody can open it; numbers go on after the last one
known; and the restore is entered in the restored ledger, with how many entries were lost, why, and who answers for it.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from qingkong.kernel import access, ledger, vault
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project import instance
from qingkong.project.backup import databases, journal, replaying, switching, taking, verifying
from qingkong.project.backup import replica as replicas
from qingkong.project.backup.journal import Line
from qingkong.project.backup.knowing import Known
from qingkong.project.backup.manifest import Manifest, Point
from qingkong.project.backup.repository import Damaged, Repository
from qingkong.project.postgres import preparing

NOT_DECLARED = zh(
    "这份备份落后于已知的状态：备份有 {here} 条存证，已签到 {signed} 条，其中 {cosigned} 条外部单位已经联署。"
)
NOT_DECLARED_HOW = zh("确要恢复，用 --declare 写明原因，用 --by 写明由谁负责：这会作为一条存证公开。")
STANDS = zh("{home} 里已有一个实例，恢复会把它换下来。")
NO_REASON = zh("宣布恢复要写明原因，并用 --by 写明由谁负责（警号）。")
NOBODY = zh("备份里没有警号为 {number} 的在职领导或督察。")
OLD_JOURNAL = zh("手里的密钥比备份还旧：删除日志少了，恢复会带回已依法删除的内容。")
OLD_JOURNAL_HOW = zh("找到最近一次的密钥副本（--keys）。")
OTHER_VENDOR = zh("这份备份是 {vendor} 的，现在的设置（QINGKONG_DATABASE_URL）指向另一种数据库。")
NEWER = zh("这份备份是更新的版本做的（{version}），先升级程序。")
BLOBS_MISSING = zh("备份里缺 {count} 份原件，没有恢复。第一份：{sha256}。")
BLOBS_HOW = zh("换一份更早的备份，或先把备份介质补全。")


class NotDeclared(Refusal):
    """Something would be lost or replaced, and nobody has declared it."""


class CannotRestore(Refusal):
    """The backup can't be restored; nothing of what stands was touched."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Why an older state is restored, and the police number of who answers for it."""

    reason: str
    by: str


@dataclass(slots=True)
class Restored:
    """What a restore did. `point` is what was restored: the backup's, or the copy's. `aside` is where the old instance is now; `unsettled` are erasures whose end nobody knows."""

    manifest: Manifest
    point: Point
    known: Known
    replica: str = ""
    erased: int = 0
    forgotten: int = 0
    blobs: int = 0
    numbers: dict[str, list[int]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unsettled: list[Line] = field(default_factory=list)
    aside: Path | None = None


def require_declared(size: int, known: Known, declaration: Declaration | None, *, home: Path) -> None:
    """Raises NotDeclared where an instance stands here, or more entries are known than the `size` to be restored."""
    if declaration is not None:
        if not declaration.reason.strip() or not declaration.by.strip():
            raise NotDeclared(NO_REASON, field="declare")
        return
    if known.stands:
        raise NotDeclared(STANDS.fill(home=home), how=NOT_DECLARED_HOW)
    if known.signed > size:
        numbers = {"here": size, "signed": known.signed, "cosigned": known.cosigned}
        raise NotDeclared(NOT_DECLARED.fill(**numbers), how=NOT_DECLARED_HOW)


def require_whole_journal(manifest: Manifest, keys: Path) -> list[Line]:
    """The journal of erasures, which must go on from where it was at the backup. Raises CannotRestore."""
    lines = journal.read(keys)
    count, head = manifest.journal
    if journal.standing(keys, count) != (count, head):
        raise CannotRestore(OLD_JOURNAL, how=OLD_JOURNAL_HOW)
    return lines


def restore(
    repository: Repository, manifest: Manifest, *, home: Path, known: Known, declaration: Declaration | None,
    skip: int = 0, replica: str = "", at: datetime,
) -> Restored:  # fmt: skip
    """Restore one backup into `home`, whose lock the caller holds; with `replica`, the database as copied since.

    Raises NotDeclared, CannotRestore, Damaged, Unsound: then nothing of what stood was touched.
    """
    if manifest.vendor != connections["default"].vendor:
        raise CannotRestore(OTHER_VENDOR.fill(vendor=manifest.vendor))
    if not replica:
        require_declared(manifest.point.size, known, declaration, home=home)
    lines = require_whole_journal(manifest, Path(settings.QINGKONG_KEYS))
    switching.require_exchangeable(home)
    done = Restored(manifest, manifest.point, known, replica=replica, unsettled=journal.unsettled(lines))
    with switching.staging(home) as staging:
        with _database(repository, done, staging):
            require_declared(done.point.size, known, declaration, home=home)
            _make_ready(repository, done, lines, declaration, skip=skip, at=at)
        _passing(staging / switching.DATA)
        if not (home / instance.FILE).exists():
            instance.write_facts(staging / instance.FILE, demo=manifest.demo, division=manifest.division)
        switching.decide(home, aside=f"replaced-{at:%Y%m%dT%H%M%SZ}")
    done.aside = switching.finish(home)
    return done


def _make_ready(
    repository: Repository, done: Restored, lines: list[Line], declaration: Declaration | None, *,
    skip: int, at: datetime,
) -> None:  # fmt: skip
    """Make the restored database what it must be before anybody opens it, verify it, and fill up the vault."""
    _bring_up(done.manifest, at=at)
    actor, system = _who(declaration), access.system("restore")
    _bring_blobs(repository, lines, done)
    done.erased = replaying.replay(journal.erased(lines), actor=system, at=at)
    done.forgotten = replaying.forget_what_is_over(actor=system, at=at)
    done.numbers = replaying.raise_numbers(done.known.serials, skip=skip, at=at)
    _enter(done, declaration, actor, at)
    ledger.integrate()
    databases.require_sound("default")
    databases.require_point(done.manifest.point, "default")


@contextmanager
def _database(repository: Repository, done: Restored, staging: Path) -> Iterator[None]:
    """The backup's database as the one that is worked on, not yet in its place."""
    if done.manifest.vendor == "sqlite":
        file = staging / switching.DATA / databases.SQLITE
        if done.replica:
            replicas.bring(done.replica, file)
        else:
            verifying.unpack(repository, done.manifest, staging / switching.DATA)
        with databases.living_on(file):
            if done.replica:
                done.point = databases.Snapshot(staging, "default").point()
            yield
        return
    databases.require_empty()
    verifying.unpack(repository, done.manifest, staging / "database")
    databases.restore_dump(staging / "database" / "dump")
    verifying.remove(staging / "database")
    yield


def _bring_up(manifest: Manifest, *, at: datetime) -> None:
    """Tables of an older release are brought up to this one. Raises CannotRestore for a newer one's."""
    if settings.QINGKONG_OWNER_URL:  # tables and rights, as their owner
        with preparing.as_owner():
            _refuse_newer(manifest)
        preparing.prepare(at=at, say=lambda _: None)
    elif _refuse_newer(manifest):
        call_command("migrate", database="default", verbosity=0)


def _refuse_newer(manifest: Manifest) -> bool:
    """Whether the tables are behind. Raises CannotRestore where they are ahead."""
    executor = MigrationExecutor(connections["default"])
    ours = {app for app, _ in executor.loader.disk_migrations}
    if any(key not in executor.loader.disk_migrations for key in executor.loader.applied_migrations if key[0] in ours):
        raise CannotRestore(NEWER.fill(version=manifest.version))
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _passing(folder: Path) -> None:
    """Sessions and rate limits begin anew: everybody signs in again."""
    from qingkong.project.making import tables_of_passing

    live = connections["passing"]
    before = live.settings_dict["NAME"]
    live.close()
    live.settings_dict["NAME"] = str(folder / "passing.sqlite")
    try:
        tables_of_passing()
    finally:
        live.close()
        live.settings_dict["NAME"] = before


def _who(declaration: Declaration | None) -> Actor:
    """Who answers for a declared restore: a leader or inspector of the restored instance. Raises CannotRestore."""
    from qingkong.kernel.identity.models import Appointment

    if declaration is None:
        return access.system("restore")
    running = Appointment.objects.select_related("officer", "unit").filter(
        officer__username=declaration.by, until_on=None
    )
    for appointment in running:
        actor = access.actor_for(appointment)
        if access.may(actor, "instance.declare"):
            return actor
    raise CannotRestore(NOBODY.fill(number=declaration.by), field="by")


def _bring_blobs(repository: Repository, lines: Iterable[Line], done: Restored) -> None:
    """Put into the vault what isn't there, whole. Raises CannotRestore where the repository lacks one."""
    erased = {line.what for line in journal.erased(list(lines))}
    lost: list[str] = []
    for sha256, size in vault.Blob.objects.filter(tombstone=None).values_list("sha256", "size").iterator():
        if f"blob:{sha256}" in erased or vault.store().is_sound(sha256, size):
            continue
        try:
            vault.receive(_Stream(repository.get_blob(sha256)), promised_sha256=sha256, promised_size=size)
            done.blobs += 1
        except (Damaged, vault.CannotReceive):
            allowed = done.replica or sha256 in done.manifest.missing  # what came in after the backup isn't in it
            (done.missing if allowed else lost).append(sha256)
    if lost:
        raise CannotRestore(BLOBS_MISSING.fill(count=len(lost), sha256=lost[0]), how=BLOBS_HOW)


def _enter(done: Restored, declaration: Declaration | None, actor: Actor, at: datetime) -> None:
    known, point = done.known, done.point
    facts = {
        "backup": done.manifest.id, "replica": bool(done.replica), "taken_at": done.manifest.taken_at, "restored": point.size, "root": point.root,
        "known": max(known.signed, point.size), "cosigned": known.cosigned,
        "reason": declaration.reason if declaration else "", "declared": declaration is not None,
        "erased_again": done.erased, "forgotten": done.forgotten, "missing": done.missing, "numbers": done.numbers,
    }  # fmt: skip
    with transaction.atomic():
        ledger.record(actor=actor, at=at, act="instance.restored", subject=taking.SUBJECT, facts=facts)


class _Stream(io.RawIOBase):
    """Segments as something to read from."""

    def __init__(self, segments: Iterator[bytes]) -> None:
        self._segments, self._held = segments, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held:
            part = next(self._segments, None)
            if part is None:
                return 0
            self._held = part
        count = min(len(buffer), len(self._held))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count
