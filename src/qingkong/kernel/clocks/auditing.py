"""Whether clocks agree with their suspensions, their derived columns and what was entered about them."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Count, F, Q

from qingkong.kernel.clocks import running
from qingkong.kernel.clocks.loading import calendar_in_force
from qingkong.kernel.clocks.models import Clock, ClockExtension, Suspension
from qingkong.kernel.ledger.trails import tally
from qingkong.kernel.text import Sentence, zh

SUSPENDED = zh("{subject} 的期限 {code}：中止的记载和期限本身不一致。")
TWO_ENDS = zh("{subject} 的期限 {code}：记着 {stored} 届满，按规则应是 {derived}。")
NO_SUBJECT = zh("期限 {code} 指着不存在的 {subject}。")
BUDGET = zh("{subject} 的期限 {code}：延长的记载和现在的长度不一致。")
CHUNK = 500


def disagreements() -> Iterator[Sentence]:
    """Clocks that stand still without a suspension, end at another instant than reckoned, or belong to nothing."""
    open_ones = Count("suspensions", filter=Q(suspensions__until_at=None))
    for clock in Clock.objects.annotate(open_ones=open_ones).exclude(
        Q(suspended_at=None, open_ones=0) | Q(suspended_at__isnull=False, open_ones=1)
    ):
        yield SUSPENDED.fill(subject=clock.subject_key, code=clock.code)
    yield from _ends()
    yield from _subjects()
    for longer in ClockExtension.objects.select_related("clock").filter(clock__budget__lt=F("budget_after")):
        yield BUDGET.fill(subject=longer.clock.subject_key, code=longer.clock.code)
    yield from tally(["clocks.started"], Clock.objects.all(), subject="subject_key")
    yield from tally(["clocks.stopped"], Clock.objects.exclude(stopped_at=None), subject="subject_key")
    yield from tally(["clocks.suspended"], Suspension.objects.all(), subject="clock__subject_key")
    yield from tally(["clocks.extended"], ClockExtension.objects.all(), subject="clock__subject_key")


def _ends() -> Iterator[Sentence]:
    """Clocks that run: the end that is stored is the end that the rules give."""
    calendar = calendar_in_force()
    for clock in Clock.objects.filter(stopped_at=None).select_related("limit").iterator(chunk_size=CHUNK):
        stored = clock.due_at
        already = clock.rungs.filter(round=running.round_of(clock)).values_list("rung", flat=True)
        running.derive(clock, spans=running.spans_of(clock), rung_already=already, calendar=calendar)
        if clock.due_at != stored:
            yield TWO_ENDS.fill(subject=clock.subject_key, code=clock.code, stored=stored, derived=clock.due_at)


def _subjects() -> Iterator[Sentence]:
    """Each clock belongs to a row that is there."""
    labels = {
        key.partition(":")[0] for key in Clock.objects.order_by().values_list("subject_key", flat=True).distinct()
    }
    for label in sorted(labels):
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            continue  # a subject that is no row: "case:1" of a test, a plain name
        keys = dict(
            Clock.objects.filter(subject_key__startswith=f"{label}:").order_by().values_list("subject_key", "code")
        )
        for some in _in_chunks(sorted(keys)):
            asked = [key.partition(":")[2] for key in some]
            there = model._default_manager.filter(pk__in=asked).values_list("pk", flat=True)
            for key in sorted(set(some) - {f"{label}:{pk}" for pk in there}):
                yield NO_SUBJECT.fill(code=keys[key], subject=key)


def _in_chunks(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
