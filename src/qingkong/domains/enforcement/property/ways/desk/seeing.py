"""The list of exhibits, one exhibit, its persons and its papers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.queries import Exhibit
from qingkong.domains.enforcement.property.ways import forms
from qingkong.kernel import access, papers
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.documents import pdf
from qingkong.web.paging import page_of

STATES = [("open", zh("未了结")), *[(state.value, state.label) for state in rules.State], ("all", zh("全部"))]


@desk.page("exhibits/", needs="property.see", name="property.list")
def list_exhibits(request: DeskRequest) -> HttpResponse:
    """The actor's exhibits; a custodian's own room first of all what waits to be accepted."""
    in_room = request.actor.post is Post.CUSTODIAN
    state = request.GET.get("state", "open")
    found = queries.listed(actor=request.actor, state=state, room=in_room)
    return desk.render(
        request, "property/list.html", page=page_of(found, request, order=("-number",)), state=state, states=STATES,
        in_room=in_room, offered=queries.offered(request.actor) if in_room else [],
        waiting=queries.approvals_waiting(request.actor)[:20], empty_sentence=zh("没有这样的涉案财物。"),
    )  # fmt: skip


@desk.page("exhibits/<uuid:exhibit_id>/", needs="property.see", name="property.exhibit")
def exhibit(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    return desk.render(
        request, "property/exhibit.html", subject=one, exhibit=one, movements=queries.movements(one),
        can=can(one, request.actor), qr=papers.qr_svg(one.number), lists=_readable(request, one), basis=one.way.basis[one.case.kind] if one.way else "",
        case_url=desk.subject_url(one.case.subject_key) if access.may(request.actor, "cases.see", one.case) else "",
    )  # fmt: skip


def _readable(request: DeskRequest, one: Exhibit) -> list[papers.Paper]:
    """The exhibit's lists, for whom a look at its case would be given."""
    may = access.may_look(actor=request.actor, subject=one.case, reference=one.case.number, at=request.at)
    return queries.papers_of(one) if may else []


def can(one: Exhibit, actor: Actor) -> dict[str, bool]:
    """Which buttons stand on an exhibit's page: what its state allows and the actor may."""
    state = rules.State(one.state)

    def may(name: str) -> bool:
        return access.may(actor, f"property.{name}", one)

    to_a_person = one.disposition in rules.TO_A_PERSON
    return {
        "hand_over": state is rules.State.TAKEN and may("hand_over"),
        "note": state is rules.State.REGISTERED and one.room_id is None and may("hand_over"),
        "keep": state is rules.State.OFFERED and may("keep"),
        "appraise": one.is_open and may("appraise"),
        "decide": one.is_open
        and state is not rules.State.OFFERED
        and may("decide")
        and bool(queries.ways_for(one, actor)),
        "return": state in (rules.State.TAKEN, rules.State.KEPT) and to_a_person and may("return"),
        "carry_out": state in (rules.State.KEPT, rules.State.REGISTERED)
        and bool(one.disposition)
        and not to_a_person
        and may("return"),
        "look": one.holder_id is not None and access.may(actor, "cases.look", one.case),
    }


@desk.page("exhibits/<uuid:exhibit_id>/persons/", needs="cases.look")
def persons(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Look at holder, witness and receiver: purpose and reference first, then the names."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.LookForm(request.POST or None, initial={"reference": one.case.number})
    if form.is_valid():
        look = access.look(
            actor=request.actor, subject=one.case, purpose=form.purpose, reference=form.reference, at=request.at
        )
        opened = [
            {
                "role": rules.PersonRole(p.role).label,
                "name": p.name.open(look),
                "phone": p.phone.open(look),
                "id": p.id_number.open(look),
            }
            for p in queries.persons_of(one)
        ]
        return desk.render(request, "property/persons.html", exhibit=one, persons=opened)
    return form_page(request, one, form, title=zh("查看持有人和领取人"), submit=zh("登记并查看"))


@desk.page("exhibits/<uuid:exhibit_id>/label.pdf", needs="property.label")
def label(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """The label with number and QR code; printing it the first time is entered."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    paper = operations.print_label(exhibit=one, actor=request.actor, at=request.at)
    return pdf(papers.bytes_of(paper), f"{one.number}.pdf")


@desk.page("exhibits/<uuid:exhibit_id>/papers/<uuid:paper_id>.pdf", needs="cases.look", name="property.paper")
def paper(request: DeskRequest, exhibit_id: UUID, paper_id: UUID) -> HttpResponse:
    """A seizure or return list of this exhibit. It names people: opening it is a look at the case."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    found = next((p for p in queries.papers_of(one) if p.pk == paper_id), None)
    if found is None:
        raise NotFound()
    access.look(
        actor=request.actor, subject=one.case, purpose=Purpose.HANDLING, reference=one.case.number, at=request.at
    )
    return pdf(papers.bytes_of(found), f"{found.number}.pdf")


def back(request: DeskRequest, one: Exhibit, sentence: Any) -> HttpResponse:
    return desk.done(request, "desk:property.exhibit", sentence, exhibit_id=one.pk)


def form_page(request: DeskRequest, one: Exhibit, form: Any, **words: Any) -> HttpResponse:
    cancel = desk.url("desk:property.exhibit", exhibit_id=one.pk)
    return desk.render(
        request, "property/form.html", exhibit=one, form=form, cancel=cancel, case_number=one.case.number, **words
    )
