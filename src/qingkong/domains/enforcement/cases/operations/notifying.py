"""The party is told what is proposed and answers; a hearing where there is a right to one (治安管理处罚法 §112, §117)."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Decision, Notice
from qingkong.domains.enforcement.cases.operations import paperwork
from qingkong.domains.enforcement.cases.operations.proposing import (
    NO_REASONS,
    CannotNotify,
    columns,
    handled,
    locked,
    move,
    penalty_in_words,
)
from qingkong.domains.enforcement.cases.rules import deciding
from qingkong.domains.enforcement.cases.rules.states import MADE, DecisionState
from qingkong.kernel import access, clocks, ledger
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

NOTHING_TOLD = zh("还没有告知，不能记录陈述申辩。")
NO_HEARING_RIGHT = zh("拟作出的处罚不在应当听证的范围内；认为必要举行的，请报法制大队。")
NO_DEFENCE = zh("当事人没有提出申辩。")
NOT_ASKED = zh("当事人没有要求听证。")
GUARDIAN_FIRST = zh("当事人不满十八周岁，还应当告知其父母或者其他监护人。")
HEARING = "听证"


class CannotRecord(Refusal):
    """There is nothing that this could be recorded on."""


@transaction.atomic
def give_notice(
    *, decision: Decision, actor: Actor, at: datetime, guardian_told: bool = False, new_facts: str = ""
) -> Notice:
    """Tell the party what is proposed, why, on what basis, and their rights; print the record of it.

    Where §117 gives a hearing right, its five working days run (XZ-22). Raises CannotNotify for a heavier penalty than
    was told before without new facts, or a minor whose guardian wasn't told.
    """
    decision = handled(decision, actor)
    before = queries.last_notice(decision)
    if before is not None and deciding.heavier(decision.penalty, before.penalty) and not new_facts.strip():
        raise CannotNotify(deciding.HEAVIER, how=deciding.TELL_AGAIN, case=decision.case.number)
    if decision.party.under_18 and not guardian_told:
        raise CannotNotify(GUARDIAN_FIRST, field="guardian_told")
    right = deciding.has_hearing_right(
        decision.penalty, under_18=decision.party.under_18, thresholds=queries.thresholds(at=at)
    )
    until = _start_hearing_clock(decision, actor=actor, at=at) if right else None
    notice = Notice.objects.create(
        **queries.kept(f"party_{decision.case.kind}", at=at),
        decision=decision, told_at=at, told_by_name=actor.name, guardian_told=guardian_told, new_facts=new_facts.strip(),
        hearing_right=right, hearing_until=until, **columns(decision.penalty if decision.penal else None),
    )  # fmt: skip
    decision.told_at = at
    decision.told_fine_fen, decision.told_detention_days = decision.fine_fen, decision.detention_days
    move(decision, DecisionState.NOTIFIED, also=["told_at", "told_fine_fen", "told_detention_days"])
    number = _print_notice(decision, notice, actor=actor, at=at)
    facts = {"party": decision.party.ordinal, "hearing_right": right, "paper": number, "new_facts": notice.new_facts}
    ledger.record(actor=actor, at=at, act="cases.noticed", subject=decision.case, facts=facts)
    return notice


@transaction.atomic
def record_statement(
    *, decision: Decision, statement: str, defended: bool, actor: Actor, at: datetime, hearing: str = ""
) -> Notice:
    """What the party says to the notice. `hearing`: "asked", "given_up" or nothing. A defence must be answered (§112(2)).

    Asking for a hearing stops the case's clock until it has been held (§118(2)). Raises CannotRecord.
    """
    decision = handled(decision, actor)
    notice = queries.last_notice(decision)
    if notice is None or decision.state in MADE:
        raise CannotRecord(NOTHING_TOLD)
    if hearing == "asked" and not notice.hearing_right:
        raise CannotRecord(NO_HEARING_RIGHT, field="hearing")
    notice.statement, notice.stated_at, notice.defended = statement.strip(), at, defended
    if hearing == "asked":
        notice.hearing_asked_at = at
        _stop_if_running("XZ-22", decision, actor=actor, at=at)
        _suspend(decision.case, actor=actor, at=at)
    elif hearing == "given_up":
        notice.hearing_given_up_at = at
        _stop_if_running("XZ-22", decision, actor=actor, at=at)
    notice.save()
    facts = {"party": decision.party.ordinal, "defended": defended, "hearing": hearing}
    ledger.record(actor=actor, at=at, act="cases.stated", subject=decision.case, facts=facts)
    return notice


@transaction.atomic
def answer_defence(*, decision: Decision, answer: str, accepted: bool, actor: Actor, at: datetime) -> Notice:
    """Write down how the defence was checked and whether it holds. Raises CannotRecord, Invalid."""
    decision = handled(decision, actor)
    notice = queries.last_notice(decision)
    if notice is None or not notice.defended:
        raise CannotRecord(NO_DEFENCE)
    if not answer.strip():
        raise Invalid({"answer": NO_REASONS})
    notice.defence_answer, notice.defence_answered, notice.defence_accepted = answer.strip(), True, accepted
    notice.save()
    facts = {"party": decision.party.ordinal, "accepted": accepted}
    ledger.record(actor=actor, at=at, act="cases.defence_answered", subject=decision.case, facts=facts)
    return notice


@transaction.atomic
def record_hearing(*, decision: Decision, actor: Actor, at: datetime, note: str = "") -> Notice:
    """The hearing was held, by the legal section and not by who investigates (§135). The case's clock runs on.

    Raises CannotRecord.
    """
    access.require(actor, "cases.hear", decision.case)
    decision = locked(decision)
    notice = queries.last_notice(decision)
    if notice is None or notice.hearing_asked_at is None or notice.heard_at is not None:
        raise CannotRecord(NOT_ASKED)
    notice.heard_at = at
    notice.save(update_fields=["heard_at"])
    for clock in clocks.of(decision.case):
        if clock.suspended and clock.limit_id in ("XZ-07", "XZ-08"):
            clocks.resume(clock.limit_id, subject=decision.case, at=at, actor=actor)
    facts = {"party": decision.party.ordinal, "note": note.strip()}
    ledger.record(actor=actor, at=at, act="cases.heard", subject=decision.case, facts=facts)
    return notice


def _start_hearing_clock(decision: Decision, *, actor: Actor, at: datetime) -> datetime | None:
    _stop_if_running("XZ-22", decision, actor=actor, at=at)
    case = decision.case
    return clocks.start(
        "XZ-22", subject=decision, at=at, actor=actor, unit_id=case.unit_id, officer_id=actor.officer_id
    ).due_at


def _stop_if_running(limit: str, decision: Decision, *, actor: Actor, at: datetime) -> None:
    if clocks.runs(limit, subject=decision):
        clocks.stop(limit, subject=decision, at=at, actor=actor)


def _suspend(case: Case, *, actor: Actor, at: datetime) -> None:
    for clock in clocks.of(case):
        if clock.limit_id in ("XZ-07", "XZ-08") and clock.stopped_at is None and not clock.suspended:
            clocks.suspend(clock.limit_id, subject=case, at=at, actor=actor, reason=HEARING)


def _print_notice(decision: Decision, notice: Notice, *, actor: Actor, at: datetime) -> str:
    case = decision.case
    proposed = penalty_in_words(decision.penalty) if decision.penal else "不予行政处罚"
    rights = "你有权进行陈述和申辩。" + ("你有权要求举行听证。" if notice.hearing_right else "")
    look = access.look(actor=actor, subject=case, purpose=Purpose.HANDLING, reference=case.number, at=at)
    facts = {
        "parties": [f"被告知人：{decision.party.name.open(look)}"],
        "body": [
            f"{case.title}（{case.number}）一案，现查明：{decision.reasons.open(look)}",
            f"根据{decision.basis}之规定，我局拟对你作出{proposed}的决定。",
            rights,
            "公安机关不得因你陈述、申辩或者要求听证而加重处罚。",
        ],
        "signatures": paperwork.signatures("被告知人", "告知民警"),
    }
    return paperwork.print_paper("notice", subject=case, facts=facts, actor=actor, at=at)
