"""What the entitled person is told: one template sentence, since when, the lawful date, whom to ask. No leads."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from qingkong.domains.enforcement.cases.models import Case, Report
from qingkong.domains.enforcement.cases.rules import codes, progress
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState, ReportState
from qingkong.kernel import access, clocks
from qingkong.kernel.text import Sentence

CODE = "query_code"
NOBODY = "0" * 64
CASE_CLOCKS = ("XZ-07", "XZ-08", "LA-02", "LA-03", "LA-04")


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress page's facts. `number` is the report's; the case's number stands beside it once there is one."""

    number: str
    case_number: str
    words: Sentence
    since_at: datetime
    due_at: datetime | None
    due_article: str
    over: bool
    unit_name: str
    unit_phone: str


def progress_of(thread: str) -> Progress | None:
    """Where a report (B…) or a case (A…, X…) stands, in words from the template list; None where there is none."""
    if thread.startswith("B"):
        report = Report.objects.select_related("unit", "case", "case__unit").filter(number=thread).first()
        return of_report(report) if report else None
    case = Case.objects.select_related("unit").filter(number=thread).first()
    return _of_case(case, number="") if case else None


def of_report(report: Report) -> Progress:
    if report.case is not None:
        return _of_case(report.case, number=report.number)
    due_at, article = _due(report)
    return Progress(
        number=report.number,
        case_number="",
        words=progress.words(ReportState(report.state), None, None),
        since_at=report.answered_at or report.registered_at,
        due_at=due_at,
        due_article=article,
        over=not report.is_open,
        unit_name=report.unit.name,
        unit_phone=report.unit.phone,
    )


def report_by_code(*, code: str, phone: str) -> Report | None:
    """The report that a code and its reporter's phone open together; None for everything else alike.

    Both keyed hashes are made and compared whatever was typed, so that a wrong code, a wrong phone and a code
    that was never given take the same road.
    """
    typed = access.digest(CODE, codes.read(code) or "")
    report = Report.objects.select_related("unit", "case", "case__unit").filter(code_digest=typed).first()
    known = report.reporter_phone_digest if report else NOBODY
    fits = hmac.compare_digest(known or NOBODY, access.digest("phone", phone))
    return report if report is not None and fits else None


def _of_case(case: Case, *, number: str) -> Progress:
    due_at, article = _due(case)
    return Progress(
        number=number,
        case_number=case.number,
        words=progress.words(
            None, CaseKind(case.kind), CaseState(case.state), victim_told=case.victim_told_at is not None
        ),
        since_at=case.over_at or case.ended_at or case.filed_at,
        due_at=due_at if case.is_open else None,
        due_article=article if case.is_open else "",
        over=not case.is_open,
        unit_name=case.unit.name,
        unit_phone=case.unit.phone,
    )


def _due(subject: Report | Case) -> tuple[datetime | None, str]:
    """The lawful date of the step under way: of the case's own clock alone, never of a measure against a person."""
    for clock in clocks.of(subject):
        if clock.limit_id in CASE_CLOCKS and clock.stopped_at is None:
            return clock.due_at, clock.article
    return None, ""
