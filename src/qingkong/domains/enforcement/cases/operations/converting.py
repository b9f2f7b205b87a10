"""A case of one kind turns out to be of the other (行转刑, 刑转行): it ends, a new one begins with its own number,
team, parties and clock. Papers and evidence stay where they were made and are reached through the link."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Decision, Party
from qingkong.domains.enforcement.cases.operations import powers, prosecuting
from qingkong.domains.enforcement.cases.operations.closing import CannotClose, finish, locked, require_move
from qingkong.domains.enforcement.cases.operations.filing import file_case
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import MADE, CaseKind, CaseState, DecisionState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.kernel import access, clocks, events, ledger
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.text import zh

NO_TEAM = zh("先补全办案组，再转换。")
TO_CRIMINAL = "258-4"
SEALED = ("name", "phone", "id_number", "address", "guardian_name", "guardian_phone")


@transaction.atomic
def convert_case(*, case: Case, offence: str, actor: Actor, at: datetime, note: str = "") -> Case:
    """Turn an administrative case into a criminal one (§258(4), 刑事 §178) or back (刑事 §186, §177); the new case.

    Decisions under way are dropped; one that was made stays with the old case (程序规定 §172(5)). The team and the
    parties go over, sealed anew under the new case. Raises NoPower, OwnCase, CannotClose.
    """
    access.require(actor, "cases.convert")
    access.require(actor, "cases.close", case)
    case = locked(case)
    to = CaseKind.ADMINISTRATIVE if case.is_criminal else CaseKind.CRIMINAL
    require_move(case, CaseState.WITHDRAWN if case.is_criminal else CaseState.CLOSED)
    powers.require_power(
        Matter.WITHDRAW if case.is_criminal else Matter.FILE_CRIMINAL, unit=case.unit, actor=actor, at=at, case=case
    )
    team = {
        TeamRole(member.role): member.officer for member in case.members.filter(until_at=None).select_related("officer")
    }
    if len(team) < len(TeamRole):
        raise CannotClose(NO_TEAM, case=case.number)
    new = file_case(
        actor=actor, at=at, kind=to, offence=offence, unit=case.unit, division_code=case.division_code,
        place_text=case.place_text, public_interest=case.public_interest, complex=case.complex, converted_from=case,
        lead=team[TeamRole.LEAD], second=team[TeamRole.SECOND], legal=team[TeamRole.LEGAL],
    )  # fmt: skip
    _carry_parties(case, new, actor=actor, at=at)
    case.reports.update(case=new)
    Decision.objects.filter(case=case).exclude(state__in=MADE).update(state=DecisionState.DROPPED)
    _end_old(case, new, note, actor=actor, at=at)
    facts = {"from": case.number, "to": new.number, "note": note.strip()}
    ledger.record(actor=actor, at=at, act="cases.converted", subject=new, facts=facts)
    events.happened("cases.converted", at=at, actor=actor, case=case, new=new)
    return new


def _end_old(case: Case, new: Case, note: str, *, actor: Actor, at: datetime) -> None:
    """The old case ends on the ground that the law has for this; its clocks stop with it."""
    if case.is_criminal:
        row = queries.ground(Matter.WITHDRAW, "186-2", at=at)
        prosecuting.print_withdrawal(case, row.text, row.article, note, actor=actor, at=at)
        finish(case, CaseState.WITHDRAWN, ground=row.code, note=note, act="cases.withdrawn", actor=actor, at=at)
        clocks.start("XS-23", subject=case, at=at, actor=actor, unit_id=case.unit_id)
    else:
        finish(
            case, CaseState.CLOSED, ground=TO_CRIMINAL, note=note, act="cases.closed", actor=actor, at=at, to=new.number
        )


def _carry_parties(old: Case, new: Case, *, actor: Actor, at: datetime) -> None:
    """Parties are opened by a look at the old case and sealed anew: the ciphertext is bound to its row."""
    parties = list(Party.objects.filter(case=old))
    if not parties:
        return
    look = access.look(actor=actor, subject=old, purpose=Purpose.REVIEW, reference=old.number, at=at)
    for party in parties:
        Party.objects.create(
            **queries.kept(f"party_{new.kind}", at=at),
            **{column: getattr(party, column).open(look) for column in SEALED},
            case=new,
            role=party.role,
            ordinal=party.ordinal,
            under_18=party.under_18,
            external_number=party.external_number,
            added_at=at,
            ended_at=party.ended_at,
            ended_ground=party.ended_ground,
        )
    ledger.record(actor=actor, at=at, act="cases.party_added", subject=new, facts={"carried": len(parties)})
