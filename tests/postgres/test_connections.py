"""Limits on what hangs, and a connection that is used again and comes back after the server was away."""

import os
import subprocess
import sys

import pytest
from django.core import signals
from django.db import OperationalError, connections

from qingkong.project.postgres.connecting import LIMITS, database


def asked(using: str, sql: str):
    with connections[using].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.fixture
def hurried(two_roles):
    """The application's connection with limits of a test's patience."""
    _, served = two_roles
    options = connections[served].settings_dict["OPTIONS"]
    for name, value in LIMITS.items():
        assert f"{name}={value}" in options["options"]
        assert asked(served, f"SHOW {name}") == {"60s": "1min"}.get(value, value)
    options["options"] = "-c statement_timeout=300 -c lock_timeout=200 -c idle_in_transaction_session_timeout=300"
    connections[served].close()
    return served


def test_a_statement_that_hangs_is_ended_and_the_connection_goes_on(hurried):
    with pytest.raises(OperationalError, match="statement timeout"):
        asked(hurried, "SELECT pg_sleep(60)")
    assert asked(hurried, "SELECT 1") == 1


def test_who_waits_too_long_for_a_row_is_told(hurried, two_roles):
    owned, _ = two_roles
    with connections[owned].cursor() as holder:
        holder.execute("BEGIN; LOCK TABLE done IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            asked(hurried, "SELECT count(*) FROM done")
        holder.execute("ROLLBACK")
    assert asked(hurried, "SELECT count(*) FROM done") == 0


def test_who_hangs_inside_a_transaction_lets_go_of_what_it_held(hurried, two_roles):
    owned, _ = two_roles
    connections[hurried].set_autocommit(False)
    asked(hurried, "SELECT pg_advisory_xact_lock(7)::text")
    assert asked(owned, "SELECT pg_advisory_lock(7)::text") == ""  # comes when the other is cut off
    asked(owned, "SELECT pg_advisory_unlock(7)")


def test_a_command_may_take_its_time_and_a_server_it_starts_may_not(server):
    look = (
        "from qingkong.project.settings import DATABASES as d; print(d['default']['OPTIONS']['options'].split()[1]);"
        "import subprocess, sys; sys.argv[1:] and subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    )
    command = (
        "import sys, qingkong.project.cli as cli\n"
        f"try: cli.main(['check', '--no-such-option'])\nexcept SystemExit: pass\nsys.argv = ['', {look!r}]\nexec({look!r})"
    )
    environment = {
        **os.environ,
        "QINGKONG_DATABASE_URL": server.url(),
        "DJANGO_SETTINGS_MODULE": "qingkong.project.testing",
    }
    done = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["statement_timeout=0", f"statement_timeout={LIMITS['statement_timeout']}"]


def test_a_connection_is_used_again_and_made_anew_after_the_server_was_away(two_roles, server):
    _, served = two_roles
    first = asked(served, "SELECT pg_backend_pid()")
    signals.request_started.send(sender=None)
    assert asked(served, "SELECT pg_backend_pid()") == first
    server.stop()
    signals.request_started.send(sender=None)
    with pytest.raises(OperationalError):
        asked(served, "SELECT 1")
    server.start()
    signals.request_started.send(sender=None)
    assert asked(served, "SELECT 1") == 1  # the very first request after it


def test_an_address_may_name_a_sockets_folder_and_what_libpq_knows():
    found = database("postgres://a%40b:p%2Fw@%2Frun%2FPostgreSQL:6432/q?sslmode=verify-full&prepare_threshold=none")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("a@b", "p/w", "/run/PostgreSQL", 6432)
    assert (found["OPTIONS"]["sslmode"], found["OPTIONS"]["prepare_threshold"]) == ("verify-full", None)
