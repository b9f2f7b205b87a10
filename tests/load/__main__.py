"""`python -m tests.load --minutes 10`: fifty officers, twenty phones and one big file against a served demo county.

Prints one JSON object: for each step how often, p50, p95 and p99 in milliseconds, and every fault. Exit status 0 where
there was no fault and p95 over all steps kept to the limit.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path

from tests.load import ingest
from tests.load.people import BROWSING, CALL, journeys_of, live, phone
from tests.load.serving import posts_held, served
from tests.load.visitor import Visitor

LIMIT_MS = 200.0  # p95
STATION = "104"


class Record:
    """What was seen, by step; of the last journeys and the first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.steps: dict[str, list[float]] = {}
        self.faults: list[str] = []

    def __call__(self, step: str, seconds: float, fault: str) -> None:
        with self.lock:
            self.steps.setdefault(step, []).append(seconds * 1000)
            if fault:
                self.faults.append(f"{step}: {fault}")

    def summary(self) -> dict[str, dict[str, float]]:
        return {step: measured(times) for step, times in sorted(self.steps.items())}


def measured(times: list[float]) -> dict[str, float]:
    """count, p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(times)
    at = {f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) for share in (50, 95, 99)}
    return {"count": len(ordered), **at, "longest": round(ordered[-1], 1)}


def crowd(port: int, home: Path, officers: int, phones: int, record: Record) -> list[tuple[Visitor, str]]:
    """Everybody, signed in: (visitor, post or `phone`)."""
    held = posts_held(home)
    at_desks = ["dispatcher", "dispatcher"] + list(islice(cycle(BROWSING), max(officers - 2, 0)))
    taken = {post: cycle(held[post]) for post in held}
    taken["phone"] = cycle(one for one in held["officer"] if one[1] >= STATION)  # stations' officers ride
    made = []
    for post in [*at_desks[:officers], *["phone"] * phones]:
        one = Visitor(port, record)
        one.enter(next(taken[post])[0])
        made.append((one, post))
    return made


def run(minutes: float, officers: int, phones: int, mebibytes: int, filled: Path | None) -> dict[str, object]:
    """Load a server for so long; what was seen."""
    record, stop = Record(), threading.Event()
    with tempfile.TemporaryDirectory(prefix="qingkong-load-") as folder, served(Path(folder), filled) as (port, home):
        people = crowd(port, home, officers, phones, record)
        threads = [
            threading.Thread(
                target=live, args=(one, [phone] if post == "phone" else journeys_of(post)), daemon=True,
                kwargs={"pause": 5.0 if post == "phone" else 4.0, "seed": n, "until": stop, "faults": lambda said: None},
            )
            for n, (one, post) in enumerate(people)
        ]  # fmt: skip
        begun, load = time.monotonic(), os.getloadavg()[0]
        for thread in threads:
            thread.start()
        sent = big_file(port, home, mebibytes) if mebibytes else {}
        stop.wait(max(minutes * 60 - (time.monotonic() - begun), 0))
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
        took = time.monotonic() - begun
    everything = measured([t for times in record.steps.values() for t in times])
    faults = record.faults + ([f"ingest: {sent['fault']}"] if sent.get("fault") else [])
    return {
        "minutes": round(took / 60, 2), "officers": officers, "phones": phones, "requests": everything["count"],
        "a_second": round(everything["count"] / took, 1), "all": everything, "steps": record.summary(), "ingest": sent,
        "faults": len(faults), "first_faults": faults[:20], "cores": os.cpu_count(),
        "load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2),
        "kept": everything["p95"] <= LIMIT_MS and not faults,
    }  # fmt: skip


def big_file(port: int, home: Path, mebibytes: int) -> dict[str, object]:
    """An officer registers a long recording for one of the own calls while everybody works."""
    officer = Visitor(port, lambda step, seconds, fault: None)
    officer.enter(next(key for key, unit in posts_held(home)["officer"] if unit == STATION))
    text = officer.get("", CALL.findall(officer.get("", "/desk/calls/"))[0])
    number = text[text.index("J20") :][:12]
    return ingest.send(port, officer, number, mebibytes)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--officers", type=int, default=50)
    asked.add_argument("--phones", type=int, default=20)
    asked.add_argument("--ingest-mib", type=int, default=4096, help="size of the one big file; 0 sends none")
    asked.add_argument("--instance", type=Path, help="a filled demo instance to copy; without it one is made")
    said = asked.parse_args()
    result = run(min(said.minutes, 60), min(said.officers, 200), min(said.phones, 100), said.ingest_mib, said.instance)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return 0 if result["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
