"""`qingkong check`: is this instance sound? Keys, triggers, SQLite, folders, settings, in well under two seconds."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from qingkong.kernel import ledger
from qingkong.kernel.access import keys
from qingkong.kernel.vault import probing
from qingkong.project.postgres import granting


@dataclass(frozen=True, slots=True)
class Result:
    """One thing looked at: what, whether it is right, what was seen. `how` puts it right; `grave` means: don't run."""

    what: str
    ok: bool
    note: str
    grave: bool = True
    problems: tuple[str, ...] = ()
    how: str = ""


def check(*, at: datetime) -> list[Result]:
    """Look at everything, in order; nothing is changed. Without an instance, only at what one needs."""
    if not settings.INSTANCE.made:
        return [*_instance(), *programs()]
    return [*_instance(), *_keys(), *_database(at), *programs()]


def _instance() -> Iterator[Result]:
    home, made = Path(settings.QINGKONG_HOME), settings.INSTANCE.made
    kind = "演示" if settings.QINGKONG_DEMO else "正式"
    yield Result("实例", made, f"{home}（{kind if made else '还没有建立'}）", how="先运行 make run，或者 qingkong make")
    if not made:
        return
    for name in ("data", "vault", "tiles"):
        folder = home / name
        yield Result(f"文件夹 {name}", os.access(folder, os.W_OK), str(folder), how="要存在，并且能写")
    free = shutil.disk_usage(home).free
    seen = f"剩 {free / 2**30:.1f} GiB"
    yield Result("磁盘", free > 2**30, seen, grave=False, how="少于 1 GiB 不要再收证据")


def _keys() -> Iterator[Result]:
    folder = Path(settings.QINGKONG_KEYS)
    try:
        keys.source().active()
        keys.source().digest_key()
        yield Result("封存密钥", True, str(folder / keys.FILE))
    except keys.KeyLost as lost:
        yield Result("封存密钥", False, str(lost), how="从备份放回，不要新造")
    files = [file for file in folder.iterdir() if file.is_file()] if folder.exists() else []
    open_to_others = [f.name for f in files if f.stat().st_mode & 0o077 and f.suffix != ".pub" and "vkey" not in f.name]
    seen = "、".join(open_to_others) or "只有本用户能读"
    yield Result("密钥权限", not open_to_others, seen, how=f"chmod 600 {' '.join(open_to_others)}")


def _database(at: datetime) -> Iterator[Result]:
    yield Result(
        "SQLite",
        sqlite3.sqlite_version_info >= (3, 51, 3),
        sqlite3.sqlite_version,
        how="旧版有 WAL 缺陷：重新运行 make",
    )
    behind = not_applied()
    yield Result("数据表", not behind, f"还有 {len(behind)} 步没有建立" if behind else "齐全", how="运行 make run")
    if behind:
        return
    problems = ledger.check_triggers()
    yield Result("存证触发器", not problems, "；".join(problems) or "齐全")
    if connection.vendor == "sqlite":
        with connections["default"].cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
            sync = cursor.execute("PRAGMA synchronous").fetchone()[0]
        yield Result("写入方式", mode == "wal" and (sync == 2 or settings.QINGKONG_DEMO), f"{mode}, synchronous={sync}")
    if connection.vendor == "postgresql":
        yield from _postgresql(at)
    for probe in probing.probe():
        yield Result(str(probe.what), probe.ok, str(probe.note), probe.grave)


def not_applied() -> list[str]:
    """Steps that stand in the apps' folders and not in the database. Read from the names alone: none is imported."""
    there = {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in (Path(app.path) / "migrations").glob("[0-9]*.py")
    }
    done = set(MigrationRecorder(connection).applied_migrations())
    return sorted(f"{label}.{name}" for label, name in there - done)


def _postgresql(at: datetime) -> Iterator[Result]:
    amiss = granting.check_role()
    shown = "；".join(amiss[:5]) + (f"；另有 {len(amiss) - 5} 处" if len(amiss) > 5 else "")
    how = f"{shown}。运行 qingkong database prepare，见 docs/postgres.md"
    yield Result("数据库角色", not amiss, how if amiss else "只有应用需要的权限", grave=not settings.QINGKONG_DEMO)
    months = ledger.check_months(at=at)
    yield Result("存证月份", not months, "；".join(months) or "已备好", grave=False)


def why_not_serve() -> list[str]:
    """Why a real instance must not be served with this database role; empty for a demo, on SQLite, and where all is well."""
    if settings.QINGKONG_DEMO or connection.vendor != "postgresql":
        return []
    return granting.check_role()


def programs() -> Iterator[Result]:
    """ffmpeg and a CJK font: not grave, and said with the command that installs them."""
    film = "没有它，录像没有预览：sudo apt-get install ffmpeg / no previews of films without it"
    found = shutil.which("ffmpeg")
    yield Result("ffmpeg", found is not None, found or film, grave=False)
    fonts = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
    papers = "没有它，不能制作文书：sudo apt-get install fonts-noto-cjk / no papers without it"
    there = fonts.exists() or bool(os.environ.get("QINGKONG_FONTS"))
    yield Result("中文字体 / CJK font", there, "已安装 / installed" if there else papers, grave=False)
