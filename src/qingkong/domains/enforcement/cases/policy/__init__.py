"""Who may do and see what in this room, and what its gates ask; registered when the app is ready."""

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.policy import acts, checks, permissions
from qingkong.kernel import access, gates, ledger, papers
from qingkong.kernel.access.retention import retain
from qingkong.kernel.text import zh


def register() -> None:
    """Hand the tables to the kernel. Called once, when all models are loaded."""
    retain("cases.report", zh("报案人"), holds=queries.holds_report)
    for label, name in acts.PERSONS.items():
        retain(label, name, holds=queries.holds_in_case)
    access.register(permissions.MAY, labels=permissions.LABELS)
    access.register_reference("B", queries.report_assigned)
    access.register_reference("A", queries.case_assigned)
    access.register_reference("X", queries.case_assigned)
    ledger.register_acts(acts.ACTS)
    gates.register(checks.CHECKS)
    for kind, title in acts.STATUTORY.items():
        papers.register(kind, "statutory", title, statutory=True)
    papers.register("cases.receipt", "receipt", zh("接报案回执"))
    papers.register("cases.filing_receipt", "receipt", zh("受案回执"))
