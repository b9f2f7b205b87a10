"""What every move of an exhibit does: state, history, ledger, and the clocks and pages that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.domains.enforcement.property.models import Exhibit, Movement, PropertyPerson
from qingkong.kernel import access, clocks, events, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local

GROUND = "公安机关办理行政案件程序规定第一百八十九条"
PURPOSES = {
    rules.PersonRole.HOLDER: "制作扣押、登记清单",
    rules.PersonRole.OWNER: "返还财物",
    rules.PersonRole.WITNESS: "见证扣押",
}


class CannotMove(Refusal):
    """The exhibit isn't in a state from which this can happen."""


@dataclass(frozen=True, slots=True)
class PersonGiven:
    """Somebody as given by who asks them: holder, owner, witness."""

    name: str
    phone: str = ""
    id_number: str = ""


def keep_person(given: PersonGiven, role: rules.PersonRole, *, case: Any, at: datetime) -> PropertyPerson:
    """Keep a person of a list, sealed under the case."""
    day = local(at).date()
    until = day.replace(year=day.year + dispositions.keep_years(), day=min(day.day, 28))
    return PropertyPerson.objects.create(
        case=case, role=role, name=given.name.strip(), phone=given.phone.strip(), id_number=given.id_number.strip(),
        **access.kept(ground=GROUND, purpose=PURPOSES[role], until=until),
    )  # fmt: skip


def move(
    one: Exhibit, verb: rules.Move, *, actor: Actor, at: datetime, why: str = "",
    facts: Mapping[str, Any] | None = None, **changes: object,
) -> None:  # fmt: skip
    """Move a locked exhibit, add the line to its history, enter it. Raises CannotMove."""
    if reason := rules.why_not_move(one.number, rules.State(one.state), verb):
        raise CannotMove(reason, exhibit=one.number)
    before = one.move(verb, **changes)
    enter(one, verb, before=before, actor=actor, at=at, why=why, facts=facts)


def enter(
    one: Exhibit, verb: rules.Move, *, before: rules.State | None, actor: Actor, at: datetime, why: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """The line in the history and the entry in the ledger of a move that has been made."""
    Movement.objects.create(
        exhibit=one, move=verb, at=at, officer_id=actor.officer_id, officer_name=actor.name, post=actor.post or "",
        why=why, state_before=before or "", state_after=one.state, place=one.place_kept,
    )  # fmt: skip
    ledger.record(
        actor=actor, at=at, act=f"property.{verb.value}", subject=one,
        facts={"number": one.number, "thing": f"{one.name} {one.amount}", "why": why, **(facts or {})},
    )  # fmt: skip
    events.happened(f"property.{verb.value}", at=at, actor=actor, exhibit=one)
    events.announce("property", one, unit_id=one.room_id or one.unit_id, at=at)


def stop_clock(limit_id: str, subject: Any, *, actor: Actor, at: datetime) -> None:
    """Stop a clock where it runs: an imported thing has none."""
    if any(c.limit_id == limit_id and c.stopped_at is None for c in clocks.of(subject)):
        clocks.stop(limit_id, subject=subject, actor=actor, at=at)
