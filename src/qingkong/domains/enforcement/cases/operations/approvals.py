"""A case officer asks, the approver whom the law names approves or returns with reasons.

Approving does the thing itself, with the arguments that were asked for; nothing is decided twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Approval, Case, Report
from qingkong.domains.enforcement.cases.operations import (
    answering,
    closing,
    converting,
    filing,
    powers,
    prosecuting,
    teams,
)
from qingkong.domains.enforcement.cases.rules.matters import ApprovalState, Matter
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access, clocks, gates, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

WHY = zh("请写明报请的理由。")
WHY_RETURNED = zh("请写明退回的理由。")
WAITS = zh("已有一件报请在等待审批。")
ANSWERED = zh("这件报请已经有了结果。")
OWN = zh("不能审批自己报请的事项。")

ABOUT_REPORT = frozenset(
    {
        Matter.FILE_ADMINISTRATIVE,
        Matter.FILE_CRIMINAL,
        Matter.DECLINE_ADMINISTRATIVE,
        Matter.DECLINE_CRIMINAL,
    }
)


class CannotAsk(Refusal):
    """This can't be asked for now."""


class CannotApprove(Refusal):
    """The request has been answered, or is the actor's own."""


@transaction.atomic
def ask_approval(
    *,
    matter: Matter,
    reason: str,
    actor: Actor,
    at: datetime,
    report: Report | None = None,
    case: Case | None = None,
    asks: Mapping[str, Any] | None = None,
) -> Approval:
    """Ask the approver of a matter. `asks` are the arguments of the operation, as plain JSON (officers by id).

    What would refuse the operation later refuses the asking now: gates, team, ground. Asking for a transfer starts
    the 24 hours of LA-06. Raises CannotAsk, GateClosed, CannotName, NotFound (ground).
    """
    subject = report or case
    assert subject is not None  # one of the two
    access.require(actor, "cases.ask", subject)
    access.require(actor, "cases.handle" if case is not None else "cases.see_reports", subject)
    if not reason.strip():
        raise Invalid({"reason": WHY})
    asks = dict(asks or {})
    if Approval.objects.filter(report=report, case=case, state=ApprovalState.WAITING).exists():
        raise CannotAsk(WAITS)
    _refuse_early(matter, report, case, asks, actor=actor, at=at)
    approval = Approval.objects.create(
        matter=matter,
        report=report,
        case=case,
        unit_id=subject.unit_id,
        asks=asks,
        reason=reason.strip(),
        asked_at=at,
        asked_by_id=actor.officer_id,
        asked_by_name=actor.name,
    )
    ledger.record(
        actor=actor, at=at, act="cases.approval_asked", subject=subject, facts={"matter": matter, "reason": reason}
    )
    if report is not None and matter in (Matter.TRANSFER_ADMINISTRATIVE, Matter.TRANSFER_CRIMINAL):
        clocks.start("LA-06", subject=report, at=at, actor=actor, unit_id=report.unit_id, officer_id=actor.officer_id)
    return approval


@transaction.atomic
def approve(*, approval: Approval, actor: Actor, at: datetime, answer: str = "") -> Any:
    """Approve: the operation is done now, by the approver. Returns what it returns.

    Raises CannotApprove, NoPower, OwnCase, and whatever refuses the operation itself.
    """
    approval = _waiting(approval, actor=actor)
    about = approval.case or approval.report
    ledger.record(
        actor=actor, at=at, act="cases.approved", subject=about, facts={"matter": approval.matter, "answer": answer}
    )
    made = _DO[Matter(approval.matter)](approval, actor, at)
    _settle(approval, ApprovalState.APPROVED, actor=actor, at=at, answer=answer)
    return made


@transaction.atomic
def return_approval(*, approval: Approval, reason: str, actor: Actor, at: datetime) -> Approval:
    """Send a request back with reasons. Raises CannotApprove, Invalid without a reason."""
    approval = _waiting(approval, actor=actor)
    if not reason.strip():
        raise Invalid({"reason": WHY_RETURNED})
    matter = Matter.WITHDRAW if approval.matter == Matter.CONVERT else Matter(approval.matter)
    powers.require_power(matter, unit=approval.unit, actor=actor, at=at, case=approval.case)
    _settle(approval, ApprovalState.RETURNED, actor=actor, at=at, answer=reason.strip())
    about = approval.case or approval.report
    ledger.record(
        actor=actor,
        at=at,
        act="cases.approval_returned",
        subject=about,
        facts={"matter": approval.matter, "reason": reason},
    )
    return approval


def _waiting(approval: Approval, *, actor: Actor) -> Approval:
    access.require(actor, "cases.approve")
    row = Approval.objects.select_related("unit").select_for_update(of=("self",)).get(pk=approval.pk)
    if row.state != ApprovalState.WAITING:
        raise CannotApprove(ANSWERED)
    if row.asked_by_id == actor.officer_id:
        raise CannotApprove(OWN)
    return row


def _settle(approval: Approval, state: ApprovalState, *, actor: Actor, at: datetime, answer: str) -> None:
    approval.state = state
    approval.answered_at, approval.answered_by_id = at, actor.officer_id
    approval.answered_by_name, approval.answer = actor.name, answer
    approval.save(update_fields=["state", "answered_at", "answered_by", "answered_by_name", "answer"])


def _refuse_early(
    matter: Matter, report: Report | None, case: Case | None, asks: dict[str, Any], *, actor: Actor, at: datetime
) -> None:
    if report is not None and not report.is_open and matter is not Matter.FILE_CRIMINAL:
        raise CannotAsk(zh("这份报案已经“{state}”。", state=report.state_label))
    if case is not None and not case.is_open:
        raise CannotAsk(teams.IS_OVER)
    if matter in (Matter.FILE_ADMINISTRATIVE, Matter.FILE_CRIMINAL):
        gates.require("cases.file", subject=report, actor=actor, at=at)
        assert report is not None
        teams.check_team(_members(asks), unit_id=report.unit_id, at=at)
    elif matter in (Matter.CLOSE, Matter.STOP, Matter.PROSECUTE, Matter.WITHDRAW):
        assert case is not None
        closing.refuse_early(matter, case, asks.get("ground", ""), actor=actor, at=at)
    elif matter in (Matter.DECLINE_ADMINISTRATIVE, Matter.DECLINE_CRIMINAL, Matter.TERMINATE):
        queries.ground(matter, asks.get("ground", ""), at=at)


def _members(asks: Mapping[str, Any]) -> dict[TeamRole, Officer]:
    wanted = {role: asks.get(role.value) for role in TeamRole}
    found = Officer.objects.in_bulk([pk for pk in wanted.values() if pk])
    by_id = {str(pk): officer for pk, officer in found.items()}
    return {role: by_id[str(pk)] for role, pk in wanted.items() if str(pk) in by_id}


def _file(kind: CaseKind) -> Callable[[Approval, Actor, datetime], Case]:
    def do(approval: Approval, actor: Actor, at: datetime) -> Case:
        asks = approval.asks
        officers = {role.value: officer for role, officer in _members(asks).items()}
        plain = {k: v for k, v in asks.items() if k not in officers and k != "kind"}
        return filing.file_case(
            report=approval.report,
            kind=kind,
            actor=actor,
            at=at,
            asked_by_name=approval.asked_by_name,
            **officers,
            **plain,
        )

    return do


def _decline(approval: Approval, actor: Actor, at: datetime) -> Report:
    assert approval.report is not None
    return answering.decline_case(report=approval.report, actor=actor, at=at, **approval.asks)


def _transfer(approval: Approval, actor: Actor, at: datetime) -> Report | Case:
    return answering.transfer_case(report=approval.report, case=approval.case, actor=actor, at=at, **approval.asks)


def _end(operation: Callable[..., Any]) -> Callable[[Approval, Actor, datetime], Any]:
    def do(approval: Approval, actor: Actor, at: datetime) -> Any:
        return operation(case=approval.case, actor=actor, at=at, **approval.asks)

    return do


def _terminate(approval: Approval, actor: Actor, at: datetime) -> Any:
    assert approval.case is not None
    asks = dict(approval.asks)
    party = approval.case.parties.get(pk=asks.pop("party"))
    return prosecuting.terminate_investigation(party=party, actor=actor, at=at, **asks)


_DO: Mapping[Matter, Callable[[Approval, Actor, datetime], Any]] = {
    Matter.FILE_ADMINISTRATIVE: _file(CaseKind.ADMINISTRATIVE),
    Matter.FILE_CRIMINAL: _file(CaseKind.CRIMINAL),
    Matter.DECLINE_ADMINISTRATIVE: _decline,
    Matter.DECLINE_CRIMINAL: _decline,
    Matter.TRANSFER_ADMINISTRATIVE: _transfer,
    Matter.TRANSFER_CRIMINAL: _transfer,
    Matter.CLOSE: _end(closing.close_case),
    Matter.STOP: _end(closing.stop_inquiry),
    Matter.END: _end(prosecuting.end_investigation),
    Matter.PROSECUTE: _end(prosecuting.transfer_for_prosecution),
    Matter.WITHDRAW: _end(prosecuting.withdraw_case),
    Matter.TERMINATE: _terminate,
    Matter.CONVERT: _end(converting.convert_case),
}
