"""Hand a thing to a custodian; accept it, or refuse it with a reason; appraise it; print its label."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.property import paperwork, queries, rules
from qingkong.domains.enforcement.property.models import Exhibit
from qingkong.domains.enforcement.property.operations.moving import move, stop_clock
from qingkong.kernel import access, ledger, notices, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.papers import Paper
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh


class CannotHandOver(Refusal):
    """The thing stays where it is; the message says why."""


class CannotKeep(Refusal):
    """This custodian can't accept or refuse this thing; the message says why."""


@transaction.atomic
def hand_over(*, exhibit: Exhibit, room: Unit, why_late: str = "", actor: Actor, at: datetime) -> Exhibit:
    """Hand a thing to a room; it waits there until a custodian accepts or refuses it.

    After the 24 hours have passed a reason is asked, and the time stays as it is (程序规定第一百九十条). Raises
    CannotHandOver, CannotMove.
    """
    exhibit = Exhibit.objects.locked(exhibit.pk)
    access.require(actor, "property.hand_over", exhibit)
    if queries.is_late(exhibit, at=at) and not why_late.strip():
        raise CannotHandOver(
            zh("已经超过二十四小时，请写明原因。"), how=zh("照实写；移交时间就是现在。"), field="why_late"
        )
    move(
        exhibit, rules.Move.HANDED_OVER, actor=actor, at=at, why=why_late.strip(), facts={"room": room.name},
        room_id=room.pk, offered_at=at,
    )  # fmt: skip
    notices.tell(
        unit_id=room.pk, text=zh("待接收：{number} {name}", number=exhibit.number, name=exhibit.name),
        subject=exhibit, at=at,
    )  # fmt: skip
    return exhibit


@transaction.atomic
def accept_exhibit(
    *, exhibit: Exhibit, place: str, photographed: bool = False, note: str = "", actor: Actor, at: datetime
) -> Exhibit:
    """Take a thing into the room, at a place. Stops its 24 hours.

    The custodian is never an officer of the case (程序规定第一百八十八条); the database refuses it too. Raises CannotKeep,
    CannotMove.
    """
    exhibit = _for_keeper(exhibit, actor)
    if not place.strip():
        raise CannotKeep(rules.NO_PLACE, field="place")
    changes = {"photographed_at": at} if photographed else {}
    move(
        exhibit, rules.Move.ACCEPTED, actor=actor, at=at, why=note.strip(),
        facts={"place": place.strip(), "photographed": photographed}, custodian_id=actor.officer_id,
        custodian_name=actor.name, accepted_at=at, place_kept=place.strip(), **changes,
    )  # fmt: skip
    stop_clock(queries.HAND_OVER, exhibit, actor=actor, at=at)
    return exhibit


@transaction.atomic
def refuse_exhibit(*, exhibit: Exhibit, reason: str, actor: Actor, at: datetime) -> Exhibit:
    """Send a thing back to its officers because list and thing don't agree, or it is badly packed.

    Its 24 hours go on. Raises CannotKeep without a reason, CannotMove.
    """
    exhibit = _for_keeper(exhibit, actor)
    if not reason.strip():
        raise CannotKeep(rules.NO_REASON, field="reason")
    move(exhibit, rules.Move.REFUSED, actor=actor, at=at, why=reason.strip(), room_id=None, offered_at=None)
    notices.tell(
        officer_id=exhibit.first_officer_id,
        text=zh("被拒收：{number}，{reason}", number=exhibit.number, reason=reason.strip()), subject=exhibit, at=at,
    )  # fmt: skip
    return exhibit


@transaction.atomic
def note_registration(*, exhibit: Exhibit, room: Unit, actor: Actor, at: datetime) -> Exhibit:
    """Give the papers and details of a registered thing to a custodian's room. Stops CW-02 (程序规定第一百九十条)."""
    exhibit = Exhibit.objects.locked(exhibit.pk)
    access.require(actor, "property.hand_over", exhibit)
    move(exhibit, rules.Move.NOTED, actor=actor, at=at, facts={"room": room.name}, room_id=room.pk)
    stop_clock(queries.NOTE_DETAILS, exhibit, actor=actor, at=at)
    return exhibit


@transaction.atomic
def appraise(
    *,
    exhibit: Exhibit,
    value_fen: int | None = None,
    photographed: bool = False,
    basis: str = "",
    actor: Actor,
    at: datetime,
) -> Exhibit:
    """Enter an appraised value, that the thing was photographed, or both. `basis` says who valued it and how."""
    exhibit = Exhibit.objects.locked(exhibit.pk)
    access.require(actor, "property.appraise", exhibit)
    changes: dict[str, object] = {}
    if value_fen is not None:
        changes["value_fen"] = value_fen
    if photographed:
        changes["photographed_at"] = at
    if not changes:
        raise Refusal(zh("请填写估价，或者勾选已经拍照。"), field="value")
    if value_fen is not None and (value_fen < 0 or not basis.strip()):
        raise Refusal(zh("请写明估价的依据。"), field="basis")
    exhibit.change(**changes)
    ledger.record(
        actor=actor, at=at, act="property.appraised", subject=exhibit,
        facts={"number": exhibit.number, "value_fen": value_fen, "photographed": photographed, "basis": basis.strip()},
    )  # fmt: skip
    return exhibit


@transaction.atomic
def print_label(*, exhibit: Exhibit, actor: Actor, at: datetime) -> Paper:
    """The label with number and QR code (一物一码): no person's name on it."""
    access.require(actor, "property.label", exhibit)
    known = [paper for paper in papers.of(exhibit) if paper.kind == paperwork.LABEL]
    if known:
        return known[0]
    ledger.record(actor=actor, at=at, act="property.labelled", subject=exhibit, facts={"number": exhibit.number})
    return papers.issue(
        kind=paperwork.LABEL, subject=exhibit, number=exhibit.number, actor=actor, at=at,
        facts=paperwork.label_facts(exhibit),
    )  # fmt: skip


def _for_keeper(exhibit: Exhibit, actor: Actor) -> Exhibit:
    """The locked exhibit, if this custodian may decide about it. Raises CannotKeep."""
    exhibit = Exhibit.objects.locked(exhibit.pk)
    officers = queries.officers_of(exhibit.case) | {exhibit.first_officer_id, exhibit.second_officer_id}
    if actor.officer_id in officers:  # said before the permission, because it is the real reason
        raise CannotKeep(rules.KEEPER_IS_OFFICER, how=rules.ANOTHER_KEEPER, exhibit=exhibit.number)
    if exhibit.state != rules.State.OFFERED:
        verb = rules.Move.ACCEPTED
        raise CannotKeep(rules.why_not_move(exhibit.number, rules.State(exhibit.state), verb) or rules.OTHER_ROOM)
    access.require(actor, "property.keep", exhibit)
    if reason := rules.why_not_keep(
        keeper=actor.officer_id, officers=officers, unit=actor.unit_id, room=exhibit.room_id
    ):
        raise CannotKeep(reason, how=rules.ANOTHER_KEEPER, exhibit=exhibit.number)
    return exhibit
