"""The supervisor over small children that are real processes; once over the real ones."""

import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from qingkong.project.serve.children import FIRST_WAIT, LONGEST_WAIT, WELL_AFTER, Child

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
SMALL = Path(__file__).with_name("small.py")
Start = Callable[..., "Running"]


class Running:
    """A supervisor in a process of its own, whose lines can be waited for."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self.said: list[str] = []

    def until(self, word: str) -> str:
        """Read what it says until a line holds the word; fails where it ends before."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if word in line:
                return line
        raise AssertionError(f"it ended without saying {word!r}: {''.join(self.said)}")

    def tree(self) -> list[int]:
        """Its children and theirs."""
        below = children_of(self.process.pid)
        return below + [pid for child in below for pid in children_of(child)]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.process.wait()


def stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["Z", "0"]


def children_of(pid: int) -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal() and stat(int(p.name))[1] == str(pid)]


def gone(pids: list[int]) -> bool:
    """Whether all have ended, waiting for them as long as the test may take."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if not select.select([handle], [], [], 20)[0]:
            return False
        os.close(handle)
    return True


@pytest.fixture
def port() -> int:
    """A port p such that p and p+1 are free now."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            try:
                two.bind(("127.0.0.1", one.getsockname()[1] + 1))
            except OSError:
                continue
            return int(one.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    running: list[Running] = []

    def begin(*kind: str, home: Path = tmp_path) -> Running:
        running.append(Running([sys.executable, str(SMALL), str(home), str(port), *kind]))
        return running[-1]

    yield begin
    for each in running:
        each.end()


def answers(port: int, path: str = "/health") -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_with_all_it_started(start, port, wish):
    supervisor = start()
    assert f"http://127.0.0.1:{port}" in supervisor.until("已就绪")
    below = supervisor.tree()
    assert len(below) == 3
    supervisor.process.send_signal(wish)
    assert supervisor.process.wait(20) == 0
    assert gone(below)


def test_a_killed_child_is_started_again_and_what_it_had_started_is_ended(start, port):
    supervisor = start()
    supervisor.until("已就绪")
    (web,) = [pid for pid in children_of(supervisor.process.pid) if children_of(pid)]
    (below_web,) = children_of(web)
    os.kill(web, signal.SIGKILL)
    assert "SIGKILL" in supervisor.until("重新启动")
    assert gone([web, below_web])
    while not answers(port):
        assert supervisor.process.poll() is None
    assert web not in children_of(supervisor.process.pid)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(start):
    supervisor = start()
    supervisor.until("已就绪")
    below = supervisor.tree()
    supervisor.process.kill()
    assert gone(below)


def test_a_child_that_will_not_stop_is_ended(start):
    supervisor = start("stubborn")
    supervisor.until("已就绪")
    below = supervisor.tree()
    supervisor.process.terminate()
    assert supervisor.process.wait(20) == 0
    assert gone(below)


def test_a_child_that_never_starts_is_given_up_and_the_status_says_so(start):
    supervisor = start("broken")
    supervisor.until("启动不了")
    assert supervisor.process.wait(20) == 1


def test_a_taken_port_is_refused_in_one_sentence(start, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        supervisor = start()
        assert f"端口 {port} 已被别的程序占用" in supervisor.until("端口")
        assert supervisor.process.wait(20) == 1
        assert "Traceback" not in "".join(supervisor.said)


def test_an_instance_is_served_once(start):
    first = start()
    first.until("已就绪")
    second = start()
    assert f"进程 {first.process.pid}" in second.until("已经在运行")
    assert second.process.wait(20) == 1
    assert first.process.poll() is None


def test_the_wait_before_a_restart_grows_to_half_a_minute_and_begins_anew_after_a_well_minute():
    child = Child("x", [sys.executable, "-c", ""], os.environ)
    now, waits = 0.0, []
    for _ in range(9):
        child.start(now)
        assert child.process is not None
        child.process.wait()
        assert child.look(now) == 0
        waits.append(child.wait)
        now += 1
    assert waits[0] == FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    child.start(now)
    child.process.wait()
    child.look(now + WELL_AFTER)
    assert child.wait == FIRST_WAIT


@pytest.fixture
def instance(tmp_path: Path, db: None) -> dict[str, str]:
    """An instance of its own, with the tables and rows of the test database; the environment that names it."""
    home = tmp_path / "home"
    shutil.copytree(settings.QINGKONG_HOME, home, ignore=shutil.ignore_patterns("data"))
    (home / "data").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "QINGKONG_KEYS"}
    for alias, name in (("default", "qingkong.sqlite"), ("passing", "passing.sqlite")):
        served = connections[alias].settings_dict
        if connections[alias].vendor == "postgresql":  # the tests' own database
            where = f"{served['HOST']}:{served['PORT']}/{served['NAME']}"
            environment["QINGKONG_DATABASE_URL"] = f"postgres://{served['USER']}:{served['PASSWORD']}@{where}"
            continue
        connections[alias].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(served["NAME"], home / "data" / name)
    return environment | {"QINGKONG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "qingkong.project.settings"}


@pytest.mark.django_db(transaction=True, databases=["default", "passing"])
def test_the_real_instance_serves_pages_and_live_messages_and_works_off_jobs(instance, port):
    serve = (
        "import django; django.setup(); from django.utils import timezone\n"
        "from qingkong.kernel import jobs; jobs.enqueue('notices.sweep', at=timezone.now())\n"
        f"from qingkong.project import supervisor; raise SystemExit(supervisor.run(port={port}))"
    )
    supervisor = Running([sys.executable, "-c", serve], instance)
    try:
        supervisor.until("已就绪")
        assert answers(port)
        while not answers(port + 1):
            assert supervisor.process.poll() is None
        look = (
            "import django; django.setup(); import time; from django_tasks_db.models import DBTaskResult\n"
            "while not DBTaskResult.objects.filter(status='SUCCESSFUL').exists(): time.sleep(0.1)\n"
        )
        subprocess.run([sys.executable, "-c", look], env=instance, check=True, timeout=60)
        below = supervisor.tree()
        supervisor.process.terminate()
        assert supervisor.process.wait(30) == 0
        assert gone(below)
    finally:
        supervisor.end()
