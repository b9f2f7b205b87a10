"""Decide how an exhibit ends; give it back against a receipt; carry out what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingkong.domains.enforcement.property import dispositions, paperwork, queries, rules
from qingkong.domains.enforcement.property.models import Exhibit, Handback, SeizureList
from qingkong.domains.enforcement.property.operations.moving import PersonGiven, keep_person, move, stop_clock
from qingkong.kernel import access, clocks, gates, ledger, numbering, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotDecide(Refusal):
    """Nothing is decided; the message says why and who may."""


class CannotReturn(Refusal):
    """Nothing is given back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Handing:
    """One hand-over of a series: these things go to this person."""

    exhibits: Sequence[Exhibit]
    owner: PersonGiven
    on_behalf: bool = False


@transaction.atomic
def decide(
    *, exhibits: Sequence[Exhibit], way: str, reason: str, undisputed: bool = False, actor: Actor, at: datetime
) -> list[Exhibit]:
    """Decide how things end: one of the ways of `data/dispositions.toml`, by a post that way names.

    `undisputed`: the holder raises no objection, which a station needs to confiscate by itself (程序规定第一百九十五条).
    A decision that is carried out can't be changed; one that isn't may be replaced, and both stay in the ledger.
    All or none. Raises CannotDecide.
    """
    chosen = dispositions.table().get(way)
    if chosen is None:
        raise CannotDecide(rules.NO_SUCH_WAY.fill(way=way), field="way")
    if not reason.strip():
        raise CannotDecide(rules.NO_REASONS, field="reason")
    decided = []
    for given in exhibits:
        one = Exhibit.objects.locked(given.pk)
        access.require(actor, "property.decide", one)
        _check_decision(one, chosen, undisputed, actor, at)
        before = one.disposition
        one.change(
            disposition=way, decided_at=at, decided_by_id=actor.officer_id, decided_by_name=actor.name,
            decision_reason=reason.strip(),
        )  # fmt: skip
        ledger.record(
            actor=actor, at=at, act="property.decided", subject=one,
            facts={"number": one.number, "way": way, "before": before, "reason": reason.strip(), "undisputed": undisputed},
        )  # fmt: skip
        decided.append(one)
    return decided


def _check_decision(
    one: Exhibit, chosen: dispositions.Disposition, undisputed: bool, actor: Actor, at: datetime
) -> None:
    if actor.officer_id in queries.officers_of(one.case):
        raise CannotDecide(zh("您是本案团队成员，不能决定本案财物的处理。"), exhibit=one.number)
    limit = None
    if actor.post is Post.STATION_HEAD and chosen.station_limit:
        limit = clocks.figure(*chosen.station_limit, at=at)
    thing = rules.Deciding(
        number=one.number, state=rules.State(one.state), case_kind=one.case.kind, value_fen=one.value_fen,
        undisputed=undisputed, contraband=one.kind == rules.Kind.CONTRABAND,
    )  # fmt: skip
    if refused := rules.why_not_decide(thing, chosen, post=actor.post or "", station_limit_fen=limit):
        raise CannotDecide(refused, field="way", exhibit=one.number)


@transaction.atomic
def return_to_owner(
    *,
    exhibits: Sequence[Exhibit],
    owner: PersonGiven,
    on_behalf: bool = False,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> Handback:
    """Give things of one case back against a signed list (程序规定第一百九十二条, 刑事程序规定第二百三十四条).

    Each must have been decided to go back; valued and photographed (step `property.return`). `owner` is who receives
    it; `on_behalf`: somebody the owner authorised in writing, never an officer. All or none. Raises CannotReturn,
    GateClosed.
    """
    things = [Exhibit.objects.locked(one.pk) for one in exhibits]
    if not things or len({one.case_id for one in things}) != 1:
        raise CannotReturn(zh("请选择同一个案件的物品。"))
    if not owner.name.strip():
        raise CannotReturn(zh("请填写领取人的姓名。"), field="owner_name")
    for one in things:
        access.require(actor, "property.return", one)
        if one.disposition not in rules.TO_A_PERSON:
            raise CannotReturn(rules.NOT_DECIDED.fill(number=one.number), how=rules.DECIDE_FIRST, exhibit=one.number)
        gates.require("property.return", subject=one, actor=actor, at=at)
    made = _handback(things[0].case, owner, on_behalf, note, actor=actor, at=at)
    for one in things:
        _end(one, rules.Move.RETURNED, actor=actor, at=at, facts={"list": made.number}, handback=made)
    ledger.record(
        actor=actor, at=at, act="property.handed_back", subject=made,
        facts={"number": made.number, "exhibits": [one.number for one in things], "on_behalf": on_behalf},
    )  # fmt: skip
    papers.issue(
        kind=paperwork.HANDBACK, subject=made, number=made.number, actor=actor, at=at,
        facts=paperwork.handback_facts(made, things, receiver=owner.name),
    )  # fmt: skip
    return made


@transaction.atomic
def return_series(*, handings: Sequence[Handing], actor: Actor, at: datetime) -> list[Handback]:
    """Give the things of a series back to their owners in one go, a list for each owner. All or none."""
    return [
        return_to_owner(exhibits=one.exhibits, owner=one.owner, on_behalf=one.on_behalf, actor=actor, at=at)
        for one in handings
    ]


@transaction.atomic
def carry_out(*, exhibit: Exhibit, note: str = "", actor: Actor, at: datetime) -> Exhibit:
    """Carry out a decision that hands the thing to nobody: confiscated, to the treasury, transferred, lifted.

    Raises CannotReturn where nothing was decided, or it goes to a person and needs a receipt; CannotMove.
    """
    one = Exhibit.objects.locked(exhibit.pk)
    access.require(actor, "property.return", one)
    if not one.disposition:
        raise CannotReturn(rules.NOT_DECIDED.fill(number=one.number), how=rules.DECIDE_FIRST, exhibit=one.number)
    if one.disposition in rules.TO_A_PERSON:
        raise CannotReturn(zh("{number} 要当面返还，请登记领取人。", number=one.number))
    _end(one, rules.ENDS[one.disposition], actor=actor, at=at, why=note.strip(), facts={"way": one.disposition})
    return one


def _end(
    one: Exhibit, verb: rules.Move, *, actor: Actor, at: datetime, why: str = "", facts: Any, **changes: Any
) -> None:
    """Move to an end; what still ran for the thing stops, and with the last thing of a list its thirty days."""
    move(one, verb, actor=actor, at=at, why=why, facts=facts, ended_at=at, **changes)
    clocks.stop_all(subject=one, actor=actor, at=at)
    made = SeizureList.objects.filter(pk=one.seizure_list_id).first() if one.seizure_list_id else None
    if made is not None and not made.exhibits.filter(state__in=rules.OPEN).exists():
        stop_clock(queries.SEIZED_FOR, made, actor=actor, at=at)


def _handback(case: Any, owner: PersonGiven, on_behalf: bool, note: str, *, actor: Actor, at: datetime) -> Handback:
    kind = paperwork.HANDBACK
    return Handback.objects.create(
        number=numbering.take_statutory(
            series=f"{kind}:{case.unit.code}", form=paperwork.FORMS[kind], at=at, unit=case.unit.short
        ),
        case=case, unit_id=case.unit_id, receiver=keep_person(owner, rules.PersonRole.OWNER, case=case, at=at),
        on_behalf=on_behalf, handed_at=at, officer_id=actor.officer_id, officer_name=actor.name, note=note.strip(),
    )  # fmt: skip
