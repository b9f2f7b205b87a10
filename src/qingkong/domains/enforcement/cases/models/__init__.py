"""Tables of reports, cases, teams, parties, decisions, and of the law they are made under."""

from qingkong.domains.enforcement.cases.models.approvals import Approval
from qingkong.domains.enforcement.cases.models.cases import Case, Mediation, Party, Series, TeamMember, TitleGram
from qingkong.domains.enforcement.cases.models.decisions import Decision, Execution, LegalReview, Notice, Service
from qingkong.domains.enforcement.cases.models.law import Ground, KeepingRow, PaperForm, PowerRow, ThresholdRow
from qingkong.domains.enforcement.cases.models.reports import Report

__all__ = [
    "Approval",
    "Case",
    "Decision",
    "Execution",
    "Ground",
    "KeepingRow",
    "LegalReview",
    "Mediation",
    "Notice",
    "PaperForm",
    "Party",
    "PowerRow",
    "Report",
    "Series",
    "Service",
    "TeamMember",
    "ThresholdRow",
    "TitleGram",
]
