"""A real server of a copy of the county, that a test may kill; and a client that speaks to it over a bare socket."""

import contextlib
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qingkong.conftest import AT, POSTS, _restore
from tests.uploads.sending import PIECE, told

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 90.0  # seconds, on a busy machine


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Server:
    """granian with the county's pages, in a process group of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.port = home, free_port()
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "tests.uploads.served", "SERVED_HOME": str(home),
            "PYTHONPATH": str(ROOT), **environment,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home / "server.log"

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        command += [
            "--workers",
            "1",
            "--blocking-threads",
            "8",
            "--log-level",
            "error",
            "qingkong.project.wsgi:application",
        ]
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                cwd=ROOT,
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        until = time.monotonic() + READY_WITHIN
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()[-2000:]
            time.sleep(0.05)  # polling a process that starts

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL, to the whole group, as the kernel or a power switch would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Remote:
    """An officer's program that sends files to a server, over sockets that a test can cut."""

    prefix = ""  # of the cookies: "__Host-" where TLS is in front

    def __init__(self, port: int, cookie: str, number: str) -> None:
        self.port, self.cookie, self.number = port, cookie, number
        self.token = "a" * 32

    def head_of(self, method: str, where: str, headers: dict[str, Any]) -> bytes:
        lines = {
            "Host": "127.0.0.1", "Tus-Resumable": "1.0.0", "X-CSRFToken": self.token,
            "Cookie": f"{self.prefix}sessionid={self.cookie}; {self.prefix}csrftoken={self.token}; language=zh-hans", **headers,
        }  # fmt: skip
        said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{method} {where} HTTP/1.1\r\n{said}\r\n".encode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, method: str, where: str, body: bytes = b"", **headers: Any) -> SimpleNamespace:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.connect() as line:
            line.sendall(self.head_of(method, where, {"Content-Length": len(body), **named}) + body)
            return read(line, method)

    def begun(self, length: int, **more: str) -> str:
        pairs = {"filename": "现场.mp4", "use": "evidence", "reference": self.number, **more}
        answer = self.ask("POST", "/uploads/", Upload_Length=length, Upload_Metadata=told(**pairs))
        assert answer.status == 201, answer.body
        return answer.headers["Location"]

    def offset(self, where: str) -> int:
        answer = self.ask("HEAD", where)
        assert answer.status == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    def patch(self, where: str, offset: int, body: bytes, **headers: Any) -> SimpleNamespace:
        return self.ask("PATCH", where, body, Content_Type=PIECE, Upload_Offset=offset, **headers)

    def patching(self, where: str, offset: int, length: int | None) -> socket.socket:
        """A connection on which a piece of so many bytes has been announced and nothing of it sent; None: in chunks."""
        how = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": length}
        line = self.connect()
        line.sendall(self.head_of("PATCH", where, {**how, "Content-Type": PIECE, "Upload-Offset": offset}))
        return line


def read(line: socket.socket, method: str = "GET") -> SimpleNamespace:
    """The answer on a connection. Raises OSError or http.client.HTTPException where none comes."""
    answer = http.client.HTTPResponse(line, method=method)
    answer.begin()
    return SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read().decode(errors="replace"))


@contextlib.contextmanager
def county_copied(folder: Path) -> Iterator[SimpleNamespace]:
    """Databases with the county, one call and one signed-in officer, copied to a folder; the test's own stay as they were.

    Needs the database unblocked. Gives the call's number and the session's cookie.
    """
    from django.db import connection, connections

    (folder / "data").mkdir(parents=True)
    try:
        facts = _one_call_and_a_session()
        for alias in ("default", "passing"):
            source = str(connections[alias].settings_dict["NAME"])
            connections[alias].close()
            with (
                closing(sqlite3.connect(source)) as live,
                closing(sqlite3.connect(folder / "data" / f"{alias}.sqlite")) as copy,
            ):
                live.backup(copy)
    finally:
        _restore(None)
        assert connection.vendor == "sqlite"
    yield facts


def _one_call_and_a_session() -> SimpleNamespace:
    from django.test import Client

    from qingkong.domains.enforcement.calls.tests import building
    from qingkong.kernel import access
    from qingkong.kernel.identity.models import Appointment, Unit

    running = {a.officer.username: a for a in Appointment.objects.select_related("officer", "unit")}
    actors = {name: access.actor_for(running[f"T{n:03}"]) for n, (name, _, _) in enumerate(POSTS)}
    officers = {name: running[f"T{n:03}"].officer for n, (name, _, _) in enumerate(POSTS)}
    units = {unit.code: unit for unit in Unit.objects.all()}
    county = SimpleNamespace(
        **actors, station=units["104"], other_station=units["105"], units=units, at=AT,
        system=access.system("tests"), person=access.person(), officers=SimpleNamespace(**officers),
    )  # fmt: skip
    call = building.a_reported_response(county).call
    browser = Client()
    appointment = running[f"T{[name for name, _, _ in POSTS].index('officer'):03}"]
    browser.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["appointment"] = str(appointment.pk)
    session.save()
    return SimpleNamespace(number=call.number, cookie=browser.cookies["sessionid"].value, call_id=call.pk)
