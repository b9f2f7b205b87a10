"""Make an instance and bring it up to date: folders, keys, tables, triggers, data. Says each step as it goes."""

import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from qingkong.kernel import access, ledger
from qingkong.kernel.access import keys
from qingkong.kernel.ledger import adopting
from qingkong.project import data, instance
from qingkong.project.postgres import preparing
from qingkong.project.routing import PASSING

Say = Callable[[str], None]


class NotOurs(SystemExit):
    """The folder isn't an instance that may be thrown away."""


def say(text: str) -> None:
    """One line of progress on standard error."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def make_or_update(*, at: datetime, say: Say = say) -> list[str]:
    """Keys, tables, triggers and data of an instance whose folder exists; what the data load changed."""
    keys.make_keys(Path(settings.QINGKONG_KEYS))
    ledger.make_key()
    if _behind("default"):
        say("建立数据表 / making tables")
        if settings.QINGKONG_OWNER_URL:
            preparing.prepare(at=at, say=say)
        else:
            preparing.require_owner()
            call_command("migrate", database="default", verbosity=0)
        adopting.adopt(actor=access.system("upgrade"), at=at)  # what a release before row seals left, and new columns
    if _behind("passing"):
        tables_of_passing()
    changes = data.load(actor=access.system("data"), at=at)
    if changes:
        say(f"载入法律、行政区划和本地数据：{len(changes)} 处 / loading law, places and local data")
    return changes


def tables_of_passing() -> None:
    """The tables of what may be lost: sessions, sign-in failures, rate limits."""
    for app in sorted(PASSING):
        call_command("migrate", app, database="passing", verbosity=0)
    call_command("createcachetable", database="passing", verbosity=0)


def say_what_is_missing(say: Say = say) -> None:
    """Once, what this machine lacks and the command that installs it; the system runs without."""
    from qingkong.project.checking import programs

    for lack in programs():
        if not lack.ok:
            say(f"缺少 / missing {lack.what}：{lack.note}")


def throw_away(home: Path) -> None:
    """Remove a demo instance and all in it. Raises NotOurs for a folder that isn't one."""
    if not home.exists():
        return
    found = instance.find()
    if found.home != home.resolve() or not found.made or not found.demo:
        raise NotOurs(f"{home} 不是演示实例，不会删除。/ {home} is not a demo instance; it stays.")
    shutil.rmtree(home)


def _behind(alias: str) -> bool:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    latest = [leaf for leaf in executor.loader.graph.leaf_nodes() if alias == "default" or leaf[0] in PASSING]
    return bool(executor.migration_plan(latest))
