"""One consistent point of the database as files, and what the ledger says at that point.

SQLite: the online backup API copies one read snapshot while others go on writing. PostgreSQL: `pg_dump` and our own
questions share one exported snapshot; its directory format keeps a file a table, so that what didn't change isn't
written again.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Max

from qingkong.kernel import ledger
from qingkong.kernel.ledger import keys
from qingkong.kernel.ledger.models import Cosignature
from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault.models import Blob
from qingkong.project.backup.manifest import Point
from qingkong.project.postgres.connecting import database

SQLITE = "qingkong.sqlite"
COPY = "backup_copy"

NO_PROGRAM = zh("备份和恢复 PostgreSQL 需要 {program}，这台机器上没有。")
NO_PROGRAM_HOW = zh("安装：sudo apt-get install postgresql-client")
NO_ROOM = zh("备份要先在 {folder} 放一份数据库副本，需要 {needed} MiB，只剩 {free} MiB。")
NOT_EMPTY = zh("QINGKONG_DATABASE_URL 指的数据库不是空的，不能往里恢复。")
NOT_EMPTY_HOW = zh("新建一个空的数据库，把 QINGKONG_DATABASE_URL 指过去，再恢复；旧的留着，确认无误后再删。")
FAILED = zh("{program} 没有完成：{why}")
OWNER_HOW = zh("表由单独的角色所有，备份要以它的身份读：给出 QINGKONG_DATABASE_OWNER_URL，只在备份时。")
UNSOUND = zh("数据库副本不完好：{why}")
NOT_THE_POINT = zh("副本里的校验点不是备份时的那一个。")


class CannotSnapshot(Refusal):
    """The database couldn't be copied."""


class Unsound(Refusal):
    """The copy isn't sound: pages, references or the ledger in it contradict each other."""


class Snapshot:
    """Files of one point in a folder, and the questions that can be asked of that point."""

    def __init__(self, folder: Path, using: str) -> None:
        self.folder, self.using = folder, using

    @property
    def vendor(self) -> str:
        return str(connections["default"].vendor)

    def files(self) -> list[tuple[str, Path]]:
        """Name and place of each file, in order."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file() and not _beside(path))
        return [(str(path.relative_to(self.folder)), path) for path in found]

    def point(self) -> Point:
        """Where the ledger stands. An empty ledger stands at 0."""
        newest = ledger.sequencing.newest(self.using)
        cosigned = Cosignature.objects.using(self.using).aggregate(size=Max("checkpoint__size"))["size"]
        if newest is None:
            return Point(0, "", "", 0)
        return Point(newest.size, bytes(newest.root).hex(), newest.note, cosigned or 0)

    def serials(self) -> dict[str, int]:
        """The last number given of each series and year, as `J/2026`."""
        return {f"{row.series}/{row.year}": row.last for row in Serial.objects.using(self.using).order_by("id")}

    def blobs(self) -> Iterator[tuple[str, int]]:
        """SHA-256 and size of each original that isn't erased."""
        rows = Blob.objects.using(self.using).filter(tombstone=None).order_by("sha256")
        return rows.values_list("sha256", "size").iterator()

    def require_sound(self) -> None:
        """Raises Unsound where the pages, the references or the ledger of the copy don't agree."""
        require_sound(self.using)


@contextmanager
def snapshot(spool: Path) -> Iterator[Snapshot]:
    """Take one point of the database into the folder `spool`."""
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connections["default"].vendor == "sqlite":
        _copy_sqlite(Path(connections["default"].settings_dict["NAME"]), spool / SQLITE)
        with standing_on(spool / SQLITE):
            yield Snapshot(spool, COPY)
        return
    with transaction.atomic(durable=True), connections["default"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # it idles while pieces are written
        cursor.execute("SELECT pg_export_snapshot()")
        _dump(cursor.fetchone()[0], spool / "dump")
        yield Snapshot(spool, "default")


@contextmanager
def standing_on(file: Path) -> Iterator[None]:
    """A SQLite file as the database `COPY`, for questions."""
    live: Any = connections["default"]
    facts = {**live.settings_dict, "NAME": str(file), "CONN_MAX_AGE": 0, "OPTIONS": dict(live.settings_dict["OPTIONS"])}
    connections[COPY] = type(live)(facts, COPY)
    try:
        yield
    finally:
        connections[COPY].close()
        del connections[COPY]


@contextmanager
def living_on(file: Path) -> Iterator[None]:
    """A SQLite file as the instance's database itself, for changes: a restored copy before it takes its place."""
    live: Any = connections["default"]
    before = live.settings_dict["NAME"]
    live.close()
    live.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        live.close()  # the last connection takes the log along into the file
        live.settings_dict["NAME"] = before


def require_sound(using: str) -> None:
    """Raises Unsound where pages, references or ledger of a database don't agree."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for question in ("PRAGMA integrity_check(5)", "PRAGMA foreign_key_check"):
                answers = [str(row[0]) for row in cursor.execute(question).fetchall()]
                if answers not in ([], ["ok"]):
                    raise Unsound(UNSOUND.fill(why="；".join(answers[:5])))
    report = ledger.verify(using=using, vkeys=keys.known_vkeys())
    if not report.ok:
        raise Unsound(UNSOUND.fill(why="；".join(str(problem) for problem in report.problems[:5])))


def require_point(point: Point, using: str) -> None:
    """Raises Unsound where the database doesn't hold the checkpoint that the backup names."""
    row = ledger.sequencing.Checkpoint.objects.using(using).filter(size=point.size).first()
    if point.size and (row is None or (bytes(row.root).hex(), row.note) != (point.root, point.note)):
        raise Unsound(UNSOUND.fill(why=str(NOT_THE_POINT)))


def _copy_sqlite(source: Path, target: Path) -> None:
    needed, free = source.stat().st_size, shutil.disk_usage(target.parent).free
    if free < needed:
        raise CannotSnapshot(NO_ROOM.fill(folder=target.parent, needed=needed // 2**20 + 1, free=free // 2**20))
    try:
        with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)  # all pages in one step: one read snapshot, which in WAL keeps no writer waiting
    except sqlite3.Error as fault:
        raise CannotSnapshot(FAILED.fill(program="sqlite3_backup", why=str(fault))) from fault
    for beside in ("-wal", "-shm"):
        target.with_name(target.name + beside).unlink(missing_ok=True)


def _dump(exported: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    program("pg_dump", "--format=directory", "--compress=0", "--no-owner", "--no-privileges",
            f"--snapshot={exported}", f"--file={folder}")  # fmt: skip


def require_empty() -> None:
    """Raises CannotSnapshot where the PostgreSQL database that the settings name holds tables."""
    if connections["default"].introspection.table_names():
        raise CannotSnapshot(NOT_EMPTY, how=NOT_EMPTY_HOW)


def restore_dump(folder: Path) -> None:
    """Put a dump into the empty database that the settings name, all or nothing."""
    program("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
            f"--dbname={_address()['NAME']}", str(folder))  # fmt: skip


def _address() -> dict[str, Any]:
    """How to reach the database: as the owner of the tables, where there is one of their own."""
    owner = settings.QINGKONG_OWNER_URL
    return database(owner, patient=True) if owner else connections["default"].settings_dict


def program(name: str, *arguments: str) -> None:
    """Run a client program of PostgreSQL against the instance's database. Raises CannotSnapshot."""
    path = shutil.which(name)
    if path is None:
        raise CannotSnapshot(NO_PROGRAM.fill(program=name), how=NO_PROGRAM_HOW)
    facts = _address()
    safety = {f"PG{key.upper()}": str(value) for key, value in facts["OPTIONS"].items() if key.startswith("ssl")}
    environment = {
        **os.environ, **safety,
        "PGHOST": str(facts["HOST"]), "PGPORT": str(facts["PORT"] or 5432), "PGUSER": str(facts["USER"]),
        "PGPASSWORD": str(facts["PASSWORD"]), "PGDATABASE": str(facts["NAME"]),
    }  # fmt: skip
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        how = OWNER_HOW if "permission denied" in done.stderr else None
        raise CannotSnapshot(FAILED.fill(program=name, why=(done.stderr.strip().splitlines() or ["?"])[0]), how=how)


def home() -> Path:
    return Path(settings.QINGKONG_HOME)


def _beside(path: Path) -> bool:
    return path.name.endswith(("-wal", "-shm", "-journal"))
