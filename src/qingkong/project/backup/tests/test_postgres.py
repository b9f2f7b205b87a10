"""Backup and restore on PostgreSQL, by the commands, with a server of the tests' own."""

import json
import os
import subprocess
import sys

import pytest

from qingkong.project.postgres.private import NotInstalled, private_server

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def server():
    try:
        with private_server() as running:
            running.sql("CREATE ROLE tables_owner LOGIN", "CREATE ROLE serving LOGIN")
            yield running
    except NotInstalled as why:
        pytest.skip(str(why))


def test_an_instance_on_postgresql_is_backed_up_and_restored_into_an_empty_database(server, tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGKONG_", "DJANGO_"))}

    def qingkong(*words, home="home", database="county", status=0, owner=True):
        roles = {"QINGKONG_DATABASE_URL": server.url("serving", database)}
        roles |= {"QINGKONG_DATABASE_OWNER_URL": server.url("tables_owner", database)} if owner else {}
        done = subprocess.run(
            [sys.executable, "-m", "qingkong.project.cli", *map(str, words)], check=False,
            env={**kept, **roles, "QINGKONG_HOME": str(tmp_path / home)}, capture_output=True, text=True,
            input="a long passphrase\n",
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if "--json" in words else done.stderr

    server.sql("CREATE DATABASE county OWNER tables_owner", "CREATE DATABASE again OWNER tables_owner")
    (tmp_path / "pass").write_text("four words and a tree\n")
    keys = ("--passphrase-file", tmp_path / "pass", "--keys", tmp_path / "safe")
    qingkong("make")
    (tmp_path / "original").write_bytes(b"an original")
    qingkong("vault", "receive", tmp_path / "original")
    assert "QINGKONG_DATABASE_OWNER_URL" in qingkong("backup", tmp_path / "backups", owner=False, status=1)
    first = qingkong("backup", tmp_path / "backups", *keys, "--json")
    qingkong("administrator", "900001", "示例管理员")
    second = qingkong("backup", tmp_path / "backups", "--json")
    assert second["vendor"] == "postgresql"
    assert second["entries"] > first["entries"]
    assert second["written"] < first["written"] / 2
    assert qingkong("backup", "verify", tmp_path / "backups", "--json")["ok"]

    assert "不是空的" in qingkong("restore", tmp_path / "backups", *keys, home="new", status=1)
    done = qingkong("restore", tmp_path / "backups", *keys, "--json", home="new", database="again")
    assert (done["entries"], done["blobs"]) == (second["entries"], 1)
    assert "完好" in qingkong("ledger", "verify", home="new", database="again", owner=False)
    assert "已有账号管理员" in qingkong("administrator", "900002", "示例", home="new", database="again", status=1)
    assert qingkong("check", "--json", home="new", database="again", owner=False)
