"""What else becomes of a report: a reasoned no, or another unit's matter. Either is told to the reporter."""

from datetime import datetime

from django.db import transaction

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, Report
from qingkong.domains.enforcement.cases.operations import paperwork, powers
from qingkong.domains.enforcement.cases.operations.filing import stop_review
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import (
    CaseKind,
    CaseState,
    ReportState,
    Way,
    case_moves,
    why_not_move,
)
from qingkong.kernel import access, clocks, events, ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import zh

NO_REASONS = zh("请写明理由：法律要求告知并说明理由。")
NO_TARGET = zh("请写明移送给哪个单位。")


class CannotAnswer(Refusal):
    """The report can't be declined or transferred now."""


@transaction.atomic
def decline_case(*, report: Report, ground: str, note: str, actor: Actor, at: datetime) -> Report:
    """Decide not to file, on a ground of the law, with reasons. The notice is printed; 3 days to serve it (LA-10).

    Raises NoPower, CannotAnswer, Invalid without reasons.
    """
    access.require(actor, "cases.decline", report)
    report = _under_review(report)
    matter = decline_matter(report)
    powers.require_power(matter, unit=report.unit, actor=actor, at=at)
    row = queries.ground(matter, ground, at=at)
    if not note.strip():
        raise Invalid({"note": NO_REASONS})
    _answer(report, ReportState.DECLINED, ground=row.code, note=note.strip(), at=at)
    stop_review(report, actor=actor, at=at)
    kind = "declined_criminal" if matter is Matter.DECLINE_CRIMINAL else "declined_administrative"
    body = [
        f"你（单位）于 {paperwork.moment(report.reported_at)} 报称的“{report.subject}”一事（{report.number}），我局经审查认为：",
        f"{row.text}。{report.answer_note}",
        f"根据{row.article}之规定，决定不予立案。",
        "如不服本决定，可以依法申请复议；也可以向人民检察院反映。",
    ]
    number = paperwork.print_paper(kind, subject=report, facts={"body": body}, actor=actor, at=at)
    ledger.record(
        actor=actor, at=at, act="reports.declined", subject=report, facts={"ground": row.code, "paper": number}
    )
    if report.way != Way.FOUND:
        clocks.start(
            "LA-10", subject=report, at=at, actor=actor, unit_id=report.unit_id, officer_id=report.registered_by_id
        )
    events.happened("reports.declined", at=at, actor=actor, report=report)
    return report


@transaction.atomic
def serve_answer(*, report: Report, actor: Actor, at: datetime) -> Report:
    """The notice that a report was declined or transferred has reached the reporter."""
    access.require(actor, "cases.receipt", report)
    report = Report.objects.locked(report.pk)
    if report.answered_at is None or report.answer_served_at is not None:
        raise CannotAnswer(zh("没有待送达的答复。"), report=report.number)
    report.answer_served_at = at
    report.save(update_fields=["answer_served_at"])
    if clocks.runs("LA-10", subject=report):
        clocks.stop("LA-10", subject=report, at=at, actor=actor)
    ledger.record(actor=actor, at=at, act="reports.answer_served", subject=report)
    return report


@transaction.atomic
def transfer_case(
    *, to: str, note: str, actor: Actor, at: datetime, report: Report | None = None, case: Case | None = None
) -> Report | Case:
    """Pass a report or a case to the unit that is competent, within 24 hours (LA-06), and tell the reporter.

    Raises NoPower, CannotAnswer, Invalid without a target.
    """
    access.require(actor, "cases.transfer")
    if not to.strip():
        raise Invalid({"to": NO_TARGET})
    if case is not None:
        return _transfer_filed(case, to=to.strip(), note=note.strip(), actor=actor, at=at)
    assert report is not None  # one of the two
    access.require(actor, "cases.see_reports", report)
    report = _under_review(report)
    powers.require_power(transfer_matter(report), unit=report.unit, actor=actor, at=at)
    report.sent_to = to.strip()
    _answer(report, ReportState.TRANSFERRED, ground="", note=note.strip(), at=at)
    stop_review(report, actor=actor, at=at)
    if clocks.runs("LA-06", subject=report):
        clocks.stop("LA-06", subject=report, at=at, actor=actor)
    body = [
        f"{report.subject}一事（{report.number}），经审查不属于我单位管辖，现移送你单位处理。{report.answer_note}",
        "请在收到后将接收情况告知我单位。",
    ]
    facts = {"parties": [f"{report.sent_to}："], "body": body}
    number = paperwork.print_paper("transfer", subject=report, facts=facts, actor=actor, at=at)
    ledger.record(
        actor=actor, at=at, act="reports.transferred", subject=report, facts={"to": report.sent_to, "paper": number}
    )
    events.happened("reports.transferred", at=at, actor=actor, report=report)
    return report


def decline_matter(report: Report) -> Matter:
    return Matter.DECLINE_CRIMINAL if report.nature == "criminal" else Matter.DECLINE_ADMINISTRATIVE


def transfer_matter(subject: Report | Case) -> Matter:
    criminal = subject.is_criminal if isinstance(subject, Case) else subject.nature == "criminal"
    return Matter.TRANSFER_CRIMINAL if criminal else Matter.TRANSFER_ADMINISTRATIVE


def _under_review(report: Report) -> Report:
    row = Report.objects.select_related("unit").select_for_update(of=("self",)).get(pk=report.pk)
    if not row.is_open:
        raise CannotAnswer(zh("这份报案已经“{state}”。", state=row.state_label), report=row.number)
    return row


def _answer(report: Report, state: ReportState, *, ground: str, note: str, at: datetime) -> None:
    report.state = state
    report.answered_at, report.answer_ground, report.answer_note = at, ground, note
    report.save(update_fields=["state", "answered_at", "answer_ground", "answer_note", "sent_to"])


def _transfer_filed(case: Case, *, to: str, note: str, actor: Actor, at: datetime) -> Case:
    access.require(actor, "cases.close", case)
    case = Case.objects.select_related("unit").select_for_update(of=("self",)).get(pk=case.pk)
    if reason := why_not_move(CaseState(case.state), CaseState.TRANSFERRED, case_moves(CaseKind(case.kind))):
        raise CannotAnswer(reason, case=case.number)
    powers.require_power(transfer_matter(case), unit=case.unit, actor=actor, at=at, case=case)
    case.state, case.over_at, case.over_by_name = CaseState.TRANSFERRED, at, actor.name
    case.over_note = f"{to} {note}".strip()
    case.save(update_fields=["state", "over_at", "over_by_name", "over_note"])
    facts = {
        "parties": [f"{to}："],
        "body": [f"{case.title}（{case.number}），现连同案卷、证据和涉案财物移送你单位。{note}"],
    }
    number = paperwork.print_paper("transfer", subject=case, facts=facts, actor=actor, at=at)
    ledger.record(actor=actor, at=at, act="cases.transferred", subject=case, facts={"to": to, "paper": number})
    clocks.stop_all(subject=case, at=at, actor=actor)
    events.happened("cases.transferred", at=at, actor=actor, case=case)
    return case
