"""Ask for approval of a seizure, before or after the act; answer it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.property import queries, rules
from qingkong.domains.enforcement.property.models import SeizureApproval, SeizureList
from qingkong.domains.enforcement.property.operations.moving import stop_clock
from qingkong.kernel import access, events, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal


class CannotAnswer(Refusal):
    """The request can't be answered so; the message says why."""


@transaction.atomic
def ask_to_seize(*, case: Any, what: str, reason: str, actor: Actor, at: datetime) -> SeizureApproval:
    """Ask the head of the unit to approve a seizure beforehand (程序规定第五十五条).

    Raises CannotAnswer without a reason.
    """
    access.require(actor, "property.seize", case)
    if not what.strip() or not reason.strip():
        raise CannotAnswer(rules.NO_REASONS, field="reason")
    return request(case, what.strip(), reason.strip(), event_at=None, actor=actor, at=at)


def request(
    case: Any, what: str, reason: str, *, event_at: datetime | None, actor: Actor, at: datetime
) -> SeizureApproval:
    """Write down a request; `event_at` is the instant of an act on the spot that was made already."""
    asked = SeizureApproval.objects.create(
        case=case, unit_id=case.unit_id, what=what[:300], reason=reason[:500], event_at=event_at, asked_at=at,
        asked_by_id=actor.officer_id, asked_by_name=actor.name,
    )  # fmt: skip
    ledger.record(
        actor=actor, at=at, act="property.approval_asked", subject=asked,
        facts={"what": asked.what, "reason": asked.reason, "event": event_at},
    )  # fmt: skip
    return asked


@transaction.atomic
def answer_approval(
    *, approval: SeizureApproval, approve: bool, words: str = "", actor: Actor, at: datetime
) -> SeizureApproval:
    """Approve a seizure, or not. An act on the spot that isn't approved is lifted: its things go back to the holder.

    The instant of the answer is now, and never before the act (治安管理处罚法第一百零五条, 程序规定第五十六条). Raises
    CannotAnswer for an earlier one, a second answer, one's own act; NotPermitted for whoever isn't the head.
    """
    access.require(actor, "property.approve", approval)
    approval = SeizureApproval.objects.locked(approval.pk)
    made = SeizureList.objects.filter(approval=approval).first()
    takers = {approval.asked_by_id, *queries.officers_of(approval.case)}
    takers |= {made.first_officer_id, made.second_officer_id} if made else set()
    answered = approval.state != rules.ApprovalState.ASKED
    if reason := rules.why_not_answer(
        event_at=approval.event_at, answered=answered, at=at, approver=actor.officer_id, takers=takers
    ):
        how = rules.NEVER_BACK if reason is rules.BEFORE_IT_HAPPENED else None
        raise CannotAnswer(reason, how=how, case=approval.case.number)
    if not approve and not words.strip():
        raise CannotAnswer(rules.NO_REASONS, field="words")
    state = rules.ApprovalState.APPROVED if approve else rules.ApprovalState.REFUSED
    approval.answer(state=state, at=at, officer_id=actor.officer_id, name=actor.name, words=words.strip())
    ledger.record(
        actor=actor, at=at, act="property.approval_answered", subject=approval,
        facts={"answer": state.value, "words": approval.words, "event": approval.event_at},
    )  # fmt: skip
    if made is not None:
        stop_clock(queries.MAKE_UP, made, actor=actor, at=at)
        if not approve:
            _lift(made, words.strip(), actor=actor, at=at)
    events.announce("property", approval, unit_id=approval.unit_id, at=at)
    return approval


def _lift(made: SeizureList, words: str, *, actor: Actor, at: datetime) -> None:
    """A measure that isn't approved ends at once: everything on the list is to go back to who held it."""
    for one in made.exhibits.select_for_update().filter(disposition=""):
        one.change(
            disposition="release", decided_at=at, decided_by_id=actor.officer_id, decided_by_name=actor.name,
            decision_reason=words,
        )  # fmt: skip
        ledger.record(
            actor=actor, at=at, act="property.decided", subject=one,
            facts={"number": one.number, "way": "release", "reason": words},
        )  # fmt: skip
