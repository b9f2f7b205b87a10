"""The clock of a case stands still for an appraisal, and is extended by whom the law names (治安管理处罚法 §118)."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases.models import Case, Report
from qingkong.kernel import access, clocks
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

APPRAISAL = "鉴定"
NO_CLOCK = zh("本案没有正在计算的办案期限。")


class NoClock(Refusal):
    """No clock of this case is running."""


@transaction.atomic
def suspend_for_appraisal(*, case: Case, reason: str, actor: Actor, at: datetime) -> clocks.ClockView:
    """The time of an appraisal isn't counted. Raises NoClock and whatever the clock refuses."""
    access.require(actor, "cases.handle", case)
    limit = _running(case)
    clocks.suspend(
        limit,
        subject=case,
        at=at,
        actor=actor,
        reason=f"{APPRAISAL}：{reason.strip()}" if reason.strip() else APPRAISAL,
    )
    return _view(case, limit)


@transaction.atomic
def resume_after_appraisal(*, case: Case, actor: Actor, at: datetime) -> clocks.ClockView:
    """The appraisal is there; the clock runs on. Raises NoClock and whatever the clock refuses."""
    access.require(actor, "cases.handle", case)
    limit = _running(case)
    clocks.resume(limit, subject=case, at=at, actor=actor)
    return _view(case, limit)


@transaction.atomic
def extend_time(
    *, subject: Case | Report, reason: str, actor: Actor, at: datetime, approval: str = "", step: str = ""
) -> clocks.ClockView:
    """More time for a case (XZ-07) or for the review of a report (LA-04), by whom the law names for its kind of unit.

    `approval` is the number of the paper where a body outside the bureau approves; `step` one of the limit's
    extensions. Raises NoClock, NotPermitted, CannotExtend.
    """
    access.require(actor, "cases.extend")
    access.require(actor, "cases.see" if isinstance(subject, Case) else "cases.see_reports", subject)
    limit = _running(subject)
    clocks.extend(limit, subject=subject, at=at, actor=actor, reason=reason, approval=approval, step=step)
    return _view(subject, limit)


OWN_CLOCKS = ("XZ-07", "XZ-08", "XS-22", "LA-02", "LA-04")


def _running(subject: Case | Report) -> str:
    for clock in clocks.of(subject):
        if clock.limit_id in OWN_CLOCKS and clock.stopped_at is None:
            return clock.limit_id
    raise NoClock(NO_CLOCK)


def _view(subject: Case | Report, limit: str) -> clocks.ClockView:
    return next(clock for clock in clocks.of(subject) if clock.limit_id == limit)
