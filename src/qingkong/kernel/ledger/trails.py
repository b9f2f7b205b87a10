"""Rows beside what was entered about them: read together, both ways, in constant memory.

`qingkong check --deep` asks every room whether its rows and the entries agree; this is what they ask with.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.models import Count

from qingkong.kernel.ledger.acts import sentence_of
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.text import Sentence, zh

CHUNK = 2000
NO_ROW = zh("存证里有 {subject}（{acts}），表里没有这一行。")
TIMES = zh("{name}：“{act}”应当有 {wanted} 条存证，实有 {found} 条。")


@dataclass(frozen=True, slots=True)
class Trail:
    """One subject: its row, None where it is gone, and how often each act was entered about it."""

    key: UUID
    row: Any
    acts: Counter[str]

    def differs(self, name: object, wanted: Mapping[str, int]) -> Iterator[Sentence]:
        """Which acts were entered more or less often than the row says."""
        for act, times in wanted.items():
            if self.acts[act] != times:
                yield TIMES.fill(name=name, act=sentence_of(act, None), wanted=times, found=self.acts[act])


def trails(rows: "models.QuerySet[Any, Any]", *, using: str = "default") -> Iterator[Trail]:
    """Every row of a query set and every entry about a row of its table, joined by key.

    The rows come as the query set gives them (named values have `pk` first). Where a table's rows may go by law, the
    caller passes over the trails without a row.
    """
    beside = _Ahead(_entered(rows.model._meta.label_lower, using))
    for row in rows.order_by("pk").iterator(chunk_size=CHUNK):
        key = row.pk if isinstance(row, models.Model) else row[0]
        while beside.head is not None and beside.head[0] < key:
            yield Trail(beside.head[0], None, beside.take())
        if beside.head is not None and beside.head[0] == key:
            yield Trail(key, row, beside.take())
        else:
            yield Trail(key, row, Counter())
    while beside.head is not None:
        yield Trail(beside.head[0], None, beside.take())


def without_row(trail: Trail, model: type[models.Model]) -> Sentence:
    """That something was entered about a row that isn't there."""
    acts = "、".join(str(sentence_of(act, None)) for act in sorted(trail.acts))
    return NO_ROW.fill(subject=f"{model._meta.label_lower}:{trail.key}", acts=acts)


def tally(
    acts: Iterable[str], rows: "models.QuerySet[Any, Any]", *, subject: str, using: str = "default"
) -> Iterator[Sentence]:
    """Which subjects have more or fewer rows than entries of these acts; `subject` is the rows' column of the key."""
    acts = list(acts)
    entered = dict(
        Entry.objects.using(using).filter(act__in=acts).order_by().values_list("subject").annotate(Count("pk"))
    )
    kept = dict(rows.order_by().values_list(subject).annotate(Count("pk")))
    label = "／".join(dict.fromkeys(str(sentence_of(act, None)) for act in acts))
    for key in sorted(entered.keys() | kept.keys()):
        if entered.get(key, 0) != kept.get(key, 0):
            yield TIMES.fill(name=key, act=label, wanted=kept.get(key, 0), found=entered.get(key, 0))


class _Ahead:
    """An iterator with its next value in view."""

    def __init__(self, source: Iterator[tuple[UUID, Counter[str]]]) -> None:
        self._source = source
        self.head = next(source, None)

    def take(self) -> Counter[str]:
        assert self.head is not None
        acts = self.head[1]
        self.head = next(self._source, None)
        return acts


def _entered(label: str, using: str) -> Iterator[tuple[UUID, Counter[str]]]:
    """(key, acts) of every subject of a table, in the order of keys."""
    prefix = f"{label}:"
    entries = Entry.objects.using(using).filter(subject__startswith=prefix)
    if connections[using].vendor == "sqlite":  # bytes in order: the index leads straight there
        entries = entries.filter(subject__gte=prefix, subject__lt=f"{label};")
    pairs = entries.order_by("subject").values_list("subject", "act").iterator(chunk_size=CHUNK)
    for subject, group in groupby(pairs, key=lambda pair: pair[0]):
        yield UUID(subject.removeprefix(prefix)), Counter(act for _, act in group)
