"""Exhibits for programs: the same operations as at the desk. Names of persons go in and never come out."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.operations import PersonGiven, Thing
from qingkong.domains.enforcement.property.queries import Exhibit
from qingkong.kernel import access
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Officer, Unit
from qingkong.kernel.identity.posts import HANDLING
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import local, zh
from qingkong.web.paging import page_of

router = Router(tags=["property"])


class ThingIn(Schema):
    name: str = Field(max_length=60)
    quantity: Decimal = Field(Decimal(1), gt=0, lt=10**9, decimal_places=3)
    measure: str = Field("件", max_length=8)
    kind: rules.Kind = rules.Kind.ORDINARY
    features: str = Field("", max_length=300)
    value_fen: int | None = Field(None, ge=0, le=10**13)


class PersonIn(Schema):
    name: str = Field(min_length=1, max_length=40)
    phone: str = Field("", max_length=20)
    id_number: str = Field("", max_length=24)

    def given(self) -> PersonGiven:
        return PersonGiven(self.name, self.phone, self.id_number)


class SeizeIn(Schema):
    """A seizure on the spot, or on a prior approval. The second officer is named by police number."""

    case: str = Field(max_length=20)
    things: list[ThingIn] = Field(min_length=1, max_length=50)
    second_officer: str = Field(max_length=20)
    place_text: str = Field(max_length=120)
    seized_at: datetime | None = None
    on_the_spot: bool = True
    approval: UUID | None = None
    lawful_holder: bool = False
    holder: PersonIn | None = None
    holder_signature: rules.Signature = rules.Signature.SIGNED
    signature_note: str = Field("", max_length=200)
    witness: PersonIn | None = None
    recording: str = Field("", max_length=40)


class RegisterIn(Schema):
    case: str = Field(max_length=20)
    thing: ThingIn
    second_officer: str = Field(max_length=20)
    place_text: str = Field(max_length=120)
    holder: PersonIn | None = None


class HandOverIn(Schema):
    room: str = Field(max_length=16, description="code of the unit that keeps it")
    why_late: str = Field("", max_length=300)


class AcceptIn(Schema):
    place: str = Field(max_length=80)
    photographed: bool = False
    note: str = Field("", max_length=300)


class ReasonIn(Schema):
    reason: str = Field(max_length=500)


class AppraiseIn(Schema):
    value_fen: int | None = Field(None, ge=0, le=10**13)
    photographed: bool = False
    basis: str = Field("", max_length=200)


class DecideIn(Schema):
    way: str = Field(max_length=12)
    reason: str = Field(max_length=500)
    undisputed: bool = False


class ReturnIn(Schema):
    exhibits: list[str] = Field(min_length=1, max_length=50)
    owner: PersonIn
    on_behalf: bool = False
    note: str = Field("", max_length=300)


class ExhibitOut(Schema):
    """An exhibit without the persons around it."""

    id: UUID
    number: str
    external_number: str | None
    case: str
    means: str
    kind: str
    name: str
    features: str
    quantity: Decimal
    measure: str
    value_fen: int | None
    state: str
    place_kept: str
    room: str | None
    seized_at: datetime
    accepted_at: datetime | None
    disposition: str
    decided_at: datetime | None
    ended_at: datetime | None


class MovementOut(Schema):
    move: str
    at: datetime
    officer: str
    post: str
    why: str
    state_before: str
    state_after: str
    place: str


class WholeOut(ExhibitOut):
    movements: list[MovementOut]


class PageOut(Schema):
    exhibits: list[ExhibitOut]
    next: str


class ListOut(Schema):
    id: UUID
    number: str
    exhibits: list[ExhibitOut]


@router.get("/", response=PageOut)
def listed(request: HttpRequest, state: str = "open") -> dict[str, Any]:
    """The actor's exhibits, the latest number first; `next` is the query of the next page."""
    page = page_of(queries.listed(actor=request.actor, state=state), request, order=("-number",))
    return {"exhibits": [_exhibit(one) for one in page], "next": page.next_query}


@router.post("/seizures", response={201: ListOut})
def seize(request: HttpRequest, body: SeizeIn) -> tuple[int, dict[str, Any]]:
    """Seize things in a case."""
    case = cases.get_case_by_number(actor=request.actor, number=body.case)
    approval = queries.approval(actor=request.actor, approval_id=body.approval) if body.approval else None
    made = operations.seize(
        case=case, things=[Thing(**thing.dict()) for thing in body.things], second_officer=_officer(request, body.second_officer),
        place_text=body.place_text, seized_at=body.seized_at, on_the_spot=body.on_the_spot, approval=approval,
        lawful_holder=body.lawful_holder, holder=body.holder.given() if body.holder else None,
        holder_signature=body.holder_signature, signature_note=body.signature_note,
        witness=body.witness.given() if body.witness else None, recording=body.recording,
        actor=request.actor, at=request.at,
    )  # fmt: skip
    things = made.exhibits.select_related("case", "room").order_by("position")
    return 201, {"id": made.pk, "number": made.number, "exhibits": [_exhibit(one) for one in things]}


@router.post("/registrations", response={201: ExhibitOut})
def register(request: HttpRequest, body: RegisterIn) -> tuple[int, dict[str, Any]]:
    """Register a thing that stays with its lawful holder."""
    one = operations.register_only(
        case=cases.get_case_by_number(actor=request.actor, number=body.case), thing=Thing(**body.thing.dict()),
        second_officer=_officer(request, body.second_officer), place_text=body.place_text,
        holder=body.holder.given() if body.holder else None, actor=request.actor, at=request.at,
    )  # fmt: skip
    return 201, _exhibit(one)


@router.post("/returns", response={201: ListOut})
def give_back(request: HttpRequest, body: ReturnIn) -> tuple[int, dict[str, Any]]:
    """Give things of one case back to one person, against a list."""
    things = [queries.exhibit_by_number(actor=request.actor, number=number) for number in body.exhibits]
    made = operations.return_to_owner(
        exhibits=things, owner=body.owner.given(), on_behalf=body.on_behalf, note=body.note, actor=request.actor,
        at=request.at,
    )  # fmt: skip
    back = made.exhibits.select_related("case", "room").order_by("number")
    return 201, {"id": made.pk, "number": made.number, "exhibits": [_exhibit(one) for one in back]}


@router.get("/{number}", response=WholeOut)
def get(request: HttpRequest, number: str) -> dict[str, Any]:
    """One exhibit by the number on its label, with its movements."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    moves = [
        {
            "move": m.move, "at": m.at, "officer": m.officer_name, "post": m.post, "why": m.why,
            "state_before": m.state_before, "state_after": m.state_after, "place": m.place,
        }
        for m in queries.movements(one)
    ]  # fmt: skip
    return {**_exhibit(one), "movements": moves}


@router.post("/{number}/hand-over", response=ExhibitOut)
def hand_over(request: HttpRequest, number: str, body: HandOverIn) -> dict[str, Any]:
    """Hand a thing to a room."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    done = operations.hand_over(
        exhibit=one, room=_room(body.room), why_late=body.why_late, actor=request.actor, at=request.at
    )
    return _exhibit(done)


@router.post("/{number}/accept", response=ExhibitOut)
def accept(request: HttpRequest, number: str, body: AcceptIn) -> dict[str, Any]:
    """Take a thing into the custodian's room."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    return _exhibit(operations.accept_exhibit(exhibit=one, **body.dict(), actor=request.actor, at=request.at))


@router.post("/{number}/refuse", response=ExhibitOut)
def refuse(request: HttpRequest, number: str, body: ReasonIn) -> dict[str, Any]:
    """Send a thing back to its officers."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    return _exhibit(operations.refuse_exhibit(exhibit=one, reason=body.reason, actor=request.actor, at=request.at))


@router.post("/{number}/appraise", response=ExhibitOut)
def appraise(request: HttpRequest, number: str, body: AppraiseIn) -> dict[str, Any]:
    """Enter value and photographs."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    return _exhibit(operations.appraise(exhibit=one, **body.dict(), actor=request.actor, at=request.at))


@router.post("/{number}/decide", response=ExhibitOut)
def decide(request: HttpRequest, number: str, body: DecideIn) -> dict[str, Any]:
    """Decide how a thing ends."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    return _exhibit(operations.decide(exhibits=[one], **body.dict(), actor=request.actor, at=request.at)[0])


@router.post("/{number}/carry-out", response=ExhibitOut)
def carry_out(request: HttpRequest, number: str) -> dict[str, Any]:
    """Carry out a decision that hands the thing to nobody."""
    one = queries.exhibit_by_number(actor=request.actor, number=number)
    return _exhibit(operations.carry_out(exhibit=one, actor=request.actor, at=request.at))


def _officer(request: HttpRequest, police_number: str) -> Officer:
    access.require(request.actor, "property.seize")
    found = identity.holders(*HANDLING, on=local(request.at).date()).filter(officer__username=police_number).first()
    if found is None:
        raise NotFound(zh("没有警号 {number} 的民警。", number=police_number))
    return found.officer


def _room(code: str) -> Unit:
    unit = identity.units().filter(code=code).first()
    if unit is None:
        raise NotFound(zh("没有代码为 {code} 的单位。", code=code))
    return unit


def _exhibit(one: Exhibit) -> dict[str, Any]:
    return {
        "id": one.pk, "number": one.number, "external_number": one.external_number, "case": one.case.number,
        "means": one.means, "kind": one.kind, "name": one.name, "features": one.features, "quantity": one.quantity,
        "measure": one.measure, "value_fen": one.value_fen, "state": one.state, "place_kept": one.place_kept,
        "room": one.room.name if one.room else None, "seized_at": one.seized_at, "accepted_at": one.accepted_at,
        "disposition": one.disposition, "decided_at": one.decided_at, "ended_at": one.ended_at,
    }  # fmt: skip
