"""p95 of the desk's pages on a county's data, against the same pages on a tenth of it.

`QINGKONG_BENCH_CALLS` sets the size (default 20,000 calls and a tenth as many cases; the aim is set for 1,000,000).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CALLS = int(os.environ.get("QINGKONG_BENCH_CALLS", "20000"))
COMMAND = [sys.executable, "-m", "qingkong.project.cli"]


def run() -> dict[str, object]:
    """The slowest page's p95 in milliseconds, and its ratio to the same page at a tenth of the data."""
    small, large = _measure(CALLS // 10), _measure(CALLS)
    page = max(large, key=lambda name: large[name])
    return {
        "name": "pages", "value": round(large[page], 1), "unit": "ms p95", "peer": f"the same page at {CALLS // 10} calls",
        "ratio": round(large[page] / small[page], 2),
        "note": f"{CALLS} calls, {CALLS // 10} cases; slowest of {len(large)}: {page}; "
        + ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(large.items())),
    }  # fmt: skip


def _measure(calls: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="qingkong-pages-") as home:
        env = {**os.environ, "QINGKONG_HOME": str(Path(home) / "var")}
        for command in (["demo", "--no-serve"], ["simulate", "--calls", str(calls), "--cases", str(calls // 10)]):
            subprocess.run([*COMMAND, *command], env=env, check=True, capture_output=True)
        timed = subprocess.run(
            [sys.executable, "-m", "benchmarks.page_times"], env=env, check=True, capture_output=True, text=True
        )
        return json.loads(timed.stdout)
