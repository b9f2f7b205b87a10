"""A ledger of its own for tests that commit, fork and tamper: only its tables, in a file or a schema that goes."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connections

from qingkong.conftest import owner_name
from qingkong.kernel import ledger
from qingkong.kernel.ledger import cutting, sequencing, triggers
from qingkong.kernel.ledger.tests.building import ALIAS, MODELS, unguard


@pytest.fixture
def apart(tmp_path, settings, django_db_blocker, request) -> Iterator[str]:
    """The alias of an empty ledger in a database file (PostgreSQL: a schema) of its own, with key and triggers."""
    settings.QINGKONG_KEYS = tmp_path / "keys"
    settings.QINGKONG_LEDGER_PAUSE = 0
    ledger.make_key(origin="qingkong/test", using=ALIAS)
    if connections["default"].vendor == "postgresql":
        request.getfixturevalue("django_db_setup")  # the schema is made in the tests' database
    with django_db_blocker.unblock():
        close = _open_sqlite(tmp_path) if connections["default"].vendor == "sqlite" else _open_postgresql()
        connection = connections[ALIAS]
        with connection.schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
            for statement in triggers.create_statements(connection.vendor):
                editor.execute(statement, params=None)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cutting.cut(cursor, at=datetime.now(UTC))
        sequencing._last.clear()
        yield ALIAS
        close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def _open_sqlite(folder):
    default = connections["default"].settings_dict
    connections.settings[ALIAS] = {**default, "NAME": str(folder / "ledger.sqlite")}
    return lambda: connections[ALIAS].close()


def _open_postgresql():
    schema = f"apart_{secrets.token_hex(6)}"
    owned = {**connections["default"].settings_dict, "USER": owner_name()}  # tests tamper: what only an owner can
    connections.settings[ALIAS] = {**owned, "OPTIONS": {"options": f"-c search_path={schema}"}}
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema}"')

    def close():
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        connections[ALIAS].close()

    return close


@pytest.fixture
def unguarded(apart) -> str:
    """The same ledger with the triggers dropped: what an administrator of the database can do."""
    unguard(apart)
    return apart
