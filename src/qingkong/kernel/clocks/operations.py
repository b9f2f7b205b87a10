"""What can be done with a clock: start, stop, suspend, resume, extend. Each leaves its ledger entry."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, models, transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.clocks import running
from qingkong.kernel.clocks.approving import require_approver
from qingkong.kernel.clocks.limits import Extension, amount_in_words
from qingkong.kernel.clocks.loading import calendar_in_force
from qingkong.kernel.clocks.models import Clock, ClockExtension, Suspension
from qingkong.kernel.clocks.queries import limit_in_force
from qingkong.kernel.records import subject_key, thread_of
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

Subject = models.Model | str

ALREADY_RUNS = zh("“{name}”已经在计算。")


class AlreadyRuns(Refusal):
    """This limit runs for this subject already."""


class NotRunning(Refusal):
    """No such clock runs for this subject."""


class CannotSuspend(Refusal):
    """The clock stands still already, or the law names no ground to suspend it, or no reason was given."""


class CannotResume(Refusal):
    """The clock isn't suspended, or would resume before it was suspended."""


class CannotExtend(Refusal):
    """The limit can't be extended (again), it has run out, or no reason was given."""


@transaction.atomic
def start(
    limit_id: str,
    *,
    subject: Subject,
    at: datetime,
    actor: Actor,
    unit_id: UUID | None,
    officer_id: UUID | None = None,
    held: bool = False,
    thread: str | None = None,
) -> Clock:
    """Start a limit for a subject at the instant of its trigger, in the version in force on that day.

    `held`: a person is held while it runs, so that its last day never moves off a holiday; limits on holding are always
    held. Raises NoSuchLimit and AlreadyRuns.
    """
    row = limit_in_force(limit_id, at=at)
    limit = row.limit
    key = subject_key(subject)
    if Clock.objects.filter(subject_key=key, code=limit_id, stopped_at=None).exists():
        raise AlreadyRuns(ALREADY_RUNS.fill(name=limit.name), limit=limit_id)
    clock = Clock(
        limit=row,
        code=limit_id,
        subject_key=key,
        thread=thread_of(subject) if thread is None else thread,
        unit_id=unit_id,
        officer_id=officer_id,
        held=held or limit.held,
        started_at=at,
        budget=limit.amount if limit.amount is not None else (limit.local.amount if limit.local else None),
    )
    running.derive(clock, calendar=calendar_in_force())
    try:
        with transaction.atomic():
            clock.save(force_insert=True)
    except IntegrityError as error:  # somebody else started it meanwhile
        raise AlreadyRuns(ALREADY_RUNS.fill(name=limit.name), limit=limit_id) from error
    _enter("clocks.started", clock, actor=actor, at=at, held=clock.held, local=clock.is_local)
    return clock


@transaction.atomic
def stop(limit_id: str, *, subject: Subject, at: datetime, actor: Actor) -> Clock:
    """Stop a running clock because what it waits for was done; says whether that was late. Raises NotRunning."""
    clock = _running(limit_id, subject)
    return _stop(clock, at=at, actor=actor)


@transaction.atomic
def stop_all(*, subject: Subject, at: datetime, actor: Actor) -> list[Clock]:
    """Stop every clock that runs for a subject, because the subject itself has ended."""
    clocks = Clock.objects.select_for_update(of=("self",)).select_related("limit")
    running_ones = list(clocks.filter(subject_key=subject_key(subject), stopped_at=None))
    return [_stop(clock, at=at, actor=actor) for clock in running_ones]


@transaction.atomic
def suspend(limit_id: str, *, subject: Subject, at: datetime, actor: Actor, reason: str) -> Clock:
    """Let a clock stand still from `at`: appraisal, hearing, what the limit names. Raises NotRunning, CannotSuspend."""
    clock = _running(limit_id, subject)
    limit = clock.limit.limit
    if not limit.suspends:
        raise CannotSuspend(zh("“{name}”没有可以中止的法定情形。", name=limit.name), limit=limit_id)
    if clock.suspended_at is not None:
        raise CannotSuspend(zh("“{name}”已经中止。", name=limit.name), limit=limit_id)
    if not reason.strip():
        raise CannotSuspend(
            zh("请写明中止的情形。"),
            how=zh("可以中止的情形：{grounds}。", grounds="、".join(limit.suspends)),
            field="reason",
        )
    if at < clock.started_at:
        raise CannotSuspend(zh("中止不能早于起算。"), limit=limit_id)
    clock.suspended_at = at
    Suspension.objects.create(clock=clock, since_at=at, reason=reason.strip())
    running.refresh(clock, also=["suspended_at"])
    _enter("clocks.suspended", clock, actor=actor, at=at, reason=reason.strip())
    return clock


@transaction.atomic
def resume(limit_id: str, *, subject: Subject, at: datetime, actor: Actor) -> Clock:
    """Let a suspended clock run on from `at`; what passed meanwhile isn't counted. Raises NotRunning, CannotResume."""
    clock = _running(limit_id, subject)
    if clock.suspended_at is None:
        raise CannotResume(zh("“{name}”没有中止。", name=clock.limit.name), limit=limit_id)
    _end_suspension(clock, at=at)
    running.refresh(clock, also=["suspended_at"])
    _enter("clocks.resumed", clock, actor=actor, at=at)
    return clock


@transaction.atomic
def extend(
    limit_id: str,
    *,
    subject: Subject,
    at: datetime,
    actor: Actor,
    reason: str,
    approval: str = "",
    step: str = "",
) -> Clock:
    """Give a clock the longer budget that the law allows, before it has run out.

    The actor is who approves, or, where a body outside the bureau does, who enters its paper with its number in
    `approval`. `step` names one of the limit's extensions; without it the next one in their order is taken.
    Raises NotRunning, CannotExtend, NotPermitted.
    """
    clock = _running(limit_id, subject)
    option = _option(clock, step)
    body = require_approver(option, clock, actor=actor, approval=approval)
    if not reason.strip():
        raise CannotExtend(zh("请写明延长的理由。"), field="reason")
    if clock.due_at is not None and at >= clock.due_at:
        raise CannotExtend(zh("“{name}”已经届满，不能再延长。", name=clock.limit.name), limit=limit_id)
    before = clock.budget or 0
    clock.budget = option.budget_after(before)
    ClockExtension.objects.create(
        clock=clock,
        key=option.key,
        budget_before=before,
        budget_after=clock.budget,
        body=body,
        approved_by=actor.name,
        approval=approval.strip(),
        reason=reason.strip(),
        at=at,
    )
    running.refresh(clock, also=["budget"])
    _enter(
        "clocks.extended", clock, actor=actor, at=at, step=option.key, before=before, after=clock.budget,
        body=body.value, approval=approval.strip(), reason=reason.strip(),
    )  # fmt: skip
    return clock


def _option(clock: Clock, step: str) -> Extension:
    limit, budget = clock.limit.limit, clock.budget or 0
    taken = list(clock.extensions.values_list("key", flat=True))
    left = [
        option
        for option in limit.extensions
        if taken.count(option.key) < option.times and option.budget_after(budget) > budget
    ]
    if step:
        wanted = [option for option in left if option.key == step]
        if limit.in_order and wanted and wanted[0] is not left[0]:
            raise CannotExtend(zh("“{name}”须逐级延长，不能跳级。", name=limit.name), limit=clock.code)
        left = wanted
    if not left:
        if not limit.extensions:
            raise CannotExtend(zh("“{name}”法律没有规定可以延长。", name=limit.name), limit=clock.code)
        longest = amount_in_words(budget, limit.unit) if limit.unit else budget
        raise CannotExtend(
            zh("“{name}”不能再延长，现为{longest}。", name=limit.name, longest=longest), limit=clock.code
        )
    return left[0]


def _running(limit_id: str, subject: Subject) -> Clock:
    clocks = Clock.objects.select_for_update(of=("self",)).select_related("limit", "unit")
    clock = clocks.filter(subject_key=subject_key(subject), code=limit_id, stopped_at=None).first()
    if clock is None:
        raise NotRunning(zh("这里没有正在计算的期限“{limit}”。", limit=limit_id), limit=limit_id)
    return clock


def _end_suspension(clock: Clock, *, at: datetime) -> None:
    if clock.suspended_at is not None and at < clock.suspended_at:
        raise CannotResume(zh("恢复不能早于中止。"), limit=clock.code)
    clock.suspensions.filter(until_at=None).update(until_at=at)
    clock.suspended_at = None


def _stop(clock: Clock, *, at: datetime, actor: Actor) -> Clock:
    if at < clock.started_at:
        raise NotRunning(zh("“{name}”在这一时刻还没有起算。", name=clock.limit.name), limit=clock.code)
    if clock.suspended_at is not None:
        _end_suspension(clock, at=at)
        running.refresh(clock, also=["suspended_at"])
    clock.stopped_at = at
    clock.late = clock.due_at is not None and not clock.is_local and at >= clock.due_at
    clock.next_rung_at = None
    clock.save(update_fields=["stopped_at", "late", "next_rung_at"])
    _enter("clocks.stopped", clock, actor=actor, at=at, late=clock.late)
    return clock


def _enter(act: str, clock: Clock, *, actor: Actor, at: datetime, **facts: object) -> None:
    ledger.record(
        actor=actor,
        at=at,
        act=act,
        subject=clock.subject_key,
        thread=clock.thread,
        facts={
            "limit": clock.code,
            "name": clock.limit.name,
            "name_en": clock.limit.limit.name_en,
            "due": clock.due_at,
            **facts,
        },
    )
