"""Who handles a case, who checks it, and who its parties are."""

from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Party, TeamMember
from qingkong.domains.enforcement.cases.rules import teams
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.teams import Member, TeamRole
from qingkong.kernel import access, events, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh

NO_POST = zh("{name}现在没有任职，不能进办案组。")
CHECKED_ITSELF = zh("{name}办理过本案，不能再作本案法制员。")
IS_OVER = zh("本案已经办结，不能再改。")
NO_NAME = zh("请填写姓名；身份不明的，填自报姓名或者绰号。")
GUARDIAN = zh("未满十八周岁的，请填写监护人。")


class CannotName(Refusal):
    """This officer may not take this role in this case; the message says why."""


class CaseIsOver(Refusal):
    """The case has ended; nothing is added to it."""


class NoParty(Refusal):
    """The party lacks what the law asks for."""


@transaction.atomic
def name_member(*, case: Case, role: TeamRole, officer: Officer, actor: Actor, at: datetime) -> TeamMember:
    """Put an officer into a role of the team; whoever held it before leaves it at that moment.

    Raises CannotName for an auxiliary, a post that doesn't fit, somebody who stands in another role of the case, or a
    legal officer who once handled it.
    """
    access.require(actor, "cases.name_team", case)
    case = Case.objects.locked(case.pk)
    require_open(case)
    others = [m for m in queries.team_of(case) if m.role is not role]
    member = member_for(officer, role, unit_id=case.unit_id, at=at)
    if reason := teams.why_not_team([*others, member]):
        raise CannotName(reason, case=case.number, officer=officer.name)
    handled = case.members.filter(officer=officer, role__in=teams.HANDLERS).exists()
    if role is TeamRole.LEGAL and handled:
        raise CannotName(CHECKED_ITSELF.fill(name=officer.name), case=case.number)
    case.members.filter(role=role, until_at=None).update(until_at=at)
    row = _enter(case, member, officer, actor=actor, at=at)
    events.happened("cases.member_named", at=at, actor=actor, case=case, member=row)
    return row


def member_for(officer: Officer, role: TeamRole, *, unit_id: Any, at: datetime) -> Member:
    """An officer in a role, in the post that fits it best among those they hold that day."""
    held = identity.appointments_of(officer.pk, on=local(at).date())
    if not held:
        raise CannotName(NO_POST.fill(name=officer.name), officer=officer.name)
    here = [a for a in held if a.unit_id == unit_id] or held
    fitting = [a for a in here if teams.why_not_in(role, Post(a.post)) is None] or here
    return Member(officer.pk, role, Post(fitting[0].post))


def form_team(case: Case, members: dict[TeamRole, Officer], *, actor: Actor, at: datetime) -> None:
    """The first team of a new case. Raises CannotName unless two officers and a separate legal officer stand in it."""
    team = [member_for(officer, role, unit_id=case.unit_id, at=at) for role, officer in members.items()]
    if reason := teams.why_not_team(team):
        raise CannotName(reason, case=case.number)
    for member in team:
        _enter(case, member, members[member.role], actor=actor, at=at)


def check_team(members: dict[TeamRole, Officer], *, unit_id: Any, at: datetime) -> None:
    """Whether these could be a team. Raises CannotName."""
    team = [member_for(officer, role, unit_id=unit_id, at=at) for role, officer in members.items()]
    if reason := teams.why_not_team(team):
        raise CannotName(reason)


@transaction.atomic
def add_party(
    *,
    case: Case,
    role: PartyRole,
    actor: Actor,
    at: datetime,
    name: str,
    phone: str = "",
    id_number: str = "",
    address: str = "",
    under_18: bool = False,
    guardian_name: str = "",
    guardian_phone: str = "",
    external_number: str = "",
) -> Party:
    """Enter a person in a case, sealed under it. Raises NoParty without a name, or a minor without a guardian."""
    access.require(actor, "cases.handle", case)
    case = Case.objects.locked(case.pk)
    require_open(case)
    if not name.strip():
        raise NoParty(NO_NAME, field="name")
    if under_18 and role is PartyRole.SUSPECT and not guardian_name.strip():
        raise NoParty(GUARDIAN, field="guardian_name")
    party = Party.objects.create(
        **queries.kept(f"party_{case.kind}", at=at),
        case=case,
        role=role,
        ordinal=case.parties.filter(role=role).count() + 1,
        name=name.strip(),
        phone=phone.strip(),
        id_number=id_number.strip().upper(),
        address=address.strip(),
        under_18=under_18,
        guardian_name=guardian_name.strip(),
        guardian_phone=guardian_phone.strip(),
        external_number=external_number.strip(),
        added_at=at,
    )
    ledger.record(
        actor=actor, at=at, act="cases.party_added", subject=case, facts={"role": role, "ordinal": party.ordinal}
    )
    return party


def _enter(case: Case, member: Member, officer: Officer, *, actor: Actor, at: datetime) -> TeamMember:
    row = TeamMember.objects.create(
        case=case, officer=officer, officer_name=officer.name, post=member.post, role=member.role, since_at=at
    )
    ledger.record(
        actor=actor,
        at=at,
        act="cases.member_named",
        subject=case,
        facts={"role": member.role, "officer": officer.name, "post": member.post},
    )
    return row


def require_open(case: Case) -> None:
    if not case.is_open:
        raise CaseIsOver(IS_OVER, case=case.number)
