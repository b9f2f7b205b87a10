"""How a criminal case ends: investigation ended, transferred for prosecution, withdrawn; or ended against one suspect,
while the case goes on (刑事案件程序规定 §§186-189, 283-289). It is never just closed."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Party
from qingkong.domains.enforcement.cases.operations import paperwork, powers
from qingkong.domains.enforcement.cases.operations.closing import CannotClose, finish, locked, require_move
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import CaseState
from qingkong.kernel import access, clocks, events, gates, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.text import zh

ADMINISTRATIVE = zh("这是行政案件，没有这一步。")
NOT_A_SUSPECT = zh("只能对犯罪嫌疑人终止侦查。")
ENDED_ALREADY = zh("已经对这名犯罪嫌疑人终止侦查。")
NO_SUSPECT = zh("没有犯罪嫌疑人，不能移送起诉。")
NOTHING_TO_TELL = zh("没有待告知的撤案决定。")


@transaction.atomic
def end_investigation(*, case: Case, actor: Actor, at: datetime, note: str = "") -> Case:
    """The facts are clear, the evidence reliable and sufficient, the formalities complete (§283); the leader approves (§286).

    Raises NoPower, OwnCase, CannotClose.
    """
    case = _criminal(case, actor)
    require_move(case, CaseState.ENDED)
    powers.require_power(Matter.END, unit=case.unit, actor=actor, at=at, case=case)
    case.state, case.ended_at, case.ended_by_name = CaseState.ENDED, at, actor.name
    case.save(update_fields=["state", "ended_at", "ended_by_name"])
    ledger.record(actor=actor, at=at, act="cases.investigation_ended", subject=case, facts={"note": note.strip()})
    events.happened("cases.investigation_ended", at=at, actor=actor, case=case)
    return case


@transaction.atomic
def transfer_for_prosecution(*, case: Case, actor: Actor, at: datetime, note: str = "") -> Case:
    """Send an ended case to the procuratorate with its files and evidence (§289). Gates 1 to 3 first.

    Raises NoPower, OwnCase, CannotClose, GateClosed.
    """
    case = _criminal(case, actor)
    require_move(case, CaseState.PROSECUTED)
    powers.require_power(Matter.PROSECUTE, unit=case.unit, actor=actor, at=at, case=case)
    if not case.parties.filter(role=PartyRole.SUSPECT, ended_at=None).exists():
        raise CannotClose(NO_SUSPECT, case=case.number)
    gates.require("cases.close", subject=case, actor=actor, at=at)
    body = [
        f"{case.title}（{case.number}）一案，由我局侦查终结。",
        "案件事实清楚，证据确实、充分，犯罪嫌疑人应当依法追究刑事责任。",
        f"根据{queries.form('prosecution', at=at).article}之规定，现将全部案卷材料、证据一并移送审查起诉。{note}",
    ]
    facts = {"parties": ["此致", "东平县人民检察院"], "body": body}
    number = paperwork.print_paper("prosecution", subject=case, facts=facts, actor=actor, at=at)
    return finish(
        case, CaseState.PROSECUTED, ground="", note=note, act="cases.prosecuted", actor=actor, at=at, paper=number
    )


@transaction.atomic
def withdraw_case(*, case: Case, ground: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Withdraw a criminal case on a ground of §186; suspect and victim are told within 3 days (XS-23, §189).

    Raises NoPower, OwnCase, CannotClose, GateClosed.
    """
    case = _criminal(case, actor)
    row = queries.ground(Matter.WITHDRAW, ground, at=at)
    require_move(case, CaseState.WITHDRAWN)
    powers.require_power(Matter.WITHDRAW, unit=case.unit, actor=actor, at=at, case=case)
    gates.require("cases.close", subject=case, actor=actor, at=at)
    print_withdrawal(case, row.text, row.article, note, actor=actor, at=at)
    case = finish(case, CaseState.WITHDRAWN, ground=row.code, note=note, act="cases.withdrawn", actor=actor, at=at)
    clocks.start("XS-23", subject=case, at=at, actor=actor, unit_id=case.unit_id)
    return case


@transaction.atomic
def tell_withdrawal(*, case: Case, actor: Actor, at: datetime) -> Case:
    """The suspect, the victim or their families have been told of the withdrawal. Raises CannotClose."""
    access.require(actor, "cases.handle", case)
    case = locked(case)
    if not clocks.runs("XS-23", subject=case):
        raise CannotClose(NOTHING_TO_TELL, case=case.number)
    clocks.stop("XS-23", subject=case, at=at, actor=actor)
    ledger.record(actor=actor, at=at, act="cases.withdrawal_told", subject=case)
    return case


@transaction.atomic
def terminate_investigation(*, party: Party, ground: str, actor: Actor, at: datetime, note: str = "") -> Party:
    """End the investigation against one suspect; the case itself goes on (§186(2)). The suspect is told within 3 days.

    Raises NoPower, OwnCase, CannotClose.
    """
    case = _criminal(party.case, actor)
    row = queries.ground(Matter.TERMINATE, ground, at=at)
    require_move(case, None)
    powers.require_power(Matter.TERMINATE, unit=case.unit, actor=actor, at=at, case=case)
    party = Party.objects.locked(party.pk)
    if party.role != PartyRole.SUSPECT:
        raise CannotClose(NOT_A_SUSPECT, case=case.number)
    if party.ended_at is not None:
        raise CannotClose(ENDED_ALREADY, case=case.number)
    party.ended_at, party.ended_ground = at, row.code
    party.save(update_fields=["ended_at", "ended_ground"])
    body = [
        f"{case.title}（{case.number}）一案，因{row.text}，根据{row.article}之规定，决定对该犯罪嫌疑人终止侦查。{note}"
    ]
    number = paperwork.print_paper("termination", subject=case, facts={"body": body}, actor=actor, at=at)
    ledger.record(
        actor=actor, at=at, act="cases.terminated", subject=case,
        facts={"suspect": party.ordinal, "ground": row.code, "paper": number},
    )  # fmt: skip
    return party


@transaction.atomic
def return_for_investigation(*, case: Case, reason: str, actor: Actor, at: datetime) -> Case:
    """The procuratorate sends a case back for supplementary investigation: one month (XS-22, §295)."""
    access.require(actor, "cases.close", case)
    case = locked(case)
    if not case.is_criminal:
        raise CannotClose(ADMINISTRATIVE, case=case.number)
    require_move(case, CaseState.INVESTIGATING)
    case.state = CaseState.INVESTIGATING
    case.over_at, case.over_by_name, case.over_note = None, "", ""
    case.save(update_fields=["state", "over_at", "over_by_name", "over_note"])
    ledger.record(
        actor=actor, at=at, act="cases.returned_by_procuratorate", subject=case, facts={"reason": reason.strip()}
    )
    clocks.start("XS-22", subject=case, at=at, actor=actor, unit_id=case.unit_id)
    return case


def print_withdrawal(case: Case, text: str, article: str, note: str, *, actor: Actor, at: datetime) -> str:
    body = [f"{case.title}（{case.number}）一案，因{text}，根据{article}之规定，决定撤销此案。{note}"]
    return paperwork.print_paper("withdrawal", subject=case, facts={"body": body}, actor=actor, at=at)


def _criminal(case: Case, actor: Actor) -> Case:
    access.require(actor, "cases.close", case)
    case = locked(case)
    if not case.is_criminal:
        raise CannotClose(ADMINISTRATIVE, case=case.number)
    return case
