"""How pages and start-up fare as a county grows: measured on real instances of several sizes, drawn as one chart."""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-m", "qingkong.project.cli"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 60, 230, 24, 48
COLOURS = ("#0b5cad", "#00703c", "#b58105", "#942514", "#4c2c92", "#0f7a82", "#5b5b5b", "#c25700", "#28513f")
LIMIT = 50.0  # ms a page may take


@dataclass(frozen=True, slots=True)
class County:
    """One size: its calls, p95 of each page in milliseconds, and a `qingkong check` in seconds."""

    calls: int
    pages: dict[str, float]
    check: float


def measure(sizes: Sequence[int]) -> list[County]:
    """Build an instance of each size and time it. Minutes of work; nothing is left behind."""
    return [county(size) for size in sizes]


def county(calls: int) -> County:
    """Build an instance with so many calls and a tenth as many cases, time it, and throw it away."""
    with tempfile.TemporaryDirectory(prefix="qingkong-growth-") as home:
        env = {**os.environ, "QINGKONG_HOME": str(Path(home) / "var")}
        for command in (["demo", "--no-serve"], ["simulate", "--calls", str(calls), "--cases", str(calls // 10)]):
            subprocess.run([*COMMAND, *command], env=env, check=True, capture_output=True)
        timed = subprocess.run(
            [sys.executable, "-m", "benchmarks.page_times"], env=env, check=True, capture_output=True, text=True
        )
        began = time.perf_counter()
        subprocess.run([*COMMAND, "check"], env=env, check=True, capture_output=True)
        return County(calls, json.loads(timed.stdout), time.perf_counter() - began)


def table(counties: Sequence[County]) -> str:
    """The numbers behind the chart, in Markdown."""
    head = "| p95 | " + " | ".join(f"{c.calls:,} calls" for c in counties) + " | last ÷ first |"
    lines = [head, "|---|" + "---|" * (len(counties) + 1)]
    for name in sorted(counties[-1].pages):
        times = [c.pages[name] for c in counties]
        lines.append(f"| {name} | " + " | ".join(f"{t:.1f} ms" for t in times) + f" | {times[-1] / times[0]:.2f} |")
    checks = [c.check for c in counties]
    lines.append(
        "| `qingkong check` | " + " | ".join(f"{t:.2f} s" for t in checks) + f" | {checks[-1] / checks[0]:.2f} |"
    )
    return "\n".join(lines)


def chart(counties: Sequence[County]) -> str:
    """An SVG: calls on a logarithmic axis, milliseconds on a plain one, a line a page, the limit dashed."""
    top = max(LIMIT, *(t for c in counties for t in c.pages.values())) * 1.08
    low, high = (math.log10(c.calls) for c in (counties[0], counties[-1]))
    span = (high - low) or 1.0

    def x(calls: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(calls) - low) / span

    def y(ms: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - ms / top)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for ms in range(0, int(top) + 1, 10):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(ms):.1f}" y2="{y(ms):.1f}" stroke="#e3e8ee"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(ms) + 4:.1f}" text-anchor="end" fill="#505a5f">{ms} ms</text>')
    for county in counties:
        parts.append(
            f'<text x="{x(county.calls):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#505a5f">'
            f"{county.calls:,}</text>"
        )
    parts.append(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(LIMIT):.1f}" y2="{y(LIMIT):.1f}" stroke="#d4351c" stroke-dasharray="5 4"/>'
    )
    ends = sorted(counties[-1].pages, key=lambda name: counties[-1].pages[name])
    label_y = HEIGHT - BOTTOM + 14.0
    for number, name in enumerate(ends):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x(c.calls):.1f},{y(c.pages[name]):.1f}" for c in counties)
        label_y = min(label_y - 15, y(counties[-1].pages[name]) + 4)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{label_y:.1f}" fill="{colour}">{name.split("?")[0]}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 8}" fill="#505a5f">calls</text></svg>\n')
    return "\n".join(parts)
