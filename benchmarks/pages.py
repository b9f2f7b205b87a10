"""p95 of the desk's pages on a county's data, against the same pages on a tenth of it.

`QINGKONG_BENCH_CALLS` sets the size (default 20,000 calls and a tenth as many cases; the aim is set for 1,000,000).
"""

import os

from benchmarks import growth

CALLS = int(os.environ.get("QINGKONG_BENCH_CALLS", "20000"))


def run() -> dict[str, object]:
    """The slowest page's p95 in milliseconds, and its ratio to the same page at a tenth of the data."""
    small, large = (growth.county(calls).pages for calls in (CALLS // 10, CALLS))
    page = max(large, key=lambda name: large[name])
    return {
        "name": "pages", "value": round(large[page], 1), "unit": "ms p95", "peer": f"the same page at {CALLS // 10} calls",
        "ratio": round(large[page] / small[page], 2),
        "note": f"{CALLS} calls, {CALLS // 10} cases; slowest of {len(large)}: {page}; "
        + ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(large.items())),
    }  # fmt: skip
