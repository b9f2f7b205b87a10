"""The decision chain at the desk: propose, tell, hear, review, decide, serve, execute."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.queries import Case, Decision
from qingkong.domains.enforcement.cases.rules.deciding import Penalty, yuan
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.states import MADE, DecisionState
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import form_page
from qingkong.kernel import access
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

D = DecisionState
CHAIN = (
    (zh("拟定"), "proposed_at"), (zh("告知"), "told_at"), (zh("报批"), "asked_at"),
    (zh("作出决定"), "decided_at"), (zh("送达"), "served_at"), (zh("执行"), "executed_at"),
)  # fmt: skip


@desk.page("cases/decisions/<uuid:decision_id>/", needs="cases.see")
def decision(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    """A decision: how far it is, what the party was told and said, and what this reader can do next."""
    found = queries.decision_on_page(actor=request.actor, id=decision_id)
    notices = list(found.notices.all())
    return desk.render(
        request, "cases/decision.html", subject=found, decision=found, case=found.case, notices=notices,
        words=penalty_words(found.penalty) if found.penal else zh("不予处罚"), steps=_steps(found),
        acts=_acts(request, found.case, found, notices[-1] if notices else None), reviews=list(found.reviews.all()),
        services=list(found.services.all()), ground=queries.ground_in_words(found.no_penalty_ground),
    )  # fmt: skip


def _steps(decision: Decision) -> list[tuple[Sentence, Any]]:
    times = {
        "proposed_at": decision.proposed_at, "told_at": decision.told_at, "asked_at": decision.asked_at,
        "decided_at": decision.decided_at,
        "served_at": next((s.served_at for s in decision.services.all() if s.party_id == decision.party_id), None),
        "executed_at": getattr(getattr(decision, "execution", None), "executed_at", None),
    }  # fmt: skip
    return [(label, times[key]) for label, key in CHAIN]


def _acts(request: DeskRequest, case: Case, decision: Decision, notice: Any) -> list[tuple[str, Sentence]]:
    """(route, label) of what comes next for this reader, the first one the main one."""
    acts: list[tuple[str, Sentence]] = []
    state = D(decision.state)
    if not case.is_open:
        return acts
    if access.may(request.actor, "cases.handle", case):
        acts += _handlers_acts(decision, notice, state)
    to_hear = state is D.NOTIFIED and notice and notice.hearing_asked_at and not notice.heard_at
    if to_hear and access.may(request.actor, "cases.hear", case):
        acts.append(("hearing", zh("听证已举行")))
    if state is D.IN_REVIEW and access.may(request.actor, "cases.review", case):
        acts.append(("review", zh("法制审核")))
    if (
        state is D.ASKED
        and access.may(request.actor, "cases.decide", case)
        and not queries.in_team(request.actor, case)
    ):
        acts += [("decide", zh("作出决定")), ("return_proposal", zh("退回"))]
    return acts


def _handlers_acts(decision: Decision, notice: Any, state: D) -> list[tuple[str, Sentence]]:
    if state in MADE:
        return [
            *([("execute", zh("登记执行"))] if state is D.SERVED else []),
            *([("serve", zh("送达"))] if queries.to_serve(decision) else []),
        ]
    if state in (D.IN_REVIEW, D.ASKED, D.DROPPED):
        return []
    told = notice is not None and state is not D.PROPOSED
    acts: list[tuple[str, Sentence]] = []
    if told:
        if notice.stated_at is None:
            acts.append(("statement", zh("记录陈述申辩")))
        elif notice.defended and not notice.defence_answered:
            acts.append(("answer", zh("复核申辩")))
        acts.append(("ask", zh("报请决定")))
    elif decision.penal or decision.no_penalty_ground != "172-3":
        acts.append(("notice", zh("告知当事人")))
    else:
        acts.append(("ask", zh("报请决定")))
    acts.append(("ask_review", zh("提请法制审核")))
    if decision.penal:
        acts.append(("change", zh("变更意见")))
    return [*acts, ("drop", zh("撤回意见"))]


def penalty_words(penalty: Penalty) -> Sentence:
    """A penalty in the reader's language."""
    words = [str(kind.label) for kind in penalty.kinds]
    if penalty.fine_fen:
        words[[k.value for k in penalty.kinds].index("fine")] = str(zh("罚款 {yuan} 元", yuan=yuan(penalty.fine_fen)))
    if penalty.detention_days:
        words[[k.value for k in penalty.kinds].index("detention")] = str(
            zh("行政拘留 {days} 日", days=penalty.detention_days)
        )
    return zh("{all}", all=" + ".join(words))


def _back(request: DeskRequest, decision: Decision, said: Sentence) -> HttpResponse:
    return desk.done(request, "desk:cases.decision", said, decision_id=decision.pk)


def _form(request: DeskRequest, decision: Decision, form: Any, **words: Any) -> HttpResponse:
    """A page that is one form about a decision."""
    cancel = desk.url("desk:cases.decision", decision_id=decision.pk)
    return form_page(request, decision.case, form, back_to=cancel, **words)


@desk.page("cases/<uuid:case_id>/decisions/propose/", needs="cases.handle")
def propose(request: DeskRequest, case_id: UUID) -> HttpResponse:
    case = queries.get_case(actor=request.actor, id=case_id)
    suspects = list(case.parties.filter(role=PartyRole.SUSPECT, ended_at=None).order_by("ordinal"))
    form = forms.ProposeForm(request.POST or None, parties=suspects, at=request.at)
    if form.is_valid():
        party = next(p for p in suspects if str(p.pk) == form.party)
        penalty = None if form.no_penalty_ground else form.penalty()
        made = operations.propose_decision(
            case=case, party=party, penalty=penalty, no_penalty_ground=form.no_penalty_ground, basis=form.basis,
            reasons=form.reasons, actor=request.actor, at=request.at,
        )  # fmt: skip
        return _back(request, made, zh("已拟定处理意见。"))
    return form_page(request, case, form, title=zh("拟定处理意见"), submit=zh("拟定"))


@desk.page("cases/decisions/<uuid:decision_id>/notice/", needs="cases.handle")
def notice(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.NoticeForm(request.POST or None)
    if form.is_valid():
        operations.give_notice(decision=decision, **form.cleaned_data, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已告知，告知笔录已制作。"))
    return _form(request, decision, form, title=zh("处罚前告知"), submit=zh("告知并制作笔录"), note=zh(
        "告知拟作出的处罚、事实、理由、依据和权利（治安管理处罚法第一百一十二条）。"
    ))  # fmt: skip


@desk.page("cases/decisions/<uuid:decision_id>/statement/", needs="cases.handle")
def statement(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.StatementForm(request.POST or None)
    if form.is_valid():
        operations.record_statement(decision=decision, **form.cleaned_data, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已记录陈述申辩。"))
    return _form(request, decision, form, title=zh("记录陈述申辩"), submit=zh("记录"))


@desk.page("cases/decisions/<uuid:decision_id>/answer/", needs="cases.handle")
def answer(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.AnswerForm(request.POST or None)
    if form.is_valid():
        operations.answer_defence(decision=decision, **form.cleaned_data, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已写明复核结果。"))
    return _form(request, decision, form, title=zh("复核申辩"), submit=zh("写明"))


@desk.page("cases/decisions/<uuid:decision_id>/change/", needs="cases.handle")
def change(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    now = decision.penalty
    start = {
        "warning": now.warning, "fine": now.fine_fen or None, "detention_days": now.detention_days or None,
        "revoke": now.revoke, "shut": now.shut,
    }  # fmt: skip
    form = forms.ChangeForm(request.POST or None, initial=start)
    if form.is_valid():
        operations.change_proposal(
            decision=decision, penalty=form.penalty(), new_facts=form.new_facts, actor=request.actor, at=request.at
        )
        return _back(request, decision, zh("已变更处理意见。"))
    return _form(request, decision, form, title=zh("变更处理意见"), submit=zh("变更"))


@desk.page("cases/decisions/<uuid:decision_id>/drop/", needs="cases.handle")
def drop(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.drop_decision(decision=decision, reason=form.reason, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已撤回处理意见。"))
    return _form(request, decision, form, title=zh("撤回处理意见"), submit=zh("撤回意见"), kind="warning")


@desk.page("cases/decisions/<uuid:decision_id>/hearing/", needs="cases.hear")
def hearing(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.record_hearing(decision=decision, note=form.note, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已登记听证，办案期限恢复计算。"))
    return _form(request, decision, form, title=zh("听证已举行"), submit=zh("登记"))


@desk.page("cases/decisions/<uuid:decision_id>/ask-review/", needs="cases.handle")
def ask_review(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.ask_review(decision=decision, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已提请法制审核。"))
    return _form(request, decision, form, title=zh("提请法制审核"), submit=zh("提请"))


@desk.page("cases/decisions/<uuid:decision_id>/review/", needs="cases.review")
def review(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.ReviewForm(request.POST or None)
    if form.is_valid():
        operations.review_decision(
            decision=decision, passed=form.passed == "yes", opinion=form.opinion, actor=request.actor, at=request.at
        )
        return _back(request, decision, zh("已登记审核意见。"))
    return _form(request, decision, form, title=zh("法制审核"), submit=zh("登记审核意见"))


@desk.page("cases/decisions/<uuid:decision_id>/ask/", needs="cases.handle")
def ask(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.ask_decision(decision=decision, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已报请决定。"))
    return _form(request, decision, form, title=zh("报请决定"), submit=zh("报请"))


@desk.page("cases/decisions/<uuid:decision_id>/decide/", needs="cases.decide")
def decide(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.NoteForm(request.POST or None)
    words = penalty_words(decision.penalty) if decision.penal else zh("不予处罚")
    if form.is_valid():
        made = operations.decide(decision=decision, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已作出决定：{number}。", number=made.number))
    return _form(
        request, decision, form, title=zh("作出决定：{words}", words=words), submit=zh("作出决定"),
        note=zh("依据：{basis}。决定书会自动编号、制作。", basis=decision.basis),
    )  # fmt: skip


@desk.page("cases/decisions/<uuid:decision_id>/return/", needs="cases.decide")
def return_proposal(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.return_decision(decision=decision, reason=form.reason, actor=request.actor, at=request.at)
        return _back(request, decision, zh("已退回。"))
    return _form(request, decision, form, title=zh("退回处理意见"), submit=zh("退回"))


@desk.page("cases/decisions/<uuid:decision_id>/serve/", needs="cases.handle")
def serve(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    parties = queries.to_serve(decision)
    form = forms.ServeForm(request.POST or None, parties=parties)
    if form.is_valid():
        party = next(p for p in parties if str(p.pk) == form.party)
        operations.serve(
            decision=decision, party=party, way=form.way, note=form.note, actor=request.actor, at=request.at
        )
        return _back(request, decision, zh("已登记送达。"))
    return _form(request, decision, form, title=zh("送达"), submit=zh("登记送达"))


@desk.page("cases/decisions/<uuid:decision_id>/execute/", needs="cases.handle")
def execute(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    decision = queries.get_decision(actor=request.actor, id=decision_id)
    form = forms.ExecuteForm(request.POST or None)
    if form.is_valid():
        operations.execute(
            decision=decision, note=form.note, executable=not form.not_executable, actor=request.actor, at=request.at
        )
        return _back(request, decision, zh("已登记执行。"))
    return _form(request, decision, form, title=zh("登记执行"), submit=zh("登记"))
