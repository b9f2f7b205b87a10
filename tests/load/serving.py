"""An instance to be loaded: a filled demo county, copied or made, behind its real supervisor on loopback."""

import contextlib
import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

READY_WITHIN = 120.0  # seconds
QINGKONG = [sys.executable, "-m", "qingkong.project.cli"]


@contextmanager
def served(folder: Path, filled: Path | None) -> Iterator[tuple[int, Path]]:
    """(port, instance) of a server that runs until the end. `filled` is a demo instance to copy; else one is made."""
    home = folder / "var"
    if filled:
        shutil.copytree(filled, home)
    subprocess.run([*QINGKONG, "demo", "--no-serve"], env=environment(home), check=True)  # or bring it up to date
    port = free_port()
    with open(folder / "server.txt", "wb") as said:
        server = subprocess.Popen(
            [*QINGKONG, "run", "--port", str(port)], env=environment(home), stderr=said, stdout=said
        )
    try:
        wait_for(server, port, folder / "server.txt")
        yield port, home
    finally:
        server.terminate()
        server.wait(timeout=60)


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGKONG_", "DJANGO_"))}
    return {**kept, "QINGKONG_HOME": str(home)}


def free_port() -> int:
    """A port whose next one is free as well, for the events process."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return port
    raise SystemExit("no two free ports in a row")


def wait_for(server: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"the server didn't answer:\n{said.read_text(errors='replace')[-2000:]}")


def posts_held(home: Path) -> dict[str, list[tuple[str, str]]]:
    """(appointment, unit code) by post, as the instance has them."""
    held: dict[str, list[tuple[str, str]]] = {}
    with closing(sqlite3.connect(f"file:{home / 'data' / 'qingkong.sqlite'}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT a.id, a.post, u.code FROM identity_appointment a JOIN identity_unit u ON u.id = a.unit_id "
            "WHERE a.until_on IS NULL ORDER BY u.code, a.id"
        )
        for key, post, unit in rows:
            held.setdefault(post, []).append((key, unit))
    return held
