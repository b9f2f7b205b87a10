"""What can be asked of gates: the four lights, open findings. Constant numbers of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.gates.checks import Gate
from qingkong.kernel.gates.models import Finding, FindingState, Passage
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.records import Record, subject_key, threads_of
from qingkong.kernel.text import Labelled, Sentence, zh

SEE_ALL = frozenset({Post.BUREAU_LEADER, Post.LEGAL_SECTION, Post.CASE_OFFICE, Post.INSPECTOR})
BEFORE_CLOSING = (Gate.SOURCE, Gate.PROCESS, Gate.CLOSING)


class LightState(Labelled):
    OK = "ok", zh("通过")
    WARN = "warn", zh("有提示")
    BAD = "bad", zh("有问题")
    IDLE = "idle", zh("尚未到达")


@dataclass(frozen=True, slots=True)
class Light:
    """One gate of a subject: how it stands, how many checks it passed, how many findings are open."""

    gate: Gate
    label: Sentence
    state: LightState
    passed: int
    open: int


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as pages show it."""

    id: UUID
    check_id: str
    gate: Gate
    subject_key: str
    thread: str
    unit_id: UUID | None
    blocks: bool
    sentence: Sentence
    detail: str
    how: Sentence
    article: str
    waivable_by: Sentence | None
    found_at: datetime
    found_by: str
    state: FindingState
    settled_at: datetime | None
    settled_by: str
    reason: str


def lights(subject: Record | str, *, at: datetime) -> list[Light]:
    """The four lights of a subject and of all that belongs to its thread, as recorded up to `at`. Two queries."""
    mine = _belongs(subject)
    found = {
        row["gate"]: row
        for row in Finding.objects.filter(mine, state=FindingState.OPEN, found_at__lte=at)
        .values("gate")
        .annotate(open=Count("pk"), bad=Count("pk", filter=Q(blocks=True)))
        .order_by()
    }
    passed = {
        row["gate"]: row["total"]
        for row in Passage.objects.filter(mine, at__lte=at).values("gate").annotate(total=Sum("passed")).order_by()
    }
    return [_light(gate, found.get(gate.value), passed.get(gate.value)) for gate in Gate]


def open_findings(subject: Record | str) -> list[FindingView]:
    """Open findings of a subject and its thread, blocking ones first. One query."""
    rows = Finding.objects.filter(_belongs(subject), state=FindingState.OPEN).order_by("-blocks", "found_at", "id")
    return [view(row) for row in rows]


def findings(subject: Record | str, *, limit: int = 100) -> list[FindingView]:
    """All findings of a subject and its thread with how they ended, newest first. One query."""
    rows = Finding.objects.filter(_belongs(subject)).order_by("-found_at", "-id")[:limit]
    return [view(row) for row in rows]


def in_sight(*, actor: Actor, at: datetime) -> QuerySet[Finding]:
    """Open findings the actor's post looks after: the unit's, or all for leaders and reviewers. For a page of them."""
    access.require(actor, "gates.see")
    rows: QuerySet[Finding] = Finding.objects.filter(state=FindingState.OPEN, found_at__lte=at)
    return rows if actor.post in SEE_ALL else rows.filter(unit=actor.unit_id)


def open_for(*, actor: Actor, at: datetime, limit: int = 50) -> list[FindingView]:
    """Open findings in the actor's sight, blocking ones first, then the oldest. One query."""
    return [view(row) for row in in_sight(actor=actor, at=at).order_by("-blocks", "found_at", "id")[:limit]]


def get_finding(*, id: UUID, actor: Actor) -> FindingView | None:
    """One finding, if the actor's post may see findings at all."""
    access.require(actor, "gates.see")
    row = Finding.objects.filter(pk=id).first()
    return view(row) if row else None


def earlier_gates_open(subject: Record, at: datetime) -> Sentence | bool:
    """A predicate for the check on closing: which of the first three gates still has a blocking finding open."""
    still = (
        Finding.objects.filter(_belongs(subject), state=FindingState.OPEN, blocks=True)
        .filter(gate__in=[gate.value for gate in BEFORE_CLOSING], found_at__lte=at)
        .exclude(subject_key=subject_key(subject), gate=Gate.CLOSING)
        .values_list("gate", flat=True)
        .distinct()
        .order_by()
    )
    names = [Gate(gate).label.in_chinese() for gate in still]
    return zh("{gates}关口还有未处理的问题。", gates="、".join(sorted(names))) if names else False


def view(row: Finding) -> FindingView:
    return FindingView(
        id=row.pk,
        check_id=row.check_id,
        gate=Gate(row.gate),
        subject_key=row.subject_key,
        thread=row.thread,
        unit_id=row.unit_id,
        blocks=row.blocks,
        sentence=zh(row.sentence),
        detail=row.detail,
        how=zh(row.how),
        article=row.article,
        waivable_by=Post(row.waivable_by).label if row.waivable_by else None,
        found_at=row.found_at,
        found_by=row.found_by,
        state=FindingState(row.state),
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        reason=row.reason,
    )


def _belongs(subject: Record | str) -> Q:
    mine = Q(subject_key=subject_key(subject))
    threads = [subject] if isinstance(subject, str) else threads_of(subject)
    return mine | Q(thread__in=threads) if threads else mine


def _light(gate: Gate, found: Mapping[str, Any] | None, passed: int | None) -> Light:
    if found is None:
        state = LightState.IDLE if passed is None else LightState.OK
        return Light(gate, gate.label, state, passed or 0, 0)
    state = LightState.BAD if found["bad"] else LightState.WARN
    return Light(gate, gate.label, state, passed or 0, found["open"])
