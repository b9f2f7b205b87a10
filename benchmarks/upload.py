"""An upload over loopback, hashed and on the disk: ours (tus, one PATCH) against Django's multipart form and a bare socket.

`QINGKONG_BENCH_MIB` sets the size (default 512 MiB). The ratio is to Django's multipart; the one to a bare socket that
only hashes and writes stands in the note.
"""

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

MIB = int(os.environ.get("QINGKONG_BENCH_MIB", "512"))
ROUNDS = int(os.environ.get("QINGKONG_BENCH_ROUNDS", "3"))
SERVERS = [sys.executable, "-m", "benchmarks.upload_servers"]
ROOT = Path(__file__).resolve().parents[1]


def run() -> dict[str, object]:
    """Megabytes a second of ours, the whole command from the first byte to the answer; median of the rounds."""
    with ExitStack() as stack:
        place = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="qingkong-upload-", dir=os.environ.get("QINGKONG_BENCH_DIR"))
        )
        home = Path(place)
        env = {**os.environ, "QINGKONG_HOME": str(home / "var"), "BENCH_FOLDER": place, "PYTHONPATH": str(ROOT)}
        cookie = _instance(env)
        bare, form, ours = (stack.enter_context(_served(name, env, place)) for name in ("bare", "multipart", "ours"))
        piece = os.urandom(2**20)
        digest = hashlib.sha256(piece * MIB).hexdigest()
        rounds = [
            (_time(lambda: _bare(bare, piece, digest)), _time(lambda: _form(form, piece, digest)),
             _time(lambda: _ours(ours, cookie, piece, digest)))
            for _ in range(ROUNDS)
        ]  # fmt: skip
    socket_, multipart, tus = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    return {
        "name": "upload", "value": round(MIB * 1.048576 / tus), "unit": "MB/s", "peer": "Django multipart",
        "ratio": round(multipart / tus, 2),
        "note": f"{MIB} MiB over loopback, hashed and fsynced by all, median of {ROUNDS}; tus {tus:.2f} s, multipart "
        f"{multipart:.2f} s, bare socket {socket_:.2f} s ({socket_ / tus:.2f} of it)",
    }  # fmt: skip


def _instance(env: dict[str, str]) -> str:
    command = [sys.executable, "-m", "qingkong.project.cli", "make"]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return subprocess.run([*SERVERS, "prepare"], env=env, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _served(name: str, env: dict[str, str], folder: str) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*SERVERS, "bare", str(port), folder]
    if name != "bare":
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--log-level", "error"]
        command += ["--blocking-threads", "8", "benchmarks.upload_servers:application"]
    process = subprocess.Popen(command, env={**env, "BENCH_SERVER": name if name != "bare" else ""}, cwd=ROOT)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def _send(port: int, head: str, before: bytes, piece: bytes, after: bytes = b"") -> http.client.HTTPResponse:
    with socket.create_connection(("127.0.0.1", port)) as line:
        length = len(before) + len(piece) * MIB + len(after)
        line.sendall(
            f"{head}Host: 127.0.0.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode() + before
        )
        for _ in range(MIB):
            line.sendall(piece)
        line.sendall(after)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        answer.read()
        return answer


def _bare(port: int, piece: bytes, digest: str) -> None:
    assert _send(port, "POST / HTTP/1.1\r\n", b"", piece).status == 200


def _form(port: int, piece: bytes, digest: str) -> None:
    before = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    head = "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    assert _send(port, head, before, piece, b"\r\n--x--\r\n").status == 200


def _ours(port: int, cookie: str, piece: bytes, digest: str) -> None:
    token = "a" * 32
    known = {"Cookie": f"sessionid={cookie}; csrftoken={token}", "X-CSRFToken": token, "Tus-Resumable": "1.0.0"}
    line = http.client.HTTPConnection("127.0.0.1", port)
    told = f"use {b64encode(b'benchmark').decode()},sha256 {b64encode(digest.encode()).decode()}"
    line.request("POST", "/uploads/", headers={**known, "Upload-Length": str(MIB * 2**20), "Upload-Metadata": told})
    begun = line.getresponse()
    where = begun.headers["Location"]
    begun.read()
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    head = f"PATCH {where} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in {**known, **kind}.items())
    answer = _send(port, head, b"", piece)
    assert (answer.status, answer.headers["X-Content-SHA256"]) == (204, digest)
    line.request("DELETE", where, headers=known)
    line.getresponse().read()


def _time(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
