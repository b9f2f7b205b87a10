"""What is proposed to be decided about a party: a penalty, or none. Changed for new facts, never for a defence (§112)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Decision, Party
from qingkong.domains.enforcement.cases.operations.teams import require_open
from qingkong.domains.enforcement.cases.rules import deciding
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import DECISION_MOVES, MADE, DecisionState, why_not_move
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import fen, zh

CRIMINAL = zh("刑事案件不作行政处罚决定；需要行政处理的，先转为行政案件。")
NOT_SUSPECT = zh("只能对本案违法嫌疑人作出处理决定。")
HAS_ONE = zh("对这名当事人已有处理意见。")
NO_BASIS = zh("请写明法律依据。")
NO_REASONS = zh("请写明事实和理由。")


class CannotPropose(Refusal):
    """No decision can be proposed about this party now."""


class CannotNotify(Refusal):
    """The notice can't be given now, or would tell a heavier penalty because of a defence."""


@transaction.atomic
def propose_decision(
    *,
    case: Case,
    party: Party,
    basis: str,
    reasons: str,
    actor: Actor,
    at: datetime,
    penalty: Penalty | None = None,
    no_penalty_ground: str = "",
) -> Decision:
    """Propose a penalty, or no penalty on a ground of 程序规定 §172, for one suspect of an administrative case.

    Raises CannotPropose, Invalid.
    """
    access.require(actor, "cases.handle", case)
    case = Case.objects.locked(case.pk)
    require_open(case)
    _require_proposable(case, party)
    _require_written(basis, reasons)
    if penalty is not None:
        _require_lawful(penalty, at=at)
    else:
        no_penalty_ground = queries.ground(Matter.NO_PENALTY, no_penalty_ground, at=at).code
    decision = Decision.objects.create(
        **queries.kept(f"party_{case.kind}", at=at),
        case=case, party=party, penal=penalty is not None, no_penalty_ground=no_penalty_ground, basis=basis.strip(),
        reasons=reasons.strip(), proposed_at=at, proposed_by_id=actor.officer_id, proposed_by_name=actor.name,
        **columns(penalty),
    )  # fmt: skip
    ledger.record(
        actor=actor,
        at=at,
        act="cases.decision_proposed",
        subject=case,
        facts={"party": party.ordinal, **columns(penalty)},
    )
    return decision


@transaction.atomic
def change_proposal(
    *, decision: Decision, penalty: Penalty, actor: Actor, at: datetime, new_facts: str = ""
) -> Decision:
    """Propose another penalty. A heavier one than was told must rest on new facts, and be told anew; a defence or a
    wish for a hearing is never a reason (§112(4), §117(4)). Raises CannotNotify, CannotPropose."""
    decision = handled(decision, actor)
    if not decision.penal or decision.state in MADE:
        raise CannotPropose(zh("这项处理意见现在不能改。"))
    _require_lawful(penalty, at=at)
    notice = queries.last_notice(decision)
    heavier = notice is not None and deciding.heavier(penalty, notice.penalty)
    if heavier and not new_facts.strip():
        raise CannotNotify(deciding.HEAVIER, how=deciding.TELL_AGAIN, case=decision.case.number)
    for column, value in columns(penalty).items():
        setattr(decision, column, value)
    decision.proposed_at = at
    state = DecisionState.PROPOSED if heavier or notice is None else DecisionState.NOTIFIED
    move(decision, state, force=True, also=[*columns(penalty), "proposed_at"])
    facts = {"party": decision.party.ordinal, "new_facts": new_facts.strip(), **columns(penalty)}
    ledger.record(actor=actor, at=at, act="cases.decision_changed", subject=decision.case, facts=facts)
    return decision


@transaction.atomic
def drop_decision(*, decision: Decision, reason: str, actor: Actor, at: datetime) -> Decision:
    """Take a proposal back before it was made. Raises CannotPropose."""
    decision = handled(decision, actor)
    if not reason.strip():
        raise Invalid({"reason": NO_REASONS})
    move(decision, DecisionState.DROPPED)
    ledger.record(actor=actor, at=at, act="cases.decision_dropped", subject=decision.case, facts={"reason": reason})
    return decision


def handled(decision: Decision, actor: Actor) -> Decision:
    """The decision, locked, if the actor handles its case."""
    access.require(actor, "cases.handle", decision.case)
    return locked(decision)


def locked(decision: Decision) -> Decision:
    rows = Decision.objects.select_related("case", "case__unit", "party").select_for_update(of=("self",))
    return rows.get(pk=decision.pk)


def move(decision: Decision, state: DecisionState, *, force: bool = False, also: list[str] | None = None) -> None:
    """Change a decision's state if there is such a move. Raises CannotPropose."""
    if not force and (reason := why_not_move(DecisionState(decision.state), state, DECISION_MOVES)):
        raise CannotPropose(reason, case=decision.case.number)
    decision.state = state
    decision.save(update_fields=["state", *(also or [])])


def columns(penalty: Penalty | None) -> dict[str, Any]:
    """A penalty as the columns of its row."""
    kept = penalty or Penalty()
    return {
        "warning": kept.warning,
        "fine_fen": kept.fine_fen,
        "detention_days": kept.detention_days,
        "revoke": kept.revoke,
        "shut": kept.shut,
    }


def penalty_in_words(penalty: Penalty) -> str:
    """警告，罚款 500 元，行政拘留 5 日: as papers and pages say it, in Chinese."""
    parts = {
        deciding.PenaltyKind.FINE: f"罚款 {fen(penalty.fine_fen)}",
        deciding.PenaltyKind.DETENTION: f"行政拘留 {penalty.detention_days} 日",
    }
    return "，".join(parts.get(kind, kind.label.in_chinese()) for kind in penalty.kinds)


def _require_proposable(case: Case, party: Party) -> None:
    if case.is_criminal:
        raise CannotPropose(CRIMINAL, case=case.number)
    if party.case_id != case.pk or party.role != PartyRole.SUSPECT:
        raise CannotPropose(NOT_SUSPECT, field="party")
    if Decision.objects.filter(party=party).exclude(state=DecisionState.DROPPED).exists():
        raise CannotPropose(HAS_ONE, field="party")


def _require_written(basis: str, reasons: str) -> None:
    errors = {}
    if not basis.strip():
        errors["basis"] = NO_BASIS
    if not reasons.strip():
        errors["reasons"] = NO_REASONS
    if errors:
        raise Invalid(errors)


def _require_lawful(penalty: Penalty, *, at: datetime) -> None:
    if reason := deciding.why_not_impose(penalty, thresholds=queries.thresholds(at=at)):
        raise CannotPropose(reason, field="penalty")
