"""Whether reports, cases, decisions and their papers agree with what was entered (`qingkong check --deep`)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from qingkong.domains.enforcement.cases.models import (
    Approval,
    Case,
    Decision,
    Execution,
    LegalReview,
    Notice,
    PaperForm,
    Report,
    Series,
    Service,
)
from qingkong.domains.enforcement.cases.rules.matters import ApprovalState
from qingkong.domains.enforcement.cases.rules.states import OPEN_CASE, DecisionState, ReportState
from qingkong.kernel.clocks.models import Clock
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.ledger.trails import Trail, trails, without_row
from qingkong.kernel.numbering.auditing import form_gaps, plain_gaps
from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.papers.models import Paper
from qingkong.kernel.text import Sentence, zh

ENDINGS = ("cases.closed", "cases.stopped", "cases.prosecuted", "cases.withdrawn", "cases.transferred")
MADE = (DecisionState.DECIDED, DecisionState.SERVED, DecisionState.EXECUTED, DecisionState.NOT_EXECUTABLE)
AFTER = ("XS-23",)  # a limit that begins when the case has ended: telling of the withdrawal

OVER = zh("{number}：现在是“{state}”，存证里结束过 {ended} 次、恢复过 {again} 次。")
CLOCK_RUNS = zh("{number} 已经结束，期限 {code} 还在计算。")
NO_PAPER = zh("{number} 的决定已经作出，却没有决定书 {paper}。")


def disagreements() -> Iterator[Sentence]:
    yield from _reports()
    yield from _cases()
    yield from _decisions()
    for trail in trails(Series.objects.values_list("pk", "number")):
        if trail.row is None:
            yield without_row(trail, Series)
        else:
            yield from trail.differs(trail.row[1], {"cases.series_opened": 1})
    yield from plain_gaps("B", Report.objects.values_list("number", flat=True))
    for letter in ("A", "X"):
        yield from plain_gaps(letter, Case.objects.values_list("number", flat=True))
    yield from plain_gaps("S", Series.objects.values_list("number", flat=True))
    yield from _paper_numbers()


def _reports() -> Iterator[Sentence]:
    asked = _counts(Approval.objects.exclude(report=None), "report_id")
    answered = _answered("report_id")
    rows = Report.objects.values_list("pk", "number", "state", "receipt_at", "answer_served_at")
    for trail in trails(rows):
        if trail.row is None:
            yield without_row(trail, Report)
            continue
        _, number, state, receipt, served = trail.row
        wanted = {"reports.registered": 1, "cases.approval_asked": asked.get(trail.key, 0)}
        wanted |= {act: found.get(trail.key, 0) for act, found in answered.items()}
        if state == ReportState.TRANSFERRED:
            wanted["reports.transferred"] = 1
        if state == ReportState.DECLINED:
            wanted["reports.declined"] = max(trail.acts["reports.declined"], 1)
        if state == ReportState.REGISTERED:
            wanted |= {"reports.transferred": 0, "reports.declined": 0}
        if receipt is None:
            wanted["reports.receipt_given"] = 0
        elif not trail.acts["reports.receipt_given"]:
            wanted["reports.receipt_given"] = 1
        if served is not None:
            wanted["reports.answer_served"] = max(trail.acts["reports.answer_served"], 1)
        yield from trail.differs(number, wanted)


def _cases() -> Iterator[Sentence]:
    beside: dict[str, dict[Any, int]] = {
        "cases.approval_asked": _counts(Approval.objects.filter(report=None), "case_id"),
        "cases.decision_proposed": _counts(Decision.objects.all(), "case_id"),
        "cases.decided": _counts(Decision.objects.filter(state__in=MADE), "case_id"),
        "cases.noticed": _counts(Notice.objects.all(), "decision__case_id"),
        "cases.served": _counts(Service.objects.all(), "decision__case_id"),
        "cases.executed": _counts(Execution.objects.all(), "decision__case_id"),
        "cases.review_asked": _counts(LegalReview.objects.all(), "decision__case_id"),
        "cases.reviewed": _counts(LegalReview.objects.exclude(reviewed_at=None), "decision__case_id"),
        **_answered("case_id", report=None),
    }
    for trail in trails(Case.objects.values_list("pk", "number", "state", "over_at")):
        if trail.row is None:
            yield without_row(trail, Case)
            continue
        _, number, _, _ = trail.row
        brought = trail.acts["cases.imported"]
        yield from trail.differs(number, {"cases.filed": 0 if brought else 1, "cases.imported": min(brought, 1)})
        yield from trail.differs(number, {act: found.get(trail.key, 0) for act, found in beside.items()})
        if not brought:
            yield from _ended(trail)
    running = Clock.objects.filter(stopped_at=None, subject_key__startswith="cases.case:").exclude(code__in=AFTER)
    over = {
        f"cases.case:{pk}": number
        for pk, number in Case.objects.exclude(state__in=OPEN_CASE).values_list("pk", "number")
    }
    for key, code in running.values_list("subject_key", "code"):
        if key in over:
            yield CLOCK_RUNS.fill(number=over[key], code=code)


def _ended(trail: Trail) -> Iterator[Sentence]:
    """A case that is over was ended once more often than it was taken up again; one that isn't, as often."""
    _, number, state, _ = trail.row
    ended = sum(trail.acts[act] for act in ENDINGS)
    again = trail.acts["cases.returned_by_procuratorate"]
    if ended - again != (state not in OPEN_CASE):
        yield OVER.fill(number=number, state=state, ended=ended, again=again)


def _decisions() -> Iterator[Sentence]:
    """A decision that was made has its paper."""
    printed = Exists(Paper.objects.filter(number=OuterRef("number")))
    made = Decision.objects.filter(state__in=MADE).annotate(printed=printed).filter(printed=False)
    for case, number in made.values_list("case__number", "number"):
        yield NO_PAPER.fill(number=case, paper=number)


def _paper_numbers() -> Iterator[Sentence]:
    units = dict(Unit.objects.values_list("code", "short"))
    forms = dict(PaperForm.objects.order_by("from_on").values_list("code", "form"))
    for row in Serial.objects.order_by("series", "year"):
        kind, _, unit = row.series.rpartition(".")
        if kind in forms and unit in units:
            numbers = Paper.objects.filter(kind=f"cases.{kind}").values_list("number", flat=True)
            yield from form_gaps(row, form=forms[kind], unit=units[unit], numbers=numbers)


def _answered(column: str, **about: Any) -> dict[str, dict[Any, int]]:
    answers = {"cases.approved": ApprovalState.APPROVED, "cases.approval_returned": ApprovalState.RETURNED}
    rows = Approval.objects.filter(**about)
    return {act: _counts(rows.filter(state=state), column) for act, state in answers.items()}


def _counts(rows: "QuerySet[Any]", column: str) -> dict[Any, int]:
    """How many rows each subject has."""
    return dict(rows.exclude(Q(**{column: None})).order_by().values_list(column).annotate(Count("pk")))
