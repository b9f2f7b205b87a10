"""How a case ends, at the desk: each way in one form, done by who has the power and asked for by who hasn't."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from qingkong.domains.enforcement.cases import operations, queries
from qingkong.domains.enforcement.cases.operations.answering import transfer_matter
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.ways import forms
from qingkong.domains.enforcement.cases.ways.desk.asking import back, do_or_ask, form_page, has_power, submit_word
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest

GATES = zh("结束前核对前三关：源头、过程、结案。没有通过的会一次列全。")


def _on_a_ground(
    request: DeskRequest, case_id: UUID, matter: Matter, operation: Callable[..., Any], done: Sentence
) -> HttpResponse:
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.GroundForm(request.POST or None, matter=matter, at=request.at)
    if form.is_valid():
        asks = {"ground": form.ground, "note": form.note}
        reason = form.note or queries.ground_in_words(form.ground)
        return do_or_ask(request, matter, case=case, operation=operation, asks=asks, reason=reason, done=done)
    return form_page(
        request, case, form, title=matter.label, submit=submit_word(request, matter, case), note=GATES, kind="warning"
    )


def _with_a_note(
    request: DeskRequest, case_id: UUID, matter: Matter, operation: Callable[..., Any], done: Sentence
) -> HttpResponse:
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        reason = form.note or str(matter.label)
        return do_or_ask(
            request, matter, case=case, operation=operation, asks={"note": form.note}, reason=reason, done=done
        )
    return form_page(request, case, form, title=matter.label, submit=submit_word(request, matter, case), note=GATES)


@desk.page("cases/<uuid:case_id>/close/", needs="cases.see")
def close(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Close an administrative case on a ground of 程序规定 §258."""
    return _on_a_ground(request, case_id, Matter.CLOSE, operations.close_case, zh("已结案。"))


@desk.page("cases/<uuid:case_id>/stop/", needs="cases.see")
def stop(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Stop an administrative inquiry on a ground of 程序规定 §259."""
    return _on_a_ground(request, case_id, Matter.STOP, operations.stop_inquiry, zh("已终止调查。"))


@desk.page("cases/<uuid:case_id>/withdraw/", needs="cases.see")
def withdraw(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Withdraw a criminal case on a ground of 刑事程序规定 §186."""
    return _on_a_ground(request, case_id, Matter.WITHDRAW, operations.withdraw_case, zh("已撤案，三日内告知。"))


@desk.page("cases/<uuid:case_id>/end/", needs="cases.see")
def end(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """End the investigation of a criminal case."""
    return _with_a_note(request, case_id, Matter.END, operations.end_investigation, zh("已侦查终结。"))


@desk.page("cases/<uuid:case_id>/prosecute/", needs="cases.see")
def prosecute(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Transfer an ended case for prosecution."""
    return _with_a_note(
        request,
        case_id,
        Matter.PROSECUTE,
        operations.transfer_for_prosecution,
        zh("已移送起诉，同时告知犯罪嫌疑人及其辩护律师。"),
    )


@desk.page("cases/<uuid:case_id>/told/", needs="cases.handle")
def told(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """The withdrawal has been told."""
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.NoteForm(request.POST or None)
    if form.is_valid():
        operations.tell_withdrawal(case=case, actor=request.actor, at=request.at)
        return back(request, case, zh("已登记告知。"))
    return form_page(request, case, form, title=zh("告知撤案"), submit=zh("已告知"))


@desk.page("cases/<uuid:case_id>/terminate/", needs="cases.see")
def terminate(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """End it against one suspect; the case goes on."""
    case = queries.get_case(actor=request.actor, id=case_id)
    suspects = list(case.parties.filter(role=PartyRole.SUSPECT, ended_at=None).order_by("ordinal"))
    form = forms.TerminateForm(request.POST or None, matter=Matter.TERMINATE, at=request.at, parties=suspects)
    if form.is_valid():
        party = next(p for p in suspects if str(p.pk) == form.party)
        if has_power(request, Matter.TERMINATE, case):
            operations.terminate_investigation(
                party=party, ground=form.ground, note=form.note, actor=request.actor, at=request.at
            )
            return back(request, case, zh("已对{party}终止侦查，案件继续侦查。", party=str(party)))
        asks = {"party": form.party, "ground": form.ground, "note": form.note}
        operations.ask_approval(
            matter=Matter.TERMINATE, case=case, asks=asks, reason=form.note or queries.ground_in_words(form.ground),
            actor=request.actor, at=request.at,
        )  # fmt: skip
        return back(request, case, zh("已报请审批：{matter}。", matter=Matter.TERMINATE.label))
    return form_page(
        request, case, form, title=Matter.TERMINATE.label, submit=submit_word(request, Matter.TERMINATE, case)
    )


@desk.page("cases/<uuid:case_id>/returned/", needs="cases.close")
def returned(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """The procuratorate sent it back for supplementary investigation."""
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.ReasonForm(request.POST or None)
    if form.is_valid():
        operations.return_for_investigation(case=case, reason=form.reason, actor=request.actor, at=request.at)
        return back(request, case, zh("已登记退回补充侦查，一个月内完成。"))
    return form_page(request, case, form, title=zh("退回补充侦查"), submit=zh("登记"))


@desk.page("cases/<uuid:case_id>/convert/", needs="cases.see")
def convert(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Turn it into a case of the other kind: its own number, the same team and parties."""
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.ConvertForm(request.POST or None)
    title = zh("转为行政案件") if case.is_criminal else zh("转为刑事案件")
    if form.is_valid():
        asks = {"offence": form.offence, "note": form.note}
        power = Matter.WITHDRAW if case.is_criminal else Matter.FILE_CRIMINAL
        if has_power(request, power, case):
            new = operations.convert_case(case=case, **asks, actor=request.actor, at=request.at)
            return back(request, new, zh("已转换，新案号 {number}。", number=new.number))
        operations.ask_approval(
            matter=Matter.CONVERT, case=case, asks=asks, reason=form.note, actor=request.actor, at=request.at
        )
        return back(request, case, zh("已报请审批：{matter}。", matter=title))
    return form_page(request, case, form, title=title, submit=title, kind="warning")


@desk.page("cases/<uuid:case_id>/transfer/", needs="cases.see")
def transfer_out(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Pass a filed case to the competent unit."""
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.TransferForm(request.POST or None)
    matter = transfer_matter(case)
    if form.is_valid():
        return do_or_ask(
            request, matter, case=case, operation=operations.transfer_case, reason=form.note or form.to,
            asks={"to": form.to, "note": form.note}, done=zh("已移送。"),
        )  # fmt: skip
    return form_page(request, case, form, title=zh("移送"), submit=submit_word(request, matter, case), kind="warning")


@desk.page("cases/<uuid:case_id>/tell-victim/", needs="cases.handle")
def tell_victim(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """The offender is unknown or has fled: the inquiry goes on and the victim is told."""
    case = queries.get_case(actor=request.actor, id=case_id)
    form = forms.TellForm(request.POST or None)
    if form.is_valid():
        operations.tell_victim(case=case, what=form.what, actor=request.actor, at=request.at)
        return back(request, case, zh("已登记向被侵害人说明情况，案件继续办理。"))
    return form_page(request, case, form, title=zh("向被侵害人说明情况"), submit=zh("登记"))


@desk.page("cases/<uuid:case_id>/mediation/", needs="cases.handle")
def mediation(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Record an agreement; or, where there is one, whether it was performed."""
    case = queries.get_case(actor=request.actor, id=case_id)
    if queries.mediation_of(case) is None:
        form: Any = forms.AgreementForm(request.POST or None)
        if form.is_valid():
            operations.record_agreement(
                case=case, terms=form.terms, due_on=form.due_on or None, actor=request.actor, at=request.at
            )
            return back(request, case, zh("已登记调解协议。"))
        return form_page(request, case, form, title=zh("治安调解"), submit=zh("登记协议"))
    form = forms.PerformanceForm(request.POST or None)
    if form.is_valid():
        operations.record_performance(case=case, performed=form.performed == "yes", actor=request.actor, at=request.at)
        return back(request, case, zh("已登记协议履行情况。"))
    return form_page(request, case, form, title=zh("协议履行"), submit=zh("登记"))
