"""How long the second start takes: from the command until the first answer. Limit: five seconds."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

LIMIT = 5.0
ROUNDS = 3
COMMAND = [sys.executable, "-m", "qingkong.project.cli"]


def run() -> dict[str, object]:
    """Median of three starts of a demo instance that exists already, in seconds."""
    with tempfile.TemporaryDirectory(prefix="qingkong-start-") as home:
        env = {**os.environ, "QINGKONG_HOME": str(Path(home) / "var")}
        subprocess.run([*COMMAND, "demo", "--no-serve"], env=env, check=True, capture_output=True)
        times = sorted(_start(env) for _ in range(ROUNDS))
    median = times[len(times) // 2]
    return {
        "name": "start", "value": round(median, 2), "unit": "s", "peer": f"limit {LIMIT:.0f} s",
        "ratio": round(median / LIMIT, 2), "note": f"`qingkong demo` on a filled instance until /health answers; {ROUNDS} starts",
    }  # fmt: skip


def _start(env: dict[str, str]) -> float:
    port = _free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "demo", "--port", str(port)],
        env={**env, "QINGKONG_EVENTS_PORT": str(_free_port())}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - began
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"the server ended with {process.returncode}") from None
                time.sleep(0.02)
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
