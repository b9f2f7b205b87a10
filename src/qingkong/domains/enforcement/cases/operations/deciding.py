"""A decision is reviewed where §114 asks, asked for, made by whom §109 gives the power, served and executed."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Decision, Execution, LegalReview, Party, Service
from qingkong.domains.enforcement.cases.operations import paperwork
from qingkong.domains.enforcement.cases.operations.powers import NoPower, OwnCase
from qingkong.domains.enforcement.cases.operations.proposing import handled, locked, move, penalty_in_words
from qingkong.domains.enforcement.cases.rules import deciding, teams
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import MADE, DecisionState
from qingkong.domains.enforcement.cases.rules.teams import HANDLERS, TeamRole
from qingkong.kernel import access, clocks, events, gates, ledger
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

NOT_WAITING = zh("这项处理意见没有在等待审批。")
WHY = zh("请写明理由。")
HANDLED_IT = zh("您办理本案，不能对它作法制审核。")
NO_REVIEW = zh("没有待办的法制审核。")
NOT_PARTY = zh("只送达给被处罚人和被侵害人。")
SERVED_BEFORE = zh("已经送达过。")
NOT_SERVED = zh("还没有送达，不能登记执行。")


class CannotReview(Refusal):
    """There is nothing to review, or the reviewer handles the case."""


class CannotDecide(Refusal):
    """Something that the law wants first is missing; the message says what."""


class CannotServe(Refusal):
    """The decision isn't made, or this isn't somebody to serve it on."""


@transaction.atomic
def ask_review(*, decision: Decision, actor: Actor, at: datetime) -> LegalReview:
    """Ask the legal section to review before the decision: in the three kinds of §114, or because one wants it."""
    decision = handled(decision, actor)
    grounds = queries.review_grounds(decision, queries.last_notice(decision))
    move(decision, DecisionState.IN_REVIEW)
    review = LegalReview.objects.create(decision=decision, grounds=sorted(grounds), asked_at=at)
    ledger.record(
        actor=actor, at=at, act="cases.review_asked", subject=decision.case, facts={"grounds": sorted(grounds)}
    )
    return review


@transaction.atomic
def review_decision(*, decision: Decision, passed: bool, opinion: str, actor: Actor, at: datetime) -> LegalReview:
    """The legal review. Not passed: the proposal goes back with the opinion. Raises CannotReview, Invalid."""
    access.require(actor, "cases.review", decision.case)
    decision = locked(decision)
    review = decision.reviews.filter(reviewed_at=None).first()
    if review is None:
        raise CannotReview(NO_REVIEW)
    if any(m.officer_id == actor.officer_id and m.role in HANDLERS for m in queries.team_of(decision.case)):
        raise CannotReview(HANDLED_IT, case=decision.case.number)
    if not opinion.strip():
        raise Invalid({"opinion": WHY})
    review.reviewed_at, review.passed, review.opinion = at, passed, opinion.strip()
    review.reviewer_id, review.reviewer_name = actor.officer_id, actor.name
    review.save()
    decision.returned_why = "" if passed else opinion.strip()
    move(decision, DecisionState.REVIEWED if passed else DecisionState.RETURNED, also=["returned_why"])
    facts = {"party": decision.party.ordinal, "passed": passed, "opinion": opinion.strip()}
    ledger.record(actor=actor, at=at, act="cases.reviewed", subject=decision.case, facts=facts)
    return review


@transaction.atomic
def ask_decision(*, decision: Decision, actor: Actor, at: datetime) -> Decision:
    """Hand the proposal to whoever may decide. What would refuse the decision refuses the asking.

    Raises CannotDecide, GateClosed.
    """
    decision = handled(decision, actor)
    _require_ready(decision, actor=actor, at=at)
    decision.asked_at = at
    move(decision, DecisionState.ASKED, also=["asked_at"])
    ledger.record(
        actor=actor, at=at, act="cases.decision_asked", subject=decision.case, facts={"party": decision.party.ordinal}
    )
    return decision


@transaction.atomic
def return_decision(*, decision: Decision, reason: str, actor: Actor, at: datetime) -> Decision:
    """Send a proposal back with reasons. Raises CannotDecide, OwnCase, Invalid."""
    access.require(actor, "cases.decide", decision)
    decision = locked(decision)
    if decision.state != DecisionState.ASKED:
        raise CannotDecide(NOT_WAITING)
    _require_apart(decision, actor)
    if not reason.strip():
        raise Invalid({"reason": WHY})
    decision.returned_why = reason.strip()
    move(decision, DecisionState.RETURNED, also=["returned_why"])
    ledger.record(
        actor=actor, at=at, act="cases.decision_returned", subject=decision.case, facts={"reason": reason.strip()}
    )
    return decision


@transaction.atomic
def decide(*, decision: Decision, actor: Actor, at: datetime) -> Decision:
    """Make the decision: number, paper, and the two days to serve it (XZ-27; victims XZ-28).

    Raises NoPower beyond the actor's power (§109), OwnCase, CannotDecide (notice, heavier than told, defence,
    hearing, review), GateClosed. Of two who decide at once, one does.
    """
    access.require(actor, "cases.decide", decision)
    decision = locked(decision)
    if decision.state != DecisionState.ASKED:
        raise CannotDecide(NOT_WAITING, case=decision.case.number)
    _require_apart(decision, actor)
    rows = _power(decision, actor, at=at)
    _require_ready(decision, actor=actor, at=at)
    team = {TeamRole(m.role): m.officer_id for m in decision.case.team}
    kind = "penalty" if decision.penal else "no_penalty"
    decision.number = paperwork.number_for(kind, unit=decision.case.unit, at=at)
    decision.decided_at, decision.decided_by_id, decision.decided_by_name = at, actor.officer_id, actor.name
    decision.decided_by_post = actor.post or ""
    decision.power = "；".join(dict.fromkeys(row.article for row in rows))
    limits = [row.up_to_fen for row in rows if row.up_to_fen is not None]
    decision.up_to_fen = min(limits) if limits else None
    decision.lead_id, decision.second_id = team.get(TeamRole.LEAD), team.get(TeamRole.SECOND)
    decision.legal_id = team.get(TeamRole.LEGAL)
    _print(decision, kind, actor=actor, at=at)
    decision.state = DecisionState.DECIDED
    decision.save()
    _enter(decision, actor=actor, at=at)
    _start_service_clocks(decision, actor=actor, at=at)
    events.happened("cases.decided", at=at, actor=actor, case=decision.case, decision=decision)
    return decision


@transaction.atomic
def serve(*, decision: Decision, party: Party, way: ServiceWay, actor: Actor, at: datetime, note: str = "") -> Service:
    """The decision reaches the punished party, or a victim. Raises CannotServe."""
    decision = handled(decision, actor)
    if decision.state not in MADE:
        raise CannotServe(zh("还没有作出决定。"))
    victim = party.case_id == decision.case_id and party.role == PartyRole.VICTIM
    if party.pk != decision.party_id and not victim:
        raise CannotServe(NOT_PARTY, field="party")
    if Service.objects.filter(decision=decision, party=party).exists():
        raise CannotServe(SERVED_BEFORE, field="party")
    service = Service.objects.create(
        decision=decision, party=party, served_at=at, served_by_name=actor.name, way=way, note=note.strip()
    )
    if not victim:
        move(decision, DecisionState.SERVED)
    _stop_service_clocks(decision, actor=actor, at=at)
    facts = {"decision": decision.number, "to": party.role, "ordinal": party.ordinal, "way": way}
    ledger.record(actor=actor, at=at, act="cases.served", subject=decision.case, facts=facts)
    return service


@transaction.atomic
def execute(*, decision: Decision, note: str, actor: Actor, at: datetime, executable: bool = True) -> Execution:
    """How the decision was carried out; or why it can't be or needn't be (§258(5)). Raises CannotServe, Invalid."""
    decision = handled(decision, actor)
    if decision.state != DecisionState.SERVED:
        raise CannotServe(NOT_SERVED, case=decision.case.number)
    if not note.strip():
        raise Invalid({"note": WHY})
    execution = Execution.objects.create(
        decision=decision, executed_at=at, executed_by_name=actor.name, executable=executable, note=note.strip()
    )
    move(decision, DecisionState.EXECUTED if executable else DecisionState.NOT_EXECUTABLE)
    if clocks.runs("XZ-32", subject=decision):
        clocks.stop("XZ-32", subject=decision, at=at, actor=actor)
    facts = {"decision": decision.number, "executable": executable, "note": note.strip()}
    ledger.record(actor=actor, at=at, act="cases.executed", subject=decision.case, facts=facts)
    return execution


def _power(decision: Decision, actor: Actor, *, at: datetime) -> list[deciding.Power]:
    matter = Matter.PENALTY if decision.penal else Matter.NO_PENALTY
    assert actor.post is not None  # who decides is an officer in a post
    rows, reason = deciding.power_for(
        decision.penalty if decision.penal else None,
        post=Post(actor.post),
        unit=UnitKind(decision.case.unit.kind),
        powers=queries.powers(matter, at=at),
    )
    if reason is not None:
        raise NoPower(reason, how=deciding.TO_COUNTY, case=decision.case.number)
    return rows


def _require_apart(decision: Decision, actor: Actor) -> None:
    if reason := teams.why_not_approve(actor.officer_id, queries.team_of(decision.case)):
        raise OwnCase(reason, case=decision.case.number)


def _require_ready(decision: Decision, *, actor: Actor, at: datetime) -> None:
    if missing := deciding.why_not_decide(queries.course_of(decision), at=at):
        reason, how = missing
        raise CannotDecide(reason, how=how, case=decision.case.number)
    gates.require("cases.decide", subject=decision.case, actor=actor, at=at)


def _print(decision: Decision, kind: str, *, actor: Actor, at: datetime) -> None:
    case = decision.case
    look = access.look(actor=actor, subject=case, purpose=Purpose.REVIEW, reference=case.number, at=at)
    decided = penalty_in_words(decision.penalty) if decision.penal else "不予行政处罚"
    body = [
        f"现查明：{decision.reasons.open(look)}",
        f"根据{decision.basis}之规定，现决定对你作出{decided}的决定。",
    ]
    if decision.fine_fen:
        body.append("罚款应当自收到本决定书之日起按法定期限到指定银行或者通过电子支付系统缴纳。")
    body.append("如不服本决定，可以依法申请行政复议或者提起行政诉讼。")
    name = "被处罚人" if decision.penal else "当事人"
    facts = {
        "parties": [f"{name}：{decision.party.name.open(look)}"],
        "body": body,
        "signatures": paperwork.signatures(name),
    }
    paperwork.print_paper(kind, subject=case, facts=facts, actor=actor, at=at, number=decision.number)


def _enter(decision: Decision, *, actor: Actor, at: datetime) -> None:
    ledger.record(
        actor=actor, at=at, act="cases.decided", subject=decision.case,
        facts={
            "party": decision.party.ordinal, "number": decision.number, "power": decision.power, "penal": decision.penal,
            "fine_fen": decision.fine_fen, "detention_days": decision.detention_days,
        },
    )  # fmt: skip


def _start_service_clocks(decision: Decision, *, actor: Actor, at: datetime) -> None:
    case = decision.case
    owner = {"unit_id": case.unit_id, "officer_id": decision.lead_id}
    clocks.start("XZ-27", subject=decision, at=at, actor=actor, **owner)
    if case.parties.filter(role=PartyRole.VICTIM).exists():
        clocks.start("XZ-28", subject=decision, at=at, actor=actor, **owner)
    standing = queries.standing_of(case)
    if not standing.suspects_undecided and all(state in MADE for _, state in standing.decisions):
        for limit in ("XZ-07", "XZ-08"):
            if clocks.runs(limit, subject=case):
                clocks.stop(limit, subject=case, at=at, actor=actor)


def _stop_service_clocks(decision: Decision, *, actor: Actor, at: datetime) -> None:
    served = set(decision.services.values_list("party_id", flat=True))
    victims = set(decision.case.parties.filter(role=PartyRole.VICTIM).values_list("pk", flat=True))
    if decision.party_id in served and clocks.runs("XZ-27", subject=decision):
        clocks.stop("XZ-27", subject=decision, at=at, actor=actor)
        if decision.fine_fen:
            clocks.start("XZ-32", subject=decision, at=at, actor=actor, unit_id=decision.case.unit_id)
    if victims <= served and clocks.runs("XZ-28", subject=decision):
        clocks.stop("XZ-28", subject=decision, at=at, actor=actor)
