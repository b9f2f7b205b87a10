"""Cases: the list, the page of one, its team and parties, its time, the flow chart."""

import tomllib
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import get_language

from qingkong.domains.enforcement.cases import loading, operations, queries
from qingkong.domains.enforcement.cases.queries import Case
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import back, form_page
from qingkong.domains.enforcement.cases.ways.desk.deciding import penalty_words
from qingkong.kernel import access
from qingkong.kernel.text import article_in_words, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest
from qingkong.web.flowchart import Flow, Step
from qingkong.web.paging import page_of

BUTTONS = ("handle", "name_team", "close", "convert", "look", "extend", "series")
SEALED = ("name", "phone", "id_number", "address", "guardian_name", "guardian_phone")


@desk.page("cases/", needs="cases.see", name="cases.list")
def list_cases(request: DeskRequest) -> HttpResponse:
    """Cases the actor may see, the latest first; or what a number or a piece of a title finds."""
    text = request.GET.get("q", "").strip()[:60]
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "open")
    shared = {
        "text": text, "kind": kind, "state": state,
        "kinds": [(k.value, k.label) for k in CaseKind], "states": [(s.value, s.label) for s in CaseState],
    }  # fmt: skip
    if text:
        found = queries.find(actor=request.actor, text=text)
        return desk.render(request, "cases/found.html", found=[(one, isinstance(one, Case)) for one in found], **shared)
    rows = queries.cases(actor=request.actor, kind=kind, state=state)
    page = page_of(rows, request, order=queries.LATEST_FILED)
    return desk.render(request, "cases/list.html", page=page, empty_sentence=zh("没有这样的案件。"), **shared)


@desk.page("cases/<uuid:case_id>/", needs="cases.see")
def case(request: DeskRequest, case_id: UUID) -> HttpResponse:
    found = queries.case_on_page(actor=request.actor, id=case_id)
    may = {name: access.may(request.actor, f"cases.{name}", found) for name in BUTTONS}
    stands = queries.parties_of(found)
    return desk.render(
        request, "cases/case.html", subject=found, case=found, may=may, stands=stands,
        suspects=[
            {"row": row, "words": penalty_words(row.penalty) if row.penalty else zh("不予处罚"), "state": row.state}
            for row in stands
            if row.state is not None
        ],
        mediation=getattr(found, "mediation", None),
        became=getattr(found, "converted_to", None),
        ground=queries.ground_in_words(found.over_ground),
    )  # fmt: skip


@desk.page("cases/<uuid:case_id>/people/", needs="cases.look")
def people(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Look at the parties: the purpose is asked, the look is entered, then names are shown."""
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.LookForm(request.POST or None, initial={"reference": found.number})
    if form.is_valid():
        look = access.look(
            actor=request.actor, subject=found, purpose=form.purpose, reference=form.reference, at=request.at
        )
        parties = [
            {"party": party, **{column: getattr(party, column).open(look) for column in SEALED}}
            for party in found.parties.order_by("role", "ordinal")
        ]
        statements = [
            {
                "decision": d,
                "reasons": d.reasons.open(look),
                "statements": [n.statement.open(look) for n in d.notices.all()],
            }  # type: ignore[attr-defined]
            for d in queries.decisions_of(found)
        ]
        return desk.render(request, "cases/people.html", case=found, parties=parties, statements=statements)
    return form_page(request, found, form, title=zh("查阅当事人"), submit=zh("登记并查阅"))


@desk.page("cases/<uuid:case_id>/parties/add/", needs="cases.handle")
def add_party(request: DeskRequest, case_id: UUID) -> HttpResponse:
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.PartyForm(request.POST or None)
    if form.is_valid():
        operations.add_party(case=found, **form.cleaned_data, actor=request.actor, at=request.at)
        return back(request, found, zh("已登记当事人。"))
    return form_page(request, found, form, title=zh("登记当事人"), submit=zh("登记"))


@desk.page("cases/<uuid:case_id>/team/", needs="cases.name_team")
def team(request: DeskRequest, case_id: UUID) -> HttpResponse:
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.MemberForm(request.POST or None, unit_id=found.unit_id, at=request.at)
    if form.is_valid():
        operations.name_member(case=found, role=form.role, officer=form.officer, actor=request.actor, at=request.at)
        return back(request, found, zh("已指定{role}。", role=form.role.label))
    return form_page(request, found, form, title=zh("调整办案组"), submit=zh("指定"))


@desk.page("cases/<uuid:case_id>/extend/", needs="cases.extend")
def extend(request: DeskRequest, case_id: UUID) -> HttpResponse:
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.ExtendForm(request.POST or None)
    if form.is_valid():
        operations.extend_time(
            subject=found, reason=form.reason, approval=form.approval, actor=request.actor, at=request.at
        )
        return back(request, found, zh("已延长办案期限。"))
    return form_page(request, found, form, title=zh("延长办案期限"), submit=zh("批准延长"))


@desk.page("cases/<uuid:case_id>/appraisal/", needs="cases.handle")
def appraisal(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """The time of an appraisal isn't counted."""
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.suspend_for_appraisal(case=found, reason=form.reason, actor=request.actor, at=request.at)
        return back(request, found, zh("鉴定期间不计入办案期限，期限已中止。"))
    return form_page(request, found, form, title=zh("委托鉴定"), submit=zh("中止期限"))


@desk.page("cases/<uuid:case_id>/appraised/", needs="cases.handle")
def appraised(request: DeskRequest, case_id: UUID) -> HttpResponse:
    found = queries.get_case(actor=request.actor, id=case_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.resume_after_appraisal(case=found, actor=request.actor, at=request.at)
        return back(request, found, zh("期限已恢复计算。"))
    return form_page(request, found, form, title=zh("收到鉴定意见"), submit=zh("恢复期限"))


@desk.page("flow/", needs="cases.flow")
def flow(request: DeskRequest) -> HttpResponse:
    """The case-handling flow chart (办案流程图), drawn from data/flow.toml."""
    return desk.render(request, "cases/flow.html", chart=flow_chart(), boxes=_boxes())


def flow_chart() -> Flow:
    """The chart in the reader's language; the wall and the portal draw the same."""
    data, boxes = _flow(), _boxes()
    ends = {box["id"] for box in data["box"] if box.get("end")}
    steps = [
        Step(box["id"], box["words"], "start" if n == 0 else "end" if box["id"] in ends else "step", box["article"])
        for n, box in enumerate(boxes)
    ]
    key = "label_en" if _english() else "label"
    return Flow(steps=steps, arrows=[(a["from"], a["to"], a.get(key, "")) for a in data["arrow"]])


def _boxes() -> list[dict[str, Any]]:
    end = "_en" if _english() else ""
    return [
        {
            "id": box["id"], "words": box[f"label{end}"], "note": box.get(f"note{end}", ""),
            "article": article_in_words(box["law"], box["article"]),
        }
        for box in _flow()["box"]
    ]  # fmt: skip


def _english() -> bool:
    return (get_language() or "").startswith("en")


@lru_cache(maxsize=1)
def _flow() -> dict[str, Any]:
    return tomllib.loads((loading.DATA / "flow.toml").read_text(encoding="utf-8"))
