"""A PostgreSQL server of the tests' own, with an owner's role and an application's, and a ledger between them."""

from collections.abc import Iterator

import pytest
from django.db import connections

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cutting, sequencing, triggers
from qingkong.kernel.ledger.tests.building import MODELS
from qingkong.project.postgres import granting
from qingkong.project.postgres.connecting import database
from qingkong.project.postgres.private import NotInstalled, Server, private_server

OWNER, SERVING = "qingkong_owner", "qingkong"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        with private_server() as running:
            running.sql(f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {SERVING} LOGIN")
            yield running
    except NotInstalled as why:
        pytest.skip(str(why))


@pytest.fixture
def two_roles(server, tmp_path, settings, django_db_blocker) -> Iterator[tuple[str, str]]:
    """Two aliases of one new database that holds a ledger: the owner's and the application's."""
    settings.QINGKONG_KEYS = tmp_path / "keys"
    name = f"ledger_{tmp_path.name[-20:].lower().replace('-', '_')}"
    server.sql(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" OWNER {OWNER}')
    aliases = {"owned": OWNER, "served": SERVING}
    with django_db_blocker.unblock():
        for alias, role in aliases.items():
            connections.settings[alias] = {
                **connections.settings["default"],
                "TIME_ZONE": None,
                **database(server.url(role, name)),
            }
        ledger.make_key(origin="qingkong/test", using="served")
        make_tables("owned")
        sequencing._last.clear()
        yield "owned", "served"
        for alias in aliases:
            connections[alias].close()
            del connections[alias]
            del connections.settings[alias]
    server.sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def make_tables(alias: str) -> None:
    """The ledger's tables as its migrations leave them, and what the application may do with them."""
    from django.utils import timezone

    with connections[alias].schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
        for statement in triggers.create_statements("postgresql"):
            editor.execute(statement, params=None)
    with connections[alias].cursor() as cursor:
        cutting.cut(cursor, at=timezone.now())
        cursor.execute("CREATE TABLE done (writer integer, number integer, PRIMARY KEY (writer, number))")
        granting.grant(cursor, SERVING)
