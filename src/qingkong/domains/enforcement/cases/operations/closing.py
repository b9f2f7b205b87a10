"""How an administrative case ends: closed on a ground of 程序规定 §258, or its inquiry stopped (§259). Gates 1 to 3 first."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Ground, Party
from qingkong.domains.enforcement.cases.operations import paperwork, powers
from qingkong.domains.enforcement.cases.rules import ending
from qingkong.domains.enforcement.cases.rules.ending import Needs
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState, case_moves, why_not_move
from qingkong.kernel import access, clocks, events, gates, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

NO_VICTIM = zh("本案没有登记被侵害人。")
EXPLAIN = zh("请写明向被侵害人说明了什么。")


class CannotClose(Refusal):
    """The ground isn't there, or something is still open; the message says which and what to do."""


class CannotTell(Refusal):
    """There is no victim to tell, or nothing was said."""


@transaction.atomic
def close_case(*, case: Case, ground: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Close an administrative case on one of the grounds of §258 (`258-1` … `258-5`), when its facts are on record.

    Raises NoPower, OwnCase, CannotClose, NotFound for an unknown ground, GateClosed.
    """
    access.require(actor, "cases.close", case)
    case = locked(case)
    row = queries.ground(Matter.CLOSE, ground, at=at)
    _require_closable(case, row)
    powers.require_power(Matter.CLOSE, unit=case.unit, actor=actor, at=at, case=case)
    gates.require("cases.close", subject=case, actor=actor, at=at)
    return finish(case, CaseState.CLOSED, ground=row.code, note=note, act="cases.closed", actor=actor, at=at)


@transaction.atomic
def stop_inquiry(*, case: Case, ground: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Stop the inquiry of an administrative case on a ground of §259, with its paper.

    Raises NoPower, OwnCase, CannotClose, GateClosed.
    """
    access.require(actor, "cases.close", case)
    case = locked(case)
    row = queries.ground(Matter.STOP, ground, at=at)
    require_move(case, CaseState.STOPPED)
    powers.require_power(Matter.STOP, unit=case.unit, actor=actor, at=at, case=case)
    gates.require("cases.close", subject=case, actor=actor, at=at)
    body = [f"{case.title}（{case.number}）一案，因{row.text}，根据{row.article}之规定，决定终止调查。{note}"]
    paperwork.print_paper("stop", subject=case, facts={"body": body}, actor=actor, at=at)
    return finish(case, CaseState.STOPPED, ground=row.code, note=note, act="cases.stopped", actor=actor, at=at)


@transaction.atomic
def tell_victim(*, case: Case, what: str, actor: Actor, at: datetime) -> Case:
    """The offender is unknown or has fled: the inquiry goes on, and the victim is told where it stands (§165).

    Raises CannotTell. The case stays open; this is no way to end it.
    """
    access.require(actor, "cases.handle", case)
    case = locked(case)
    require_move(case, None)
    if not what.strip():
        raise CannotTell(EXPLAIN, field="what")
    if not Party.objects.filter(case=case, role=PartyRole.VICTIM).exists():
        raise CannotTell(NO_VICTIM)
    case.victim_told_at = at
    case.save(update_fields=["victim_told_at"])
    ledger.record(actor=actor, at=at, act="cases.victim_told", subject=case, facts={"what": what.strip()})
    return case


def refuse_early(matter: Matter, case: Case, ground: str, *, actor: Actor, at: datetime) -> None:
    """What would refuse the approver refuses who asks. Raises CannotClose, NotFound, GateClosed."""
    if matter is not Matter.PROSECUTE:
        row = queries.ground(matter, ground, at=at)
        if matter is Matter.CLOSE:
            _require_closable(case, row)
    target = {
        Matter.CLOSE: CaseState.CLOSED,
        Matter.STOP: CaseState.STOPPED,
        Matter.PROSECUTE: CaseState.PROSECUTED,
        Matter.WITHDRAW: CaseState.WITHDRAWN,
    }[matter]
    require_move(case, target)
    gates.require("cases.close", subject=case, actor=actor, at=at)


def finish(
    case: Case, state: CaseState, *, ground: str, note: str, act: str, actor: Actor, at: datetime, **facts: object
) -> Case:
    """The case is over: state, ground, clocks, entry, and those who listen."""
    case.state, case.over_at, case.over_by_name = state, at, actor.name
    case.over_ground, case.over_note = ground, note.strip()
    case.save(update_fields=["state", "over_at", "over_by_name", "over_ground", "over_note"])
    ledger.record(actor=actor, at=at, act=act, subject=case, facts={"ground": ground, "note": note.strip(), **facts})
    clocks.stop_all(subject=case, at=at, actor=actor)
    events.happened(act, at=at, actor=actor, case=case)
    return case


def locked(case: Case) -> Case:
    return Case.objects.select_related("unit").select_for_update(of=("self",)).get(pk=case.pk)


def require_move(case: Case, target: CaseState | None) -> None:
    """Raises CannotClose where the case can't become `target`; with None, where it isn't under way."""
    if target is None:
        if not case.is_open:
            raise CannotClose(zh("本案已经“{state}”。", state=case.state_label), case=case.number)
        return
    if case.kind == CaseKind.CRIMINAL and target in (CaseState.CLOSED, CaseState.STOPPED):
        raise CannotClose(ending.NEVER_CLOSED, how=ending.CRIMINAL_WAYS, case=case.number)
    if reason := why_not_move(CaseState(case.state), target, case_moves(CaseKind(case.kind))):
        raise CannotClose(reason, case=case.number)


def _require_closable(case: Case, ground: Ground) -> None:
    if missing := ending.why_not_close(queries.standing_of(case), needs=Needs(ground.needs)):
        reason, how = missing
        raise CannotClose(reason, how=how, case=case.number, ground=ground.code)
