"""Exhibits at the desk: list, one exhibit, seizing, registering, keeping, deciding, returning."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from qingkong.domains.enforcement.cases import queries as cases
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
from qingkong.web.paging import page_of

STATES = [("open", zh("未了结")), *[(state.value, state.label) for state in rules.State], ("all", zh("全部"))]
SHOWN = 1  # lines of a list shown at once


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
        can=can(one, request.actor), qr=papers.qr_svg(one.number), lists=queries.papers_of(one), basis=one.way.basis[one.case.kind] if one.way else "",
        case_url=desk.subject_url(one.case.subject_key) if access.may(request.actor, "cases.see", one.case) else "",
    )  # fmt: skip


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
        "papers": access.may(actor, "cases.look", one.case),
    }


# --- taking --------------------------------------------------------------------------------------------------


@desk.page("exhibits/seize/<uuid:case_id>/", needs="property.seize")
def seize(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.SeizeForm(
        request.POST or None, initial={"seized_at": request.at, "ground": forms.SeizeForm.ON_THE_SPOT},
        officers=queries.second_officers(actor=request.actor, at=request.at), approvals=queries.approvals_ready(case),
    )  # fmt: skip
    if form.is_valid():
        made = operations.seize(case=case, actor=request.actor, at=request.at, **form.circumstances())
        return desk.done(
            request, "desk:property.seized", zh("已扣押，清单 {number}。", number=made.number), list_id=made.pk
        )
    return _taking(request, case, form, title=zh("扣押"), submit=zh("扣押并制作清单"), seizing=True)


@desk.page("exhibits/register/<uuid:case_id>/", needs="property.seize")
def register(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Register a thing that stays with its lawful holder."""
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.RegisterForm(
        request.POST or None, initial={"seized_at": request.at},
        officers=queries.second_officers(actor=request.actor, at=request.at), count=1,
    )  # fmt: skip
    if form.is_valid():
        one = operations.register_only(
            case=case, thing=form.things()[0], second_officer=form.second_officer, place_text=form.place_text,
            holder=form.holder(), registered_at=form.seized_at, actor=request.actor, at=request.at,
        )  # fmt: skip
        return desk.done(
            request,
            "desk:property.exhibit",
            zh("已登记 {number}，物品留给持有人。", number=one.number),
            exhibit_id=one.pk,
        )
    return _taking(request, case, form, title=zh("登记（不扣押）"), submit=zh("登记"), seizing=False)


def _taking(request: DeskRequest, case: Any, form: forms.TakingForm, **words: Any) -> HttpResponse:
    return desk.render(
        request, "property/taking.html", case=case, form=form, lines=form.lines[:SHOWN], more_lines=form.lines[SHOWN:],
        cancel=_tab_of(case), **words,
    )  # fmt: skip


def _tab_of(case: Any) -> str:
    return f"{desk.subject_url(case.subject_key)}?tab=property"


@desk.page("exhibits/lists/<uuid:list_id>/", needs="property.see")
def seized(request: DeskRequest, list_id: UUID) -> HttpResponse:
    """A seizure list: its things, their labels, and what must follow."""
    made = queries.seizure_list(actor=request.actor, list_id=list_id)
    return desk.render(
        request, "property/seized.html", made=made, exhibits=queries.exhibits_on(made), tab=_tab_of(made.case),
        lists=papers.of(made) if access.may(request.actor, "cases.look", made.case) else [],
    )  # fmt: skip


@desk.page("exhibits/ask/<uuid:case_id>/", needs="property.seize")
def ask(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = cases.get_case(actor=request.actor, id=case_id)
    form = forms.AskForm(request.POST or None)
    if form.is_valid():
        operations.ask_to_seize(case=case, what=form.what, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:property.list", zh("已提请批准。"))
    return desk.render(
        request, "property/form.html", form=form, title=zh("提请批准扣押"), submit=zh("提请批准"), case_number=case.number,
        cancel=_tab_of(case),
    )  # fmt: skip


@desk.page("exhibits/approvals/<uuid:approval_id>/", needs="property.approve")
def approve(request: DeskRequest, approval_id: UUID) -> HttpResponse:
    """Answer a request; the instant of the answer is now."""
    asked = queries.approval(actor=request.actor, approval_id=approval_id)
    form = forms.AnswerForm(request.POST or None)
    if form.is_valid():
        operations.answer_approval(
            approval=asked, approve=form.answer == "yes", words=form.words, actor=request.actor, at=request.at
        )
        return desk.done(request, "desk:property.list", zh("已答复。"))
    return desk.render(
        request, "property/approval.html", asked=asked, form=form, made=getattr(asked, "seizure_list", None)
    )


# --- keeping -------------------------------------------------------------------------------------------------


@desk.page("exhibits/<uuid:exhibit_id>/hand-over/", needs="property.hand_over")
def hand_over(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Hand a thing, or the details of a registered one, to a room."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    registered = one.state == rules.State.REGISTERED
    late = not registered and queries.is_late(one, at=request.at)
    form = forms.HandOverForm(request.POST or None, rooms=queries.rooms(case=one.case, at=request.at), late=late)
    if form.is_valid():
        if registered:
            operations.note_registration(exhibit=one, room=form.unit, actor=request.actor, at=request.at)
        else:
            why = form.why_late if late else ""
            operations.hand_over(exhibit=one, room=form.unit, why_late=why, actor=request.actor, at=request.at)
        return _back(request, one, zh("已移交，待保管员接收。"))
    return _form(request, one, form, title=zh("移交保管"), submit=zh("移交"))


@desk.page("exhibits/<uuid:exhibit_id>/accept/", needs="property.keep")
def accept(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.AcceptForm(request.POST or None)
    if form.is_valid():
        operations.accept_exhibit(
            exhibit=one,
            place=form.place,
            photographed=form.photographed,
            note=form.note,
            actor=request.actor,
            at=request.at,
        )
        return _back(request, one, zh("已接收入库。"))
    return _form(request, one, form, title=zh("接收入库"), submit=zh("接收"))


@desk.page("exhibits/<uuid:exhibit_id>/refuse/", needs="property.keep")
def refuse(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.refuse_exhibit(exhibit=one, reason=form.reason, actor=request.actor, at=request.at)
        return desk.done(request, "desk:property.list", zh("已拒收 {number}，退回办案民警。", number=one.number))
    return _form(request, one, form, title=zh("拒收"), submit=zh("拒收"), kind="warning")


@desk.page("exhibits/<uuid:exhibit_id>/appraise/", needs="property.appraise")
def appraise(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.AppraiseForm(request.POST or None)
    if form.is_valid():
        operations.appraise(
            exhibit=one, value_fen=form.value, photographed=form.photographed, basis=form.basis, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return _back(request, one, zh("已登记。"))
    return _form(request, one, form, title=zh("估价和照片"), submit=zh("登记"))


# --- ending --------------------------------------------------------------------------------------------------


@desk.page("exhibits/<uuid:exhibit_id>/decide/", needs="property.decide")
def decide(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Decide about a thing, and in the same go about others of its case."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    things = [thing for thing in queries.siblings(one, actor=request.actor) if thing.state == one.state]
    form = forms.DecideForm(request.POST or None, things=things, chosen=one, ways=queries.ways_for(one, request.actor))
    if form.is_valid():
        operations.decide(
            exhibits=form.picked, way=form.way, reason=form.reason, undisputed=form.undisputed, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return _back(request, one, zh("已决定。"))
    return _form(request, one, form, title=zh("决定怎样处理"), submit=zh("决定"))


@desk.page("exhibits/<uuid:exhibit_id>/return/", needs="property.return", name="property.give_back")
def give_back(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    """Give a thing, and others of its case that go to the same person, back against a list."""
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    things = [thing for thing in queries.siblings(one, actor=request.actor) if thing.disposition in rules.TO_A_PERSON]
    form = forms.ReturnForm(request.POST or None, things=things, chosen=one)
    if form.is_valid():
        made = operations.return_to_owner(
            exhibits=form.picked, owner=form.owner(), on_behalf=form.on_behalf, note=form.note, actor=request.actor,
            at=request.at,
        )  # fmt: skip
        return _back(request, one, zh("已返还，清单 {number}。", number=made.number))
    return _form(request, one, form, title=zh("返还"), submit=zh("返还并制作清单"))


@desk.page("exhibits/<uuid:exhibit_id>/carry-out/", needs="property.return")
def carry_out(request: DeskRequest, exhibit_id: UUID) -> HttpResponse:
    one = queries.exhibit(actor=request.actor, exhibit_id=exhibit_id)
    form = forms.CarryOutForm(request.POST or None)
    if form.is_valid():
        operations.carry_out(exhibit=one, note=form.note, actor=request.actor, at=request.at)
        return _back(request, one, zh("已办完：{way}。", way=one.way_label))
    return _form(request, one, form, title=zh("办理：{way}", way=one.way_label), submit=zh("已办完"))


# --- persons and papers --------------------------------------------------------------------------------------


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
    return _form(request, one, form, title=zh("查看持有人和领取人"), submit=zh("登记并查看"))


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


def pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _back(request: DeskRequest, one: Exhibit, sentence: Any) -> HttpResponse:
    return desk.done(request, "desk:property.exhibit", sentence, exhibit_id=one.pk)


def _form(request: DeskRequest, one: Exhibit, form: Any, **words: Any) -> HttpResponse:
    cancel = desk.url("desk:property.exhibit", exhibit_id=one.pk)
    return desk.render(
        request, "property/form.html", exhibit=one, form=form, cancel=cancel, case_number=one.case.number, **words
    )
