"""Close a call, with a result."""

from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Call
from qingkong.kernel import access, clocks, events, gates, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotClose(Refusal):
    """The call stays open; the message says why."""


@transaction.atomic
def close_call(*, call: Call, result: rules.Result | None, note: str = "", actor: Actor, at: datetime) -> Call:
    """Close a call with what came of it.

    The checks of step `calls.close` are asked first: GateClosed names all that fail. A case-worthy call starts
    the clock within which its report is registered (公通字〔2015〕32号). Raises CannotClose if it is closed with
    another result; closing it twice with the same changes nothing.
    """
    call = Call.objects.locked(call.pk)
    access.require(actor, "calls.close", call)
    if call.state == rules.State.CLOSED:
        if call.result == result:
            return call
        raise CannotClose(
            zh("这条警情已按“{result}”结警，不能改。", result=rules.Result(call.result).label),
            how=zh("情况有变的，另行登记并关联。"),
            subject=call,
        )
    call.result, call.result_note = result or "", note.strip()
    prefetch_related_objects([call], "responses")  # read once for all the checks
    gates.require("calls.close", subject=call, actor=actor, at=at)
    _finish(call, actor, at)
    return call


def _finish(call: Call, actor: Actor, at: datetime) -> None:
    if call.unit_id is None:
        call.unit_id = actor.unit_id
    call.state, call.closed_at, call.closed_by_name = rules.State.CLOSED, at, actor.name
    call.save(update_fields=["state", "result", "result_note", "closed_at", "closed_by_name", "unit"])
    if call.result == rules.Result.CASE_WORTHY:
        lead = queries.lead_of(call)
        clocks.start(
            queries.REGISTER_WITHIN, subject=call, at=at, actor=actor, unit_id=call.unit_id,
            officer_id=lead or actor.officer_id,
        )  # fmt: skip
    ledger.record(
        actor=actor, at=at, act="calls.closed", subject=call,
        facts={"number": call.number, "result": call.result, "note": call.result_note},
    )  # fmt: skip
    events.happened("calls.closed", at=at, actor=actor, call=call)
    events.announce("calls", call, at=at)
