"""A PostgreSQL of one's own for tests and measurements: in a folder, on a port, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
SUPERUSER = "postgres"


class NotInstalled(RuntimeError):
    """No PostgreSQL server on this machine; the message names the package that brings it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs. It trusts everybody on this machine, so it lives no longer than a test."""

    folder: Path
    port: int
    programs: Path
    durable: bool

    def url(self, role: str = SUPERUSER, name: str = "postgres") -> str:
        return f"postgres://{role}@{HOST}:{self.port}/{name}"

    def control(self, *arguments: str) -> None:
        """`pg_ctl` with this server's folder."""
        _run(self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-w", "-s", *arguments)

    def start(self) -> None:
        options = f"-c listen_addresses={HOST} -c port={self.port} -c unix_socket_directories={self.folder}"
        safe = "on" if self.durable else "off"  # a killed process needs no fsync, a cut wire does
        self.control("-l", str(self.folder / "log"), "-o", f"{options} -c max_connections=100 -c fsync={safe}", "start")

    def stop(self) -> None:
        """As a power cut would: connections end at once."""
        self.control("-m", "immediate", "stop")

    def sql(self, *statements: str, name: str = "postgres", role: str = SUPERUSER) -> list[tuple[object, ...]]:
        """Run statements; the rows of the last one that has any."""
        import psycopg

        rows: list[tuple[object, ...]] = []
        with psycopg.connect(self.url(role, name), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else rows
        return rows


@contextmanager
def private_server(*, durable: bool = False) -> Iterator[Server]:
    """A server that ends with the block; `durable` for measurements. Raises NotInstalled."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise NotInstalled("no PostgreSQL on this machine: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="qingkong-postgres-", dir="/tmp"))  # noqa: S108  a socket's path must be short
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder, _free_port(), found[-1], durable)
    try:
        data = str(folder / "data")
        _run(found[-1] / "initdb", "-D", data, "-U", SUPERUSER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _run(program: Path, *arguments: str) -> None:
    as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run(
        [*as_other, str(program), *arguments],
        check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
