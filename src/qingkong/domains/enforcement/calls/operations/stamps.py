"""The four stamps of a response, and the marks of the scene checklist. Each holds the moment it was pressed."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Call, Response, SceneStep
from qingkong.kernel import access, events, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotStamp(Refusal):
    """The stamp isn't set; the message says why."""


def acknowledge(*, response: Response, actor: Actor, at: datetime) -> Response:
    """签收: the unit has the order. Raises CannotStamp."""
    return _press(response, rules.Stamp.ACKNOWLEDGED, actor=actor, at=at)


def depart(*, response: Response, actor: Actor, at: datetime) -> Response:
    """出警: the unit is on its way. Raises CannotStamp."""
    return _press(response, rules.Stamp.DEPARTED, actor=actor, at=at)


def arrive(*, response: Response, actor: Actor, at: datetime) -> Response:
    """到场: the unit is at the scene. Raises CannotStamp."""
    return _press(response, rules.Stamp.ARRIVED, actor=actor, at=at)


def report_back(*, response: Response, report: str, actor: Actor, at: datetime) -> Response:
    """反馈: what the unit found and did, in words (110接处警工作规则). Raises CannotStamp."""
    if not report.strip():
        raise CannotStamp(zh("请写明处置情况。"), field="report")
    return _press(response, rules.Stamp.REPORTED, actor=actor, at=at, report=report.strip())


PRESSES = {
    rules.Stamp.ACKNOWLEDGED: acknowledge,
    rules.Stamp.DEPARTED: depart,
    rules.Stamp.ARRIVED: arrive,
}


@transaction.atomic
def _press(response: Response, stamp: rules.Stamp, *, actor: Actor, at: datetime, report: str = "") -> Response:
    """Set a stamp once; pressing it again changes nothing and keeps the first moment."""
    call, unit_name = Call.objects.locked(response.call_id), response.unit.name
    responses = list(call.responses.all())  # the call's lock covers them: whatever changes one locks the call first
    response = next(one for one in responses if one.pk == response.pk)
    access.require(actor, "calls.report" if stamp is rules.Stamp.REPORTED else "calls.stamp", response)
    if response.sent.stamp(stamp) is not None:
        return response
    if reason := rules.why_not_stamp(response.sent, stamp, at=at):
        raise CannotStamp(reason, how=zh("时间按按下的时刻登记，不能补登；漏按的在结警时说明。"), subject=call)
    relayed = not queries.rides_in(response, actor)
    if report:
        response.report = report
    response.press(stamp, at=at, relayed=relayed)
    call.move_to(rules.state_of(one.sent for one in responses))
    facts = {"number": call.number, "unit": unit_name, "lead": response.lead_name, "relayed": relayed}
    if report:
        facts["report"] = report
    ledger.record(actor=actor, at=at, act=f"calls.{stamp.value}", subject=call, facts=facts)
    events.happened(f"calls.{stamp.value}", at=at, actor=actor, call=call, response=response)
    events.announce("calls", call, at=at)
    return response


@transaction.atomic
def mark_scene_step(*, call: Call, step: str, actor: Actor, at: datetime) -> SceneStep:
    """Mark a step of the scene checklist as done. Marking it again keeps the first mark. Raises CannotStamp."""
    call = Call.objects.locked(call.pk)
    access.require(actor, "calls.stamp", call)
    if step not in queries.scene().checklist_keys(call.kind.scene):
        raise CannotStamp(zh("这种现场的清单里没有这一步。"), subject=call)
    if call.state == rules.State.CLOSED:
        raise CannotStamp(rules.ALREADY_CLOSED, subject=call)
    mark, made = SceneStep.objects.get_or_create(
        call=call, step=step, defaults={"done_at": at, "done_by_name": actor.name}
    )
    if made:
        ledger.record(
            actor=actor, at=at, act="calls.scene_step", subject=call, facts={"number": call.number, "step": step}
        )
    return mark
