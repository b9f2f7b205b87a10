"""Put a sound SQLite under Django: pysqlite3's, because 3.7.0 to 3.51.2 have the WAL-reset bug.

Imported before Django touches a database. https://sqlite.org/wal.html#walresetbug
"""

import sys

SOUND_FROM = (3, 51, 3)


class UnsoundSQLite(SystemExit):
    """The SQLite library is one that can lose commits; nothing starts on it."""


def install() -> None:
    """Make `import sqlite3` give pysqlite3. Raises UnsoundSQLite where that is too old or absent."""
    try:
        import pysqlite3
        import pysqlite3.dbapi2
    except ImportError:
        raise UnsoundSQLite("晴空需要 pysqlite3（SQLite ≥ 3.51.3）：运行 make setup。") from None
    if pysqlite3.sqlite_version_info < SOUND_FROM:
        raise UnsoundSQLite(
            f"SQLite {pysqlite3.sqlite_version} 有 WAL 重置缺陷，可能丢失已提交的数据，拒绝启动。运行 make setup。"
        )
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
