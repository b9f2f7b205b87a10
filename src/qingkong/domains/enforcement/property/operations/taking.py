"""Seize things, on the spot or with approval; or register them and leave them where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from qingkong.domains.enforcement.property import paperwork, queries, rules
from qingkong.domains.enforcement.property.models import Exhibit, PropertyPerson, SeizureApproval, SeizureList
from qingkong.domains.enforcement.property.operations import approving
from qingkong.domains.enforcement.property.operations.moving import PersonGiven, enter, keep_person
from qingkong.kernel import access, clocks, ledger, numbering, papers
from qingkong.kernel.access import Actor
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.refusals import Refusal

ON_THE_SPOT = "情况紧急，当场扣押"


class CannotSeize(Refusal):
    """Nothing is taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One line of a list as given. `value_fen` is an appraised value, if there is one."""

    name: str
    quantity: Decimal = Decimal(1)
    measure: str = "件"
    kind: rules.Kind = rules.Kind.ORDINARY
    features: str = ""
    value_fen: int | None = None


@dataclass(frozen=True, slots=True)
class _Taking:
    """The circumstances all things of one list share."""

    case: Any
    officers: tuple[Officer, Officer]
    seized_at: datetime
    means: rules.Means
    actor: Actor
    at: datetime


@transaction.atomic
def seize(
    *,
    case: Any,
    things: Sequence[Thing],
    second_officer: Officer,
    place_text: str,
    seized_at: datetime | None = None,
    approval: SeizureApproval | None = None,
    on_the_spot: bool = False,
    lawful_holder: bool = False,
    holder: PersonGiven | None = None,
    holder_signature: rules.Signature = rules.Signature.SIGNED,
    signature_note: str = "",
    witness: PersonGiven | None = None,
    recording: str = "",
    actor: Actor,
    at: datetime,
) -> SeizureList:
    """Take things in a case, with two police officers, before holder and witness, against a list (XZ-15).

    The actor is the first officer. Either `approval` came before, or it was done `on_the_spot`: then in an
    administrative case the request for approval is written at once and must be answered within 24 hours (XZ-14).
    Each thing has 24 hours to reach a custodian (CW-01). `recording` is the evidence number of the full recording.

    Raises CannotSeize where the case isn't open, officers aren't two police, the property is lawfully held by a
    victim or a third person in good faith (治安管理处罚法第一百零五条), or no approval stands.
    """
    access.require(actor, "property.seize", case)
    means = rules.Means.ON_THE_SPOT if on_the_spot else rules.Means.SEIZED
    taking = _begin(case, things, second_officer, seized_at or at, means, actor, at)
    if lawful_holder:
        raise CannotSeize(rules.LAWFUL_HOLDER, how=rules.REGISTER_INSTEAD, field="lawful_holder")
    if holder_signature is not rules.Signature.SIGNED and witness is None:
        raise CannotSeize(rules.NO_WITNESS, field="witness_name")
    if not on_the_spot:
        approval = _prior(approval, case, taking.seized_at)

    made = SeizureList.objects.create(
        number=_number(case, paperwork.SEIZURE, at),
        case=case,
        unit_id=case.unit_id,
        on_the_spot=on_the_spot,
        approval=None if on_the_spot else approval,
        approved_before_at=None if on_the_spot or approval is None else approval.answered_at,
        seized_at=taking.seized_at,
        place_text=place_text.strip(),
        first_officer=taking.officers[0],
        second_officer=taking.officers[1],
        first_officer_name=taking.officers[0].name,
        second_officer_name=taking.officers[1].name,
        holder=keep_person(holder, rules.PersonRole.HOLDER, case=case, at=at) if holder else None,
        witness=keep_person(witness, rules.PersonRole.WITNESS, case=case, at=at) if witness else None,
        holder_signature=holder_signature,
        signature_note=signature_note.strip(),
        recording=recording.strip(),
    )
    taken = _take(taking, things, made, made.holder)
    _start_clocks(made, taken, actor=actor, at=at)
    names = (holder.name if holder else "", witness.name if witness else "")
    _list_paper(made, taken, names, actor=actor, at=at)
    return made


@transaction.atomic
def register_only(
    *,
    case: Any,
    thing: Thing,
    second_officer: Officer,
    place_text: str,
    holder: PersonGiven | None = None,
    registered_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> Exhibit:
    """Register a thing that its lawful holder keeps: it isn't seized (治安管理处罚法第一百零五条).

    Its details are due at the custodian's within 24 hours (CW-02). Raises CannotSeize.
    """
    access.require(actor, "property.seize", case)
    taking = _begin(case, [thing], second_officer, registered_at or at, rules.Means.REGISTERED, actor, at)
    person = keep_person(holder, rules.PersonRole.HOLDER, case=case, at=at) if holder else None
    one = _take(taking, [thing], None, person, place=place_text.strip())[0]
    clocks.start(
        queries.NOTE_DETAILS, subject=one, at=taking.seized_at, actor=actor, unit_id=case.unit_id,
        officer_id=actor.officer_id,
    )  # fmt: skip
    return one


def _begin(
    case: Any, things: Sequence[Thing], second: Officer, when: datetime, means: rules.Means, actor: Actor, at: datetime
) -> _Taking:
    """Everything seizing and registering have in common; raises CannotSeize."""
    if not case.is_open or (means is rules.Means.SEIZED and when < case.filed_at):
        raise CannotSeize(rules.CASE_NOT_OPEN, case=case.number)
    if when > at:
        raise CannotSeize(rules.IN_THE_FUTURE, field="seized_at")
    if not things:
        raise CannotSeize(rules.NOTHING_LISTED, field="name")
    for position, thing in enumerate(things, start=1):
        if not thing.name.strip():
            raise CannotSeize(rules.NO_LIST_ITEM.fill(position=position), field="name")
        if thing.quantity <= 0:
            raise CannotSeize(rules.BAD_QUANTITY.fill(position=position), field="quantity")
    assert actor.officer_id is not None  # the permission is of posts that officers hold
    first = identity.officer(actor.officer_id)
    two = rules.TwoOfficers(
        first.pk, second.pk, {first.pk: first.name, second.pk: second.name},
        queries.police_among([first.pk, second.pk], at=when),
    )  # fmt: skip
    if reason := rules.why_not_two(two, actor=actor.officer_id):
        raise CannotSeize(reason, field="second_officer")
    return _Taking(case, (first, second), when, means, actor, at)


def _prior(approval: SeizureApproval | None, case: Any, when: datetime) -> SeizureApproval:
    if approval is not None:
        approval = SeizureApproval.objects.locked(approval.pk)
    good = approval is not None and approval.state == rules.ApprovalState.APPROVED and approval.case_id == case.pk
    reason = rules.why_not_prior(
        approved_at=approval.answered_at if approval and good else None,
        used=bool(approval and SeizureList.objects.filter(approval=approval).exists()),
        seized_at=when,
    )
    if reason or approval is None:
        raise CannotSeize(reason or rules.NOT_APPROVED, how=rules.ASK_FIRST, field="approval")
    return approval


def _take(
    taking: _Taking,
    things: Sequence[Thing],
    made: SeizureList | None,
    holder: PropertyPerson | None,
    *,
    place: str = "",
) -> list[Exhibit]:
    """Make the exhibits of a list, each with its number, its first movement and its entry."""
    registered = taking.means is rules.Means.REGISTERED
    verb = rules.Move.REGISTERED if registered else rules.Move.SEIZED
    taken = []
    for position, thing in enumerate(things, start=1):
        one = Exhibit.objects.create(
            number=numbering.take("E", at=taking.at), case=taking.case, unit_id=taking.case.unit_id, seizure_list=made,
            position=position, means=taking.means, kind=thing.kind, name=thing.name.strip(),
            features=thing.features.strip(), quantity=thing.quantity, measure=thing.measure.strip() or "件",
            value_fen=thing.value_fen, state=rules.MOVES[None, verb], seized_at=taking.seized_at,
            first_officer=taking.officers[0], second_officer=taking.officers[1], holder=holder, place_kept=place,
        )  # fmt: skip
        facts = {"list": made.number if made else None, "means": taking.means.value, "when": taking.seized_at}
        enter(one, verb, before=None, actor=taking.actor, at=taking.at, facts=facts)
        taken.append(one)
    return taken


def _start_clocks(made: SeizureList, taken: Sequence[Exhibit], *, actor: Actor, at: datetime) -> None:
    """24 hours to hand over, 30 days of seizure, and where it was on the spot 24 hours to be approved."""
    who: dict[str, UUID | None] = {"unit_id": made.unit_id, "officer_id": actor.officer_id}
    for one in taken:
        clocks.start(queries.HAND_OVER, subject=one, at=made.seized_at, actor=actor, **who)  # type: ignore[arg-type]
    if made.case.kind != "criminal":
        clocks.start(queries.SEIZED_FOR, subject=made, at=made.seized_at, actor=actor, **who)  # type: ignore[arg-type]
    means = rules.Means.ON_THE_SPOT if made.on_the_spot else rules.Means.SEIZED
    if rules.needs_made_up_approval(means, made.case.kind):
        what = "、".join(f"{one.name} {one.amount}" for one in taken)
        made.rest_on(approving.request(made.case, what, ON_THE_SPOT, event_at=made.seized_at, actor=actor, at=at))
        clocks.start(queries.MAKE_UP, subject=made, at=made.seized_at, actor=actor, **who)  # type: ignore[arg-type]


def _list_paper(
    made: SeizureList, taken: Sequence[Exhibit], names: tuple[str, str], *, actor: Actor, at: datetime
) -> None:
    ledger.record(
        actor=actor, at=at, act="property.list_made", subject=made,
        facts={
            "number": made.number, "exhibits": [one.number for one in taken], "on_the_spot": made.on_the_spot,
            "when": made.seized_at, "holder": made.holder_signature,
        },
    )  # fmt: skip
    papers.issue(
        kind=paperwork.SEIZURE, subject=made, number=made.number, actor=actor, at=at,
        facts=paperwork.seizure_facts(made, taken, holder=names[0], witness=names[1]),
    )  # fmt: skip


def _number(case: Any, kind: str, at: datetime) -> str:
    series = f"{kind}:{case.unit.code}"
    return numbering.take_statutory(series=series, form=paperwork.FORMS[kind], at=at, unit=case.unit.short)
