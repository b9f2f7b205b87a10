"""Taking a file into the vault, durably, against `cp; sync; sha256sum` on the same file in the same round.

`QINGKONG_BENCH_MIB` sets the size (default 512 MiB; the aim of 3.5 × for the whole command is set for 4096).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from qingkong.kernel.vault.folder import Folder

MIB = int(os.environ.get("QINGKONG_BENCH_MIB", "512"))
ROUNDS = int(os.environ.get("QINGKONG_BENCH_ROUNDS", "3"))
COMMAND = [sys.executable, "-m", "qingkong.project.cli"]


def run() -> dict[str, object]:
    """Megabytes a second of the vault's function; its ratio to the peer, the whole command's in the note."""
    with tempfile.TemporaryDirectory(prefix="qingkong-vault-", dir=os.environ.get("QINGKONG_BENCH_DIR")) as place:
        home = Path(place)
        source = home / "source"
        _fill(source)
        env = {**os.environ, "QINGKONG_HOME": str(home / "var")}
        subprocess.run([*COMMAND, "make"], env=env, check=True, capture_output=True)
        rounds = [_round(source, home, env) for _ in range(ROUNDS)]
    peer, function, command = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    return {
        "name": "vault",
        "value": round(MIB * 1.048576 / function),
        "unit": "MB/s",
        "peer": "cp; sync; sha256sum",
        "ratio": round(peer / function, 2),
        "note": f"{MIB} MiB, both durable, median of {ROUNDS}; peer {peer:.2f} s, function {function:.2f} s, "
        f"whole command {command:.2f} s ({peer / command:.2f} ×)",
    }


def _fill(source: Path) -> None:
    with source.open("wb") as out:
        for _ in range(MIB):
            out.write(os.urandom(2**20))
        out.flush()
        os.fsync(out.fileno())


def _round(source: Path, home: Path, env: dict[str, str]) -> tuple[float, float, float]:
    copy, folder = home / "copy", Folder(home / "alone")
    sha256 = ""

    def peer() -> None:
        nonlocal sha256
        done = subprocess.run(
            ["sh", "-c", 'cp "$0" "$1"; sync "$1"; sha256sum "$1"', str(source), str(copy)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        sha256 = done.stdout.split()[0]

    def function() -> None:
        with source.open("rb", buffering=0) as content, folder.arriving(content) as (file, got, size):
            assert folder.keep(file, got, size)
            assert got == sha256

    def command() -> None:
        subprocess.run([*COMMAND, "vault", "receive", str(source)], env=env, check=True, capture_output=True)

    times = _time(peer), _time(function), _time(command)
    copy.unlink()
    for place in (folder, Folder(home / "var" / "vault")):
        place.remove(sha256)
    return times


def _time(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
