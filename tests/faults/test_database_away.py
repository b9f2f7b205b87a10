"""The database is busy, locked for long, gone and back: a sentence each time, and nothing lost or half-written."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.db import connection, connections

from qingkong.domains.enforcement.calls.models import Call
from qingkong.kernel import ledger
from tests.faults.test_full_disk import TAKE

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])
on_sqlite = pytest.mark.skipif(bool(os.environ.get("QINGKONG_DATABASE_URL")), reason="about the file of SQLite")


@on_sqlite
def test_a_database_that_another_holds_for_long_is_said_to_be_busy(county, signed_in, sound):
    browser = signed_in(county.dispatcher)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")  # twenty seconds in earnest
    holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = browser.post("/desk/calls/take/", TAKE)
        assert answer.status_code == 503
        assert "数据库正忙" in answer.content.decode() and "没有留下半截的记录" in answer.content.decode()
        assert browser.get("/desk/calls/").status_code == 200  # reading goes on
        told = browser.post("/desk/calls/take/", TAKE, headers={"Accept": "application/json"})
        assert told.status_code == 503 and "数据库正忙" in told.json()["reason"]
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert not Call.objects.exists()
    assert browser.post("/desk/calls/take/", TAKE).status_code == 303
    sound()


@on_sqlite
def test_a_database_whose_folder_is_away_is_said_to_be_away_and_is_whole_when_it_is_back(county, signed_in, sound):
    browser = signed_in(county.dispatcher)
    assert browser.post("/desk/calls/take/", TAKE).status_code == 303
    ledger.integrate()
    folder = Path(connection.settings_dict["NAME"]).parent
    connections.close_all()
    away = folder.with_name("away")
    folder.rename(away)
    try:
        answer = browser.get("/desk/calls/")
        assert answer.status_code == 503
        assert "数据库现在连不上" in answer.content.decode() and answer.headers["Retry-After"]
    finally:
        connections.close_all()
        away.rename(folder)
    assert browser.get("/desk/calls/").status_code == 200
    assert Call.objects.count() == 1
    sound()


# --- PostgreSQL stopped and started --------------------------------------------------------------------------------

WRITER = """
import sys, time
import django; django.setup()
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from qingkong.domains.enforcement.calls import operations
from qingkong.domains.enforcement.calls.operations import Intake
from qingkong.kernel import access
from qingkong.kernel.access import actor_for
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.ledger import integrate
from qingkong.web.away import why_away

actor = actor_for(Appointment.objects.select_related("officer", "unit").get(post="dispatcher"))
intake = Intake(kind="dispute", division_code="370923101", place_text="供销社门前", what="两人争执")
while True:
    try:
        close_old_connections()
        operations.take_call(intake=intake, actor=actor, at=timezone.now())
        integrate()
        print("taken", flush=True)
    except DatabaseError as fault:
        print("away" if why_away(fault) else f"fault {fault!r}", flush=True)
"""

OFFICER = """
import django; django.setup()
from django.db import transaction
from django.utils import timezone
from qingkong.kernel import access
from qingkong.kernel.access.accounts import appoint, make_account
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import Post
with transaction.atomic():
    one = make_account(username="T001", name="示例接警员", actor=access.system("tests"), at=timezone.now())
    appoint(officer=one, unit=Unit.objects.get(code="002"), post=Post.DISPATCHER, actor=access.system("tests"), at=timezone.now())
"""


class Server:
    """A PostgreSQL of the test's own."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", folder / "data", "-U", "qingkong", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")

    def run(self, program: str, *arguments: object) -> None:
        command = [*self.user, str(self.programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        asked = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-s", "-l", self.folder / "log", "-o", asked, "start")

    def stop(self, how: str) -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-m", how, "-s", "-w", "stop")


@pytest.fixture
def server():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("there is no PostgreSQL here: apt install postgresql")
    with tempfile.TemporaryDirectory(prefix="qingkong-postgres-", ignore_cleanup_errors=True) as folder:
        one = Server(Path(folder), found[-1])
        one.start()
        yield one
        one.stop("immediate")


@pytest.mark.deep
@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_postgresql_stopped_and_started_loses_no_call_that_was_answered(server, tmp_path, how):
    server.run("createdb", "-h", "127.0.0.1", "-p", server.port, "-U", "qingkong", "qingkong")
    home = {
        **os.environ,
        "QINGKONG_HOME": str(tmp_path / "home"),
        "QINGKONG_DATABASE_URL": f"postgres://qingkong@127.0.0.1:{server.port}/qingkong",
        "DJANGO_SETTINGS_MODULE": "qingkong.project.settings",
    }
    command = [sys.executable, "-m", "qingkong.project.cli"]
    subprocess.run([*command, "make"], env=home, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", OFFICER], env=home, check=True)
    writer = subprocess.Popen([sys.executable, "-c", WRITER], env=home, stdout=subprocess.PIPE, text=True)
    heard = []

    def until(word: str, times: int) -> None:
        deadline = time.monotonic() + 180  # on a busy machine
        while times and time.monotonic() < deadline:
            heard.append(writer.stdout.readline().strip())
            times -= heard[-1] == word
        assert not times, heard[-5:]

    try:
        until("taken", 20)
        server.stop(how)
        until("away", 3)
        server.start()
        until("taken", 20)
    finally:
        writer.send_signal(signal.SIGKILL)
        heard += writer.stdout.read().split("\n")
        writer.wait()
    assert not [line for line in heard if line.startswith("fault")]
    count = "import django; django.setup(); from qingkong.domains.enforcement.calls.models import Call; print(Call.objects.count())"
    kept = int(subprocess.run([sys.executable, "-c", count], env=home, check=True, capture_output=True).stdout)
    assert heard.count("taken") <= kept <= heard.count("taken") + 2  # committed and not yet told
    subprocess.run([*command, "ledger", "checkpoint"], env=home, check=True, capture_output=True)
    told = subprocess.run([*command, "check", "--deep", "--json"], env=home, capture_output=True, text=True)
    wrong = [line for line in json.loads(told.stdout) if line["grave"] and not line["ok"]]
    assert [line for line in wrong if line["what"] != "数据库角色"] == []  # here the owner writes, as nowhere else
