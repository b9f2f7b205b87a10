"""Everything that can be done with reports and cases: one function a verb. Other rooms import from here."""

from qingkong.domains.enforcement.cases.operations.answering import (
    CannotAnswer,
    decline_case,
    serve_answer,
    transfer_case,
)
from qingkong.domains.enforcement.cases.operations.approvals import (
    CannotApprove,
    CannotAsk,
    approve,
    ask_approval,
    return_approval,
)
from qingkong.domains.enforcement.cases.operations.closing import (
    CannotClose,
    CannotTell,
    close_case,
    stop_inquiry,
    tell_victim,
)
from qingkong.domains.enforcement.cases.operations.converting import convert_case
from qingkong.domains.enforcement.cases.operations.deciding import (
    CannotDecide,
    CannotReview,
    CannotServe,
    ask_decision,
    ask_review,
    decide,
    execute,
    return_decision,
    review_decision,
    serve,
)
from qingkong.domains.enforcement.cases.operations.filing import CannotFile, file_case
from qingkong.domains.enforcement.cases.operations.imports import Imported, import_cases
from qingkong.domains.enforcement.cases.operations.mediating import CannotMediate, record_agreement, record_performance
from qingkong.domains.enforcement.cases.operations.notifying import (
    CannotRecord,
    answer_defence,
    give_notice,
    record_hearing,
    record_statement,
)
from qingkong.domains.enforcement.cases.operations.powers import NoPower, OwnCase, has_power
from qingkong.domains.enforcement.cases.operations.proposing import (
    CannotNotify,
    CannotPropose,
    change_proposal,
    drop_decision,
    penalty_in_words,
    propose_decision,
)
from qingkong.domains.enforcement.cases.operations.prosecuting import (
    end_investigation,
    return_for_investigation,
    tell_withdrawal,
    terminate_investigation,
    transfer_for_prosecution,
    withdraw_case,
)
from qingkong.domains.enforcement.cases.operations.reports import (
    AlreadyRegistered,
    Handed,
    NotUnderReview,
    Reporter,
    hand_receipt,
    register_report,
    take_evidence,
)
from qingkong.domains.enforcement.cases.operations.series import CannotJoin, join_series, leave_series, open_series
from qingkong.domains.enforcement.cases.operations.teams import CannotName, CaseIsOver, NoParty, add_party, name_member
from qingkong.domains.enforcement.cases.operations.timing import (
    NoClock,
    extend_time,
    resume_after_appraisal,
    suspend_for_appraisal,
)

__all__ = [
    "AlreadyRegistered",
    "CannotAnswer",
    "CannotApprove",
    "CannotAsk",
    "CannotClose",
    "CannotDecide",
    "CannotFile",
    "CannotJoin",
    "CannotMediate",
    "CannotName",
    "CannotNotify",
    "CannotPropose",
    "CannotRecord",
    "CannotReview",
    "CannotServe",
    "CannotTell",
    "CaseIsOver",
    "Handed",
    "Imported",
    "NoClock",
    "NoParty",
    "NoPower",
    "NotUnderReview",
    "OwnCase",
    "Reporter",
    "add_party",
    "answer_defence",
    "approve",
    "ask_approval",
    "ask_decision",
    "ask_review",
    "change_proposal",
    "close_case",
    "convert_case",
    "decide",
    "decline_case",
    "drop_decision",
    "end_investigation",
    "execute",
    "extend_time",
    "file_case",
    "give_notice",
    "hand_receipt",
    "has_power",
    "import_cases",
    "join_series",
    "leave_series",
    "name_member",
    "open_series",
    "penalty_in_words",
    "propose_decision",
    "record_agreement",
    "record_hearing",
    "record_performance",
    "record_statement",
    "register_report",
    "resume_after_appraisal",
    "return_approval",
    "return_decision",
    "return_for_investigation",
    "review_decision",
    "serve",
    "serve_answer",
    "stop_inquiry",
    "suspend_for_appraisal",
    "take_evidence",
    "tell_victim",
    "tell_withdrawal",
    "terminate_investigation",
    "transfer_case",
    "transfer_for_prosecution",
    "withdraw_case",
]
