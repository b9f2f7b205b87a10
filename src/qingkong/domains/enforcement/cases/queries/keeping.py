"""What keeps personal records of reports and cases beyond their last day: only what isn't over."""

from qingkong.domains.enforcement.cases.models import Case, Decision, Mediation, Notice, Party, Report
from qingkong.kernel.text import Sentence, zh

CASE_OPEN = zh("案件还没有办结。")
REPORT_OPEN = zh("接报案还没有答复。")


def holds_report(report: Report) -> Sentence | None:
    """A report under review, or in a case that is open, keeps who reported."""
    if report.is_open:
        return REPORT_OPEN
    return CASE_OPEN if report.case is not None and report.case.is_open else None


def holds_in_case(record: Party | Decision | Notice | Mediation) -> Sentence | None:
    """An open case keeps its parties and what was decided about them."""
    case: Case = record.decision.case if isinstance(record, Notice) else record.case
    return CASE_OPEN if case.is_open else None
