"""Figures for the wall: calls by hour and kind, response times of the county. No names, no units, no ranks."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from django.db.models import Max

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.models import Call, Kind, Response
from qingkong.domains.enforcement.calls.queries.lists import start_of_day
from qingkong.kernel.text import local

FEWEST = 10
"""Fewer responses than this show no percentile: it would point at one."""


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes from dispatch to a stamp: the middle and the ninth decile, and of how many."""

    stamp: rules.Stamp
    count: int
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Today:
    """The county's calls of one day up to `at`. Everything is a count of calls or a time; nobody is named."""

    at: datetime
    total: int
    open: int
    hours: list[int]
    kinds: list[tuple[Kind, int]]
    times: list[Times]
    latest_at: datetime | None


def today(*, at: datetime) -> Today:
    """Figures from the county's midnight to `at`, in five queries."""
    since = start_of_day(at)
    rows = list(
        Call.objects.filter(taken_at__gte=since, taken_at__lte=at).values_list("taken_at", "kind_id", "closed_at")
    )
    hours = Counter(local(taken).hour for taken, _, _ in rows)
    by_kind = Counter(kind for _, kind, _ in rows)
    known = Kind.objects.in_bulk(list(by_kind))
    return Today(
        at=at,
        total=len(rows),
        open=sum(1 for _, _, closed in rows if closed is None),
        hours=[hours[hour] for hour in range(24)],
        kinds=[(known[key], count) for key, count in by_kind.most_common()],
        times=_times(since, at),
        latest_at=Call.objects.filter(taken_at__lte=at).aggregate(latest=Max("taken_at"))["latest"],
    )


def _times(since: datetime, at: datetime) -> list[Times]:
    stamps = (rules.Stamp.ACKNOWLEDGED, rules.Stamp.DEPARTED, rules.Stamp.ARRIVED)
    sent = Response.objects.filter(call__taken_at__gte=since, call__taken_at__lte=at, stood_down_at=None)
    rows = list(sent.values_list("sent_at", *(f"{stamp.value}_at" for stamp in stamps)))
    return [
        _percentiles(stamp, [(row[i] - row[0]).total_seconds() / 60 for row in rows if row[i] is not None])
        for i, stamp in enumerate(stamps, start=1)
    ]


def _percentiles(stamp: rules.Stamp, minutes: list[float]) -> Times:
    if len(minutes) < FEWEST:
        return Times(stamp, len(minutes), None, None)
    deciles = quantiles(minutes, n=10, method="inclusive")
    return Times(stamp, len(minutes), round(deciles[4], 1), round(deciles[8], 1))
