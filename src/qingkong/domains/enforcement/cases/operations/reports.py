"""A report is registered on the spot, evidence taken on the spot, a receipt given on the spot (三个当场)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from qingkong.domains.enforcement.calls import queries as calls
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Report
from qingkong.domains.enforcement.cases.operations import paperwork
from qingkong.domains.enforcement.cases.queries.progress import CODE
from qingkong.domains.enforcement.cases.rules import codes
from qingkong.domains.enforcement.cases.rules.states import Nature, Way
from qingkong.kernel import access, clocks, events, ledger, numbering, papers
from qingkong.kernel.access import Actor, Purpose
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import Sentence, zh

LONGEST_SUBJECT = 60
NO_SUBJECT = zh("请用几个字（最多 60 个）写明报的是什么事，不要写人名。")
NO_REPORTER = zh("请填写报案人姓名；不知道是谁的，选“工作中发现”。")
ALREADY = zh("这条警情已经登记为 {number}。")
EXPLAIN = zh("重复报案的，向报案人解释，不再登记；有新的事实或者证据的，另行登记。")
AHEAD = zh("报案时间晚于登记时间。")
NOT_OPEN = zh("这份报案已经答复，不能再改。")


class AlreadyRegistered(Refusal):
    """This call stands registered already (行政案件程序规定 §60)."""


class NotUnderReview(Refusal):
    """The report has been filed, declined or transferred."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, as told on the spot. Everything is sealed as it is kept."""

    name: str = ""
    phone: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What the reporter takes home: the PDF with the code, which is kept nowhere."""

    report: Report
    code: str
    pdf: bytes


@transaction.atomic
def register_report(
    *,
    actor: Actor,
    at: datetime,
    nature: Nature,
    call: "calls.Call | None" = None,
    way: Way | None = None,
    subject: str = "",
    account: str = "",
    division_code: str = "",
    place_text: str = "",
    reporter: Reporter | None = None,
    is_victim: bool = False,
    wants_anonymity: bool = False,
    evidence_taken: str = "",
    no_evidence_yet: bool = False,
    reported_at: datetime | None = None,
    external_number: str = "",
    unit: Unit | None = None,
) -> Report:
    """Write down what somebody reports, at once. From a call, what is known there is taken over, the caller included.

    Starts the clock of review that goes with `nature`. Raises AlreadyRegistered for a call registered before, Invalid
    without a subject or, unless officers found it themselves, without a reporter's name.
    """
    access.require(actor, "cases.register")
    facts: dict[str, Any] = {
        "subject": subject.strip(),
        "account": account.strip(),
        "division_code": division_code,
        "place_text": place_text.strip(),
    }
    if call is not None:
        facts, reporter = _from_call(call, facts, reporter, actor=actor, at=at)
    way = way or (Way.CALL if call is not None else Way.WINDOW)
    reporter = reporter or Reporter()
    reported_at = reported_at or (call.taken_at if call is not None else at)
    _check(facts["subject"], reporter, way, reported_at=reported_at, at=at)
    report = Report.objects.create(
        **facts,
        **queries.kept("report", at=at),
        number=numbering.take("B", at=at),
        external_number=external_number,
        call=call,
        unit_id=unit.pk if unit else actor.unit_id,
        way=way,
        nature=nature,
        reporter_name=reporter.name.strip(),
        reporter_phone=reporter.phone.strip(),
        reporter_id_number=reporter.id_number.strip(),
        is_victim=is_victim,
        wants_anonymity=wants_anonymity,
        reported_at=reported_at,
        registered_at=at,
        registered_by_id=actor.officer_id,
        registered_by_name=actor.name,
        evidence_taken=evidence_taken.strip(),
        no_evidence_yet=no_evidence_yet and not evidence_taken.strip(),
    )
    ledger.record(
        actor=actor,
        at=at,
        act="reports.registered",
        subject=report,
        facts={"way": way, "nature": nature, "call": call.number if call else "", "anonymous": wants_anonymity},
    )
    _start_clocks(report, actor=actor, at=at)
    events.happened("reports.registered", at=at, actor=actor, report=report)
    return report


@transaction.atomic
def take_evidence(*, report: Report, what: str, actor: Actor, at: datetime) -> Report:
    """Note what the reporter handed over, or (empty) that there is nothing yet."""
    access.require(actor, "cases.receipt", report)
    report = Report.objects.locked(report.pk)
    if not report.is_open:
        raise NotUnderReview(NOT_OPEN, report=report.number)
    report.evidence_taken = what.strip()
    report.no_evidence_yet = not report.evidence_taken
    report.save(update_fields=["evidence_taken", "no_evidence_yet"])
    ledger.record(actor=actor, at=at, act="reports.evidence_taken", subject=report, facts={"nothing": not what.strip()})
    return report


@transaction.atomic
def hand_receipt(*, report: Report, actor: Actor, at: datetime, refused: bool = False) -> Handed:
    """Print the receipt the reporter takes home: number, QR, and a new 80-bit query code.

    The code is made here, shown on this print alone and kept only as a keyed hash; printing again makes a new one and
    the old stops working. The copy for the file carries none. `refused` notes that nobody took it (刑事程序规定 §171).
    """
    access.require(actor, "cases.receipt", report)
    report = Report.objects.select_related("unit").select_for_update(of=("self",)).get(pk=report.pk)
    code = codes.write(secrets.token_bytes(codes.BITS // 8))
    report.code_digest = access.digest(CODE, codes.read(code) or "")
    report.receipt_at = report.receipt_at or at
    report.receipt_refused = refused
    report.save(update_fields=["code_digest", "receipt_at", "receipt_refused"])
    facts = _receipt_facts(report)
    papers.issue(kind="cases.receipt", subject=report, facts=facts, actor=actor, at=at, number=report.number)
    take_home = {**facts, "code": code, "code_note": CODE_NOTE, "qr": f"{settings.QINGKONG_ADDRESS}/progress/"}
    pdf = papers.render("cases.receipt", take_home, number=report.number, at=at)
    ledger.record(actor=actor, at=at, act="reports.receipt_given", subject=report, facts={"refused": refused})
    return Handed(report, code, pdf)


CODE_NOTE = (
    "查询时还须输入您报案时留下的手机号码，仅凭查询码不能查询。查询码只印在这一份上，丢失可以到报案单位重新领取。"
)


def _receipt_facts(report: Report) -> dict[str, object]:
    unit = report.unit
    return {
        "organ": paperwork.organ(),
        "to": "报案人",
        "body": [f"您于 {paperwork.moment(report.reported_at)} 报称的“{report.subject}”一事，我单位已当场登记。"],
        "rows": [
            ["登记编号", report.number],
            ["登记单位", unit.name],
            ["登记时间", paperwork.moment(report.registered_at)],
            ["登记民警", report.registered_by_name],
            ["接受的证据", report.evidence_taken or "无"],
            ["联系电话", unit.phone or "110"],
        ],
        "query": ["登录公众服务网“查进展”，输入查询码和报案时留下的手机号码。", f"也可以打电话或者到{unit.name}询问。"],
        "complain": [
            "对不予立案不服的，可以依法申请复议，也可以向人民检察院反映。",
            "举报民警违纪违法，请拨打 12389。",
        ],
        "signatures": [{"label": "报案人签名：", "name": "（拒收）" if report.receipt_refused else "", "dated": True}],
    }


def _from_call(
    call: "calls.Call", facts: dict[str, Any], reporter: Reporter | None, *, actor: Actor, at: datetime
) -> tuple[dict[str, Any], Reporter | None]:
    """What the call knows already fills what wasn't typed; the caller's name and phone by a look at the call."""
    earlier = Report.objects.filter(call=call).order_by("id").first()
    if earlier is not None:
        raise AlreadyRegistered(ALREADY.fill(number=earlier.number), how=EXPLAIN, report=earlier.number)
    known = {
        "subject": call.kind.label,
        "account": call.what,
        "division_code": call.division_code,
        "place_text": call.place_text,
    }
    filled = {name: facts[name] or known[name] for name in facts}
    caller = getattr(call, "caller", None)
    if reporter is None and caller is not None:
        look = access.look(actor=actor, subject=call, purpose=Purpose.HANDLING, reference=call.number, at=at)
        reporter = Reporter(name=caller.name.open(look), phone=caller.phone.open(look))
    return filled, reporter


def _check(subject: str, reporter: Reporter, way: Way, *, reported_at: datetime, at: datetime) -> None:
    errors: dict[str, Sentence] = {}
    if not subject or len(subject) > LONGEST_SUBJECT:
        errors["subject"] = NO_SUBJECT
    if not reporter.name.strip() and way not in (Way.FOUND, Way.TRANSFER):
        errors["reporter_name"] = NO_REPORTER
    if reported_at > at:
        errors["reported_at"] = AHEAD
    if errors:
        raise Invalid(errors)


REVIEW_CLOCK = {Nature.CRIMINAL: "LA-04", Nature.OTHER: "LA-02", Nature.PUBLIC_ORDER: "LA-03"}


def _start_clocks(report: Report, *, actor: Actor, at: datetime) -> None:
    """Review runs from registration. That a call became a report in time is kept on the call (JCJ-07)."""
    owner = {"unit_id": report.unit_id, "officer_id": report.registered_by_id}
    clocks.start(REVIEW_CLOCK[Nature(report.nature)], subject=report, at=at, actor=actor, **owner)
