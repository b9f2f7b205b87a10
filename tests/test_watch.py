"""The watcher as an outside body runs it: one file, a Python without packages, against a running instance over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cosigners, publishing
from qingkong.kernel.ledger.models import Cosignature
from qingkong.kernel.ledger.tests.building import AT, actor, sql, unguard
from qingkong_verify.build import build

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])

NAME = "procuratorate/370923"
TABLES = ("cosignature", "cosigner", "checkpoint", "tile", "leaf", "pending", "facts", "entry")


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("alone") / "qingkong-verify.pyz")


@pytest.fixture
def address(transactional_db, live_server, settings, tmp_path) -> str:
    settings.QINGKONG_HOME = tmp_path / "home"
    publishing._done.clear()
    enter(3)
    return live_server.url


def enter(count: int, who: str = "示例甲") -> None:
    with transaction.atomic():
        for number in range(count):
            ledger.record(actor=actor(who), at=AT, act="tests.done", subject=f"tests.thing:{number}")
    ledger.checkpoint()
    publishing.publish()


def rewrite(count: int) -> None:
    """Another history, signed with the server's own key and published afresh: the worst that an administrator can do."""
    unguard("default")
    for table in TABLES:
        sql("default", f"DELETE FROM ledger_{table}")
    publishing.begin_anew()
    enter(count, "示例丙")
    assert [p for p in ledger.verify().problems if p.table.startswith("ledger")] == []


def command(archive: Path, address: str, state: Path, *more: str) -> list[str]:
    alone = [sys.executable, "-I", "-S", str(archive), "watch", address, "--key", ledger.vkey(), "--state", str(state)]
    return [*alone, "--name", NAME, "--timeout", "10", *more]


def watch(archive: Path, address: str, state: Path, *more: str) -> subprocess.CompletedProcess[str]:
    run = command(archive, address, state, *more)
    return subprocess.run(run, capture_output=True, text=True, check=False, cwd=archive.parent, timeout=60)


def test_a_registered_watcher_cosigns_from_outside_and_everybody_sees_it(archive, address, tmp_path, client):
    state = tmp_path / "mine"
    first = watch(archive, address, state, "--send")
    assert first.returncode == 3 and "没有登记为联署方" in first.stderr
    key = (state / "cosigner.pub").read_text().strip()
    assert key in first.stderr
    cosigners.register(name=NAME, vkey=key, actor=actor(), at=AT)
    enter(1)
    second = watch(archive, address, state, "--send", "--json")
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout.splitlines()[0])["size"] == Cosignature.objects.get().checkpoint.size
    publishing.publish()
    assert NAME in client.get("/ledger/checkpoint").content.decode()
    assert ledger.timeline("tests.thing:0")[0].cosigned
    assert ledger.verify().ok


def test_a_rewritten_ledger_that_was_signed_again_is_raised_with_evidence(archive, address, tmp_path):
    state = tmp_path / "mine"
    assert watch(archive, address, state).returncode == 0
    seen = (state / "checkpoint").read_text()
    rewrite(700)
    done = watch(archive, address, state, "--json")
    assert done.returncode == 1
    assert "拒绝联署" in done.stderr and "NOT cosigned" in done.stderr
    evidence = [Path(path) for path in json.loads(done.stdout)["evidence"]]
    assert sorted(path.suffix for path in evidence) == [".seen", ".shown"]
    assert seen in [path.read_text() for path in evidence]
    assert (publishing.folder() / "checkpoint").read_text() in [path.read_text() for path in evidence]


def until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_watches_again_and_again_and_after_a_fork_never_signs(archive, address, tmp_path):
    state = tmp_path / "mine"
    with subprocess.Popen(
        command(archive, address, state, "--every", "0.1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watcher:
        try:
            until((state / "cosigned").exists)
            enter(2)
            published = (publishing.folder() / "checkpoint").read_text()
            until(lambda: (state / "cosigned").read_text().startswith(published))
            cosigned = (state / "cosigned").read_text()
            rewrite(900)
            until((state / "FORK").exists)
            enter(2)
        finally:
            watcher.send_signal(signal.SIGTERM)
            _, said = watcher.communicate(timeout=60)
    assert watcher.returncode == 1 and "拒绝联署" in said
    assert (state / "cosigned").read_text() == cosigned


@pytest.mark.parametrize("kills", [6, pytest.param(60, marks=pytest.mark.deep)])
def test_killed_at_any_moment_it_goes_on_from_a_whole_state(archive, address, tmp_path, kills):
    state = tmp_path / "mine"
    assert watch(archive, address, state).returncode == 0
    for number in range(kills):
        enter(1)
        watcher = subprocess.Popen(
            command(archive, address, state), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 0.05 + 0.3 * number / kills
        while time.monotonic() < deadline and watcher.poll() is None:
            os.sched_yield()
        watcher.kill()
        watcher.wait()
    done = watch(archive, address, state)
    assert done.returncode == 0, done.stderr


def test_wrong_use_is_told_from_a_fork_and_from_a_bad_network(archive, address, tmp_path):
    run = [sys.executable, "-I", "-S", str(archive), "watch"]
    key = ["--key", ledger.vkey()]
    cases = {
        2: [*run, address, *key, "--state", str(tmp_path / "nameless")],
        3: [*run, "http://127.0.0.1:9", *key, "--state", str(tmp_path / "b"), "--name", NAME, "--timeout", "2"],
    }
    for status, argv in cases.items():
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == status and done.stderr, argv
    assert watch(archive, address, tmp_path / "mine").returncode == 0
    other = [*run, address, *key, "--state", str(tmp_path / "mine"), "--name", "somebody/else"]
    assert subprocess.run(other, capture_output=True, check=False, timeout=60).returncode == 2


# --- the public files ------------------------------------------------------------------------------------------


def test_tiles_are_kept_for_ever_and_checkpoints_briefly_by_whoever_carries_them(address, client):
    enter(300)
    tile = client.get("/ledger/tile/0/000")
    assert (tile.status_code, len(tile.content)) == (200, 256 * 32)
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    checkpoint = client.get("/ledger/checkpoint")
    assert "max-age=2" in checkpoint.headers["Cache-Control"]
    for answer in (tile, checkpoint):
        assert not answer.cookies and "Vary" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/999",
        "tile/entries/000",
        "tile/0/../../ledger.key",
        "..%2f..%2fkeys%2fledger.key",
        ".lock",
        "tile/0/000/x",
    ],
)
def test_nothing_else_of_the_folder_is_handed_out(address, client, path):
    enter(300)
    assert client.get(f"/ledger/{path}").status_code == 404


def test_public_files_ask_neither_database_nor_session(address, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/ledger/checkpoint")
    assert client.post("/ledger/checkpoint").status_code == 405


def test_what_isnt_a_cosignature_is_refused_in_words_and_too_much_of_it_not_read(address, client):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/ledger/cosignatures", "rubbish", content_type="text/plain").status_code == 422
    assert strict.post("/ledger/cosignatures", "x" * 20_000, content_type="text/plain").status_code == 422
    assert strict.post("/ledger/cosignatures", b"\xff\xfe", content_type="text/plain").status_code == 422
    assert strict.get("/ledger/cosignatures").status_code == 405
    for _ in range(60):
        last = strict.post("/ledger/cosignatures", "rubbish", content_type="text/plain")
    assert last.status_code == 429 and "频繁" in last.json()["reason"]
