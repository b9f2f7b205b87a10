"""Make or update the tables as their owner, and give the application's role what it needs and no more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from qingkong.kernel.ledger import cutting
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project.postgres import granting
from qingkong.project.postgres.connecting import database

NOT_POSTGRES = zh("这个实例用的是 SQLite，不需要这一步。")
NO_OWNER = zh("没有说明所有者怎样连接数据库。")
HOW_OWNER = zh(
    "设置 QINGKONG_DATABASE_OWNER_URL=postgres://所有者:密码@主机/数据库，只在运行 qingkong database prepare 时。"
)
SAME_ROLE = zh("应用和所有者用的是同一个角色 {role}；应用要用自己的角色。")


class CannotPrepare(Refusal):
    """No PostgreSQL, no way in for the owner, or one role for both."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, the database is asked as the owner of the tables. Raises CannotPrepare.

    The default connection itself changes hands: migrations of other packages speak to that one alone.
    """
    served = connections.settings[DEFAULT_DB_ALIAS]
    if "postgresql" not in served["ENGINE"]:
        raise CannotPrepare(NOT_POSTGRES)
    if not settings.QINGKONG_OWNER_URL:
        raise CannotPrepare(NO_OWNER, how=HOW_OWNER)
    owned = {**served, **database(settings.QINGKONG_OWNER_URL, patient=True)}
    if owned["USER"] == served["USER"]:
        raise CannotPrepare(SAME_ROLE.fill(role=served["USER"]))
    try:
        _connect_by(owned)
        yield
    finally:
        _connect_by(served)


def _connect_by(chosen: dict[str, Any]) -> None:
    connections[DEFAULT_DB_ALIAS].close()
    del connections[DEFAULT_DB_ALIAS]
    connections.settings[DEFAULT_DB_ALIAS] = chosen


def prepare(*, at: datetime, say: Callable[[str], None]) -> None:
    """Bring the tables up to date and the rights of the application's role with them. Raises CannotPrepare."""
    role = str(connections.settings[DEFAULT_DB_ALIAS]["USER"])
    with as_owner():
        say("建立或更新数据表 / making or updating the tables")
        call_command("migrate", verbosity=0)
        with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            if moved := cutting.spread_rest(cursor):
                say(f"默认分区里的 {moved} 条存证已移到各自的月份 / moved into their months")
            cursor.execute("SELECT ledger_make_months(%s, 3)", [at])
            count = granting.grant(cursor, role)
        say(f"{role}：{count} 张表的权限 / rights to {count} tables")


def require_owner() -> None:
    """Raises CannotPrepare where this database role can't make tables, and nobody said who can."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")
            if not cursor.fetchone()[0]:
                raise CannotPrepare(NO_OWNER, how=HOW_OWNER)
