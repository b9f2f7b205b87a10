"""The states of a report, a case and a decision, and which moves exist between them."""

from collections.abc import Mapping
from typing import Any

from qingkong.kernel.text import Labelled, Sentence, zh


class Way(Labelled):
    """How a report reached the police."""

    CALL = "call", zh("110 警情")
    WINDOW = "window", zh("窗口报案")
    SCENE = "scene", zh("现场报案")
    SURRENDER = "surrender", zh("主动投案")
    TRANSFER = "transfer", zh("其他机关移送")
    FOUND = "found", zh("工作中发现")


class Nature(Labelled):
    """What the report looks like before review; it decides which review clock runs, and nothing else."""

    PUBLIC_ORDER = "public_order", zh("治安")
    CRIMINAL = "criminal", zh("刑事")
    OTHER = "other", zh("其他行政")


class ReportState(Labelled):
    REGISTERED = "registered", zh("已登记，审查中")
    FILED = "filed", zh("已立案")
    DECLINED = "declined", zh("不予立案")
    TRANSFERRED = "transferred", zh("已移送")


class CaseKind(Labelled):
    ADMINISTRATIVE = "administrative", zh("行政案件")
    CRIMINAL = "criminal", zh("刑事案件")


class CaseState(Labelled):
    INVESTIGATING = "investigating", zh("调查取证")
    ENDED = "ended", zh("侦查终结")
    PROSECUTED = "prosecuted", zh("已移送起诉")
    CLOSED = "closed", zh("已结案")
    STOPPED = "stopped", zh("已终止调查")
    WITHDRAWN = "withdrawn", zh("已撤案")
    TRANSFERRED = "transferred", zh("已移送")


class DecisionState(Labelled):
    PROPOSED = "proposed", zh("拟定")
    NOTIFIED = "notified", zh("已告知")
    IN_REVIEW = "in_review", zh("法制审核中")
    REVIEWED = "reviewed", zh("审核通过")
    ASKED = "asked", zh("待审批")
    RETURNED = "returned", zh("已退回")
    DECIDED = "decided", zh("已决定")
    SERVED = "served", zh("已送达")
    EXECUTED = "executed", zh("已执行")
    NOT_EXECUTABLE = "not_executable", zh("无法或无需执行")
    DROPPED = "dropped", zh("未作出")


_R, _C, _D = ReportState, CaseState, DecisionState

REPORT_MOVES: Mapping[ReportState, frozenset[ReportState]] = {
    _R.REGISTERED: frozenset({_R.FILED, _R.DECLINED, _R.TRANSFERRED}),
    _R.DECLINED: frozenset({_R.FILED}),  # new facts: 刑事程序规定 §178(3)
    _R.FILED: frozenset(),
    _R.TRANSFERRED: frozenset(),
}

ADMINISTRATIVE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    _C.INVESTIGATING: frozenset({_C.CLOSED, _C.STOPPED, _C.TRANSFERRED}),
}
CRIMINAL_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    _C.INVESTIGATING: frozenset({_C.ENDED, _C.WITHDRAWN, _C.TRANSFERRED}),
    _C.ENDED: frozenset({_C.PROSECUTED, _C.INVESTIGATING, _C.WITHDRAWN}),
    _C.PROSECUTED: frozenset({_C.INVESTIGATING}),  # returned for supplementary investigation, §295
}

DECISION_MOVES: Mapping[DecisionState, frozenset[DecisionState]] = {
    _D.PROPOSED: frozenset({_D.NOTIFIED, _D.IN_REVIEW, _D.ASKED, _D.DROPPED}),
    _D.NOTIFIED: frozenset({_D.NOTIFIED, _D.PROPOSED, _D.IN_REVIEW, _D.ASKED, _D.DROPPED}),
    _D.IN_REVIEW: frozenset({_D.REVIEWED, _D.RETURNED}),
    _D.REVIEWED: frozenset({_D.ASKED, _D.PROPOSED, _D.DROPPED}),
    _D.ASKED: frozenset({_D.DECIDED, _D.RETURNED}),
    _D.RETURNED: frozenset({_D.PROPOSED, _D.NOTIFIED, _D.IN_REVIEW, _D.ASKED, _D.DROPPED}),
    _D.DECIDED: frozenset({_D.SERVED}),
    _D.SERVED: frozenset({_D.EXECUTED, _D.NOT_EXECUTABLE}),
    _D.EXECUTED: frozenset(),
    _D.NOT_EXECUTABLE: frozenset(),
    _D.DROPPED: frozenset(),
}

OPEN_CASE = frozenset({_C.INVESTIGATING, _C.ENDED})
MADE = frozenset({_D.DECIDED, _D.SERVED, _D.EXECUTED, _D.NOT_EXECUTABLE})
FINISHED = frozenset({_D.EXECUTED, _D.NOT_EXECUTABLE, _D.DROPPED})

NO_SUCH_MOVE = zh("现在是“{now}”，不能变为“{wanted}”。")


def case_moves(kind: CaseKind) -> Mapping[CaseState, frozenset[CaseState]]:
    return CRIMINAL_MOVES if kind is CaseKind.CRIMINAL else ADMINISTRATIVE_MOVES


def why_not_move(now: Labelled, wanted: Labelled, moves: Mapping[Any, frozenset[Any]]) -> Sentence | None:
    """The reason why a move doesn't exist, or None."""
    if wanted in moves.get(now, frozenset()):
        return None
    return NO_SUCH_MOVE.fill(now=now.label, wanted=wanted.label)


def stage_label(kind: CaseKind, state: CaseState) -> Sentence:
    """The word on the page: a criminal case is investigated (侦查), an administrative one inquired into."""
    if state is CaseState.INVESTIGATING and kind is CaseKind.CRIMINAL:
        return zh("侦查中")
    return state.label
