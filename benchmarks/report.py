"""`python -m benchmarks.report`: run all benchmarks, let a county grow tenfold twice, write docs/performance.md and its chart.

`QINGKONG_BENCH_CALLS` is the largest county's calls (default 100,000); the others have a tenth and a hundredth of them.
Benchmarks that need a program that isn't there (PostgreSQL, an S3 store) are left out, and the page says so.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from benchmarks import growth
from benchmarks.__main__ import names

ROOT = Path(__file__).parents[1]
PAGE, CHART = ROOT / "docs" / "performance.md", ROOT / "docs" / "pictures" / "growth.svg"
LARGEST = int(os.environ.get("QINGKONG_BENCH_CALLS", "100000"))
AIMS = {
    "vault": ("≥ 3.5", 3.5, True), "upload": ("≥ 2.5", 2.5, True), "ledger": ("≥ 8", 8, True),
    "ledger_postgres": ("≥ 0.8", 0.8, True), "pages": ("≤ 1.3", 1.3, False), "start": ("≤ 1", 1, False),
    "verify": ("≥ 1", 1, True),
}  # fmt: skip
"""What each benchmark's ratio is to reach, and whether more is better."""


def main() -> int:
    results, left_out = _all()
    counties = growth.measure([LARGEST // 100, LARGEST // 10, LARGEST])
    CHART.write_text(growth.chart(counties), encoding="utf-8")
    PAGE.write_text(_page(results, left_out, counties), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}, {CHART.relative_to(ROOT)}", file=sys.stderr)
    return 0


def _all() -> tuple[list[dict[str, object]], list[str]]:
    """Every benchmark in a process of its own; those that can't run here, with their last words."""
    results, left_out = [], []
    for name in names():
        run = subprocess.run([sys.executable, "-m", "benchmarks", name], cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            left_out.append(f"{name}: {(run.stderr.strip().splitlines() or ['?'])[-1]}")
        else:
            results.append(json.loads(run.stdout))
    return results, left_out


def _page(results: list[dict[str, object]], left_out: list[str], counties: list[growth.County]) -> str:
    rows = "\n".join(_row(one) for one in results)
    missing = "".join(f"\n\nLeft out here: {line}" for line in left_out)
    return f"""# Performance

Written by `make bench-report` on {date.today()}: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.
Each benchmark ran once beside its peer, both durable. A busy machine measures less; run it on your own.

| benchmark | measured | peer | ratio | aim | reached |
|---|---|---|---|---|---|
{rows}{missing}

## A county that grows

The same pages on a county, on ten and on a hundred times its calls (a tenth as many cases), p95 in one process.

![Pages' p95 as calls grow tenfold twice](pictures/growth.svg)

{growth.table(counties)}
"""


def _row(one: dict[str, object]) -> str:
    aim, number, more = AIMS.get(str(one["name"]), ("—", 0.0, True))
    ratio = float(str(one["ratio"]))
    reached = "—" if aim == "—" else "yes" if (ratio >= number if more else ratio <= number) else "**no**"
    return f"| {one['name']} | {one['value']:,} {one['unit']} | {one['peer']} | {ratio:g} | {aim} | {reached} |"


if __name__ == "__main__":
    sys.exit(main())
