"""From two roles to a served instance: as `docs/postgres.md` says it, with the files of `deploy/postgresql`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qingkong.project.postgres.private import NotInstalled, private_server

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.deep


@pytest.fixture
def place(tmp_path):
    """A server with the roles of roles.sql, and the environment of an instance to be."""
    try:
        with private_server() as server:
            subprocess.run(
                [server.programs / "psql", server.url(), "-q", "-v", "owner_password='a'", "-v", "application_password='b'",
                 "-f", ROOT / "deploy/postgresql/roles.sql"], check=True,
            )  # fmt: skip
            yield (
                server,
                {
                    **{name: value for name, value in os.environ.items() if not name.startswith("QINGKONG_")},
                    "QINGKONG_HOME": str(tmp_path / "var"),
                    "QINGKONG_DATABASE_URL": server.url("qingkong", "qingkong"),
                },
            )
    except NotInstalled as why:
        pytest.skip(str(why))


def run(environment: dict[str, str], *command: str, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "qingkong.project.cli", *command],
        env={**environment, **more},
        capture_output=True,
        text=True,
    )


def test_an_instance_is_prepared_by_the_owner_and_served_by_a_role_that_owns_nothing(place):
    server, environment = place
    owner = {"QINGKONG_DATABASE_OWNER_URL": server.url("qingkong_owner", "qingkong")}
    first = run(environment, "make")
    assert first.returncode == 1 and "QINGKONG_DATABASE_OWNER_URL" in first.stderr
    assert run(environment, "database", "prepare").returncode == 1
    same = run(environment, "database", "prepare", QINGKONG_DATABASE_OWNER_URL=server.url("qingkong", "qingkong"))
    assert same.returncode == 1 and "同一个角色" in same.stderr

    assert run(environment, "database", "prepare", **owner).returncode == 0
    made = run(environment, "make")
    assert made.returncode == 0, made.stderr
    again = run(environment, "database", "prepare", **owner)
    assert again.returncode == 0, again.stderr
    results = {result["what"]: result for result in json.loads(run(environment, "check", "--json").stdout)}
    assert results["数据库角色"]["ok"] and results["存证月份"]["ok"] and results["存证触发器"]["ok"]
    assert run(environment, "ledger", "verify").returncode == 0

    for role in ("postgres", "qingkong_owner"):
        as_other = {**environment, "QINGKONG_DATABASE_URL": server.url(role, "qingkong")}
        results = {result["what"]: result for result in json.loads(run(as_other, "check", "--json").stdout)}
        assert not results["数据库角色"]["ok"] and results["数据库角色"]["grave"]
        refused = run(as_other, "run", "--port", "0")
        assert refused.returncode == 1 and role in refused.stderr


def test_every_line_of_the_servers_settings_is_one_that_postgresql_takes(place):
    server, _ = place
    lines = (ROOT / "deploy/postgresql/qingkong.conf").read_text().splitlines()
    given = dict(line.partition("#")[0].split(" = ", 1) for line in lines if " = " in line and not line.startswith("#"))
    assert len(given) > 20
    for name, value in given.items():
        bare = value.strip().strip("'")
        server.sql(f"ALTER SYSTEM SET {name} = '{bare}'")
    server.sql("ALTER SYSTEM RESET ALL")
