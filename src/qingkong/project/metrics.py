"""Figures for Prometheus, in its text format: how busy, how quick, what waits. Routes by name, nobody's name, no address.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import shutil
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max, Min
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.clocks.models import Clock
from qingkong.kernel.jobs.models import Timetable
from qingkong.kernel.ledger.models import Cosignature, Entry, Leaf, Pending
from qingkong.web.uploads.models import State, Upload

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds

_lock = threading.Lock()
_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
_seconds: dict[str, float] = defaultdict(float)


def count(route: str, method: str, status: int, seconds: float) -> None:
    """One answered request of this process."""
    with _lock:
        _requests[route, method, status // 100] += 1
        _buckets[route][bisect_left(BOUNDS, seconds)] += 1
        _seconds[route] += seconds


def text(*, at: datetime) -> str:
    """The page. Each figure of the tables is one indexed question."""
    return "\n".join([*_requests_lines(), *_waiting_lines(at), *_disk_lines()]) + "\n"


def _requests_lines() -> Iterator[str]:
    with _lock:
        requests, seconds = sorted(_requests.items()), dict(_seconds)
        buckets = {route: list(counts) for route, counts in sorted(_buckets.items())}
    yield from _head("qingkong_requests_total", "counter", "Requests answered by this process")
    for (route, method, hundred), number in requests:
        yield f'qingkong_requests_total{{route="{route}",method="{method}",status="{hundred}xx"}} {number}'
    yield from _head("qingkong_request_seconds", "histogram", "Time to the answer")
    for route, counts in buckets.items():
        total = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
            total += number
            yield f'qingkong_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}'
        yield f'qingkong_request_seconds_sum{{route="{route}"}} {seconds[route]:.6f}'
        yield f'qingkong_request_seconds_count{{route="{route}"}} {total}'


def _waiting_lines(at: datetime) -> Iterator[str]:
    jobs = DBTaskResult.objects
    oldest = Entry.objects.filter(pending__isnull=False).aggregate(oldest=Min("at"))["oldest"]
    cosigned = Cosignature.objects.aggregate(last=Max("signed_at"), size=Max("checkpoint__size"))
    sealed = Leaf.objects.aggregate(last=Max("sequence"))["last"]
    running = Clock.objects.filter(stopped_at=None, suspended_at=None)
    figures = [
        ("qingkong_jobs_waiting", "Jobs that are due", jobs.filter(status=TaskResultStatus.READY, run_after__lte=at).count()),
        ("qingkong_jobs_failed", "Jobs that failed for good", jobs.filter(status=TaskResultStatus.FAILED).count()),
        ("qingkong_timetable_failing", "Recurring jobs whose last run failed", Timetable.objects.filter(failures__gt=0).count()),
        ("qingkong_ledger_pending", "Entries that aren't in the tree yet", Pending.objects.count()),
        ("qingkong_ledger_pending_seconds", "Age of the oldest of them", _age(oldest, at) or 0),
        ("qingkong_ledger_size", "Entries in the tree", 0 if sealed is None else sealed + 1),
        ("qingkong_ledger_cosigned_size", "Entries under the last cosignature", cosigned["size"] or 0),
        ("qingkong_cosigner_age_seconds", "Since the last cosignature; -1 for never", _age(cosigned["last"], at, never=-1)),
        ("qingkong_clocks_overdue", "Time limits that have passed", running.filter(due_at__lte=at).count()),
        ("qingkong_clock_alarms_waiting", "Alarms due and not rung", running.filter(next_rung_at__lte=at).count()),
        ("qingkong_uploads_open", "Uploads under way", Upload.objects.filter(state=State.OPEN, expires_at__gt=at).count()),
    ]  # fmt: skip
    for name, said, value in figures:
        yield from _head(name, "gauge", said)
        yield f"{name} {value}"


def _disk_lines() -> Iterator[str]:
    usage = shutil.disk_usage(Path(settings.QINGKONG_HOME))
    for name, said, value in (
        ("qingkong_disk_free_bytes", "Free where the instance lives", usage.free),
        ("qingkong_disk_bytes", "Size of that disk", usage.total),
    ):
        yield from _head(name, "gauge", said)
        yield f"{name} {value}"


def _age(since: datetime | None, at: datetime, *, never: int = 0) -> float:
    return never if since is None else round((at - since).total_seconds(), 3)


def _head(name: str, kind: str, said: str) -> Iterator[str]:
    yield f"# HELP {name} {said}"
    yield f"# TYPE {name} {kind}"
