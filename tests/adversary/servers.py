"""Instances to attack: the demo county, on SQLite or on a private PostgreSQL that goes afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "没有 PostgreSQL，略过：sudo apt-get install postgresql / no PostgreSQL here, skipped"


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None where it isn't installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """The address of a PostgreSQL of its own, which its owner's password opens."""
    folder = Path(tempfile.mkdtemp(prefix="qingkong-postgres-", dir="/tmp"))
    root, port = os.getuid() == 0, _free_port()
    if root:
        shutil.chown(folder, "postgres")

    def do(*command: str) -> None:
        whole = ["runuser", "-u", "postgres", "--", *command] if root else list(command)
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, cwd="/")

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    try:
        do(
            f"{programs}/initdb",
            "-D",
            f"{folder}/data",
            "-U",
            "qingkong",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        do(f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w", "-s", "-l", f"{folder}/log", "-o", options, "start")
        do(f"{programs}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "qingkong", "county")
        yield f"postgres://qingkong@127.0.0.1:{port}/county"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            do(f"{programs}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-s", "stop")
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def instance(source: str = "") -> Iterator[Path]:
    """A demo instance in a folder that goes afterwards: a copy of `source`, or a new one (about a minute)."""
    with tempfile.TemporaryDirectory(prefix="qingkong-adversary-") as folder:
        home = Path(folder) / "home"
        if source:
            shutil.copytree(source, home)
        else:
            demo = [sys.executable, "-m", "qingkong.project.cli", "demo", "--no-serve"]
            subprocess.run(demo, check=True, env={**os.environ, "QINGKONG_HOME": str(home)}, stdout=sys.stderr)
        yield home
