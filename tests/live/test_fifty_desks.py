"""Fifty desks on one stream: each hears each event once, of what it may see; also when the process is killed under them."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live.desk import Desk

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes through /proc"),
]

DESKS, EVENTS, CALLS = 50, 300, 20
COUNTY = Path(__file__).parents[1] / "journeys" / "county.py"
PATIENCE = 240.0  # seconds, on a busy machine

SESSIONS = """
import json, django; django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from qingkong.domains.enforcement.calls.queries import sees_whole_county
from qingkong.kernel.access import actor_for
from qingkong.kernel.identity.models import Appointment
from qingkong.web.edge import SESSION_KEY as CHOSEN
for one in Appointment.objects.filter(until_on=None).select_related("officer", "unit").order_by("pk")[:%d]:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[CHOSEN] = str(one.officer.pk), str(one.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = one.officer.get_session_auth_hash()
    session.create()
    actor = actor_for(one)
    print(json.dumps([f"{settings.SESSION_COOKIE_NAME}={session.session_key}", sees_whole_county(actor), str(actor.post)]))
"""

WRITER = """
import json, sys, time, django; django.setup()
from django.utils import timezone
from qingkong.domains.enforcement.calls import operations
from qingkong.kernel import events
from qingkong.kernel.access import actor_for
from qingkong.kernel.identity.models import Appointment
actor = actor_for(Appointment.objects.filter(post="dispatcher").select_related("officer", "unit").first())
intake = operations.Intake(kind="dispute", division_code="370923101", place_text="供销社门前", what="两人争执")
for n in range(%d):
    if n %% %d == 0:
        operations.take_call(intake=intake, actor=actor, at=timezone.now())
    events.announce("everybody", f"test:{n}")
    print(json.dumps([n, time.time()]), flush=True)
    time.sleep(0.05)
"""


def run(code: str, home: dict[str, str]) -> list:
    done = subprocess.run([sys.executable, "-c", code], env=home, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def county(tmp_path):
    """An instance of its own, served: (environment, process, events port)."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    port, events_port = (one.getsockname()[1] for one in held)
    for one in held:
        one.close()
    home = {**os.environ, "QINGKONG_HOME": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "qingkong.project.settings"}
    with (tmp_path / "said").open("w") as said:
        server = subprocess.Popen(
            [sys.executable, str(COUNTY), str(port), str(events_port)], env=home, stdout=said, stderr=said
        )
    deadline = time.monotonic() + PATIENCE
    while not (answers(port) and answers(events_port)):
        assert server.poll() is None and time.monotonic() < deadline, (tmp_path / "said").read_text()
        time.sleep(0.3)  # polling processes that start
    yield home, server, events_port
    server.terminate()
    server.wait(timeout=30)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    return False


def tree(pid: int) -> list[int]:
    below = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(each for child in below for each in tree(child))]


def events_process(server: int) -> int:
    """The supervisor's child that serves the stream."""
    for pid in tree(server)[1:]:
        if b"asgi_events" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("there is no events process")


def cost(pid: int) -> tuple[float, float]:
    """(CPU seconds so far, resident MiB) of a process and what it started."""
    ticks = pages = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks, pages = ticks + int(fields[11]) + int(fields[12]), pages + int(fields[21])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def together(home, server, events_port, cookies, *, kill: bool):
    """Sit at all desks while the writer writes; the desks, when each event was written, and what the process cost."""
    desks = [Desk(events_port, cookie) for cookie in cookies]
    sitting = [asyncio.create_task(desk.sit()) for desk in desks]
    await until(lambda: all(desk.opened for desk in desks))
    process = events_process(server.pid)
    before, begun = cost(process)[0], time.monotonic()
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER % (EVENTS, EVENTS // CALLS), env=home, stdout=asyncio.subprocess.PIPE
    )
    written, spent = {}, 0.0
    async for line in writer.stdout:
        number, at = json.loads(line)
        written[number] = at
        if kill and number == EVENTS // 2:
            os.kill(process, signal.SIGKILL)
    await until(lambda: all(len(of_everybody(desk)) >= EVENTS for desk in desks))
    if not kill:
        spent = cost(process)[0] - before
    lasted, memory = time.monotonic() - begun, cost(events_process(server.pid))[1]
    for task in sitting:
        task.cancel()
    await asyncio.gather(*sitting, return_exceptions=True)
    return desks, written, (spent, lasted, memory)


async def until(done) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, "it didn't come to this in time"
        await asyncio.sleep(0.05)  # polling


def of_everybody(desk: Desk) -> list[int]:
    return [int(subject.partition(":")[2]) for _, topic, subject, _ in desk.heard if topic == "everybody"]


@pytest.mark.parametrize("kill", [False, True], ids=["in peace", "killed in the middle"])
def test_each_of_fifty_desks_hears_each_event_once(county, kill):
    home, server, events_port = county
    sessions = run(SESSIONS % DESKS, home)
    assert len(sessions) == DESKS
    desks, written, (spent, lasted, memory) = asyncio.run(
        together(home, server, events_port, [cookie for cookie, _, _ in sessions], kill=kill)
    )
    assert [of_everybody(desk) for desk in desks] == [list(range(EVENTS))] * DESKS
    assert all(desk.opened >= 2 if kill else desk.opened == 1 for desk in desks)
    assert not any(desk.reloads for desk in desks)
    for desk, (_, whole, post) in zip(desks, sessions, strict=True):
        calls = [subject for _, topic, subject, _ in desk.heard if topic == "calls"]
        assert len(calls) == (CALLS if whole else 0), post  # nobody was sent yet: the whole county's watchers alone
    late = sorted(
        at - written[int(subject.partition(":")[2])]
        for desk in desks
        for _, topic, subject, at in desk.heard
        if topic == "everybody"
    )
    p50, p95 = statistics.median(late), late[int(len(late) * 0.95)]
    said = f"{DESKS} desks, {len(written)} events in {lasted:.1f} s: p50 {p50:.3f} s, p95 {p95:.3f} s, max {late[-1]:.3f} s"
    print(f"{said}; {spent:.2f} CPU s ({spent / lasted:.1%} of a core), {memory:.0f} MiB")
