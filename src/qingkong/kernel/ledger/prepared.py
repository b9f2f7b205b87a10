"""Cursors whose statements PostgreSQL parses and plans once a connection, for the few that every change asks."""

from functools import lru_cache
from typing import Any


def cursor(connection: Any) -> Any:
    """A cursor like `connection.cursor()`, wrapped and watched alike; prepared after the fifth time on PostgreSQL."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection._prepare_cursor(_kind()(connection.connection))


@lru_cache(maxsize=1)
def _kind() -> type[Any]:
    """Django's own cursors put values into the text of a statement, so that no two are alike."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    return ServerBindingCursor
