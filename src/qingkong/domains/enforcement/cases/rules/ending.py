"""How a case ends. An administrative case closes only on the grounds of 程序规定 §258 (or its inquiry is stopped, §259);
a criminal case is never just closed: its investigation ends, it goes to the procuratorate, or it is withdrawn."""

from dataclasses import dataclass

from qingkong.domains.enforcement.cases.rules.states import (
    FINISHED,
    MADE,
    CaseKind,
    CaseState,
    DecisionState,
    case_moves,
    why_not_move,
)
from qingkong.kernel.text import Labelled, Sentence, zh


class Needs(Labelled):
    """The fact that must be on record before a ground of §258 can be chosen."""

    NO_PENALTY_DECIDED = "no_penalty_decided", zh("还没有作出不予行政处罚决定。")
    MEDIATION_PERFORMED = "mediation_performed", zh("没有已经履行的调解、和解协议。")
    DECISIONS_EXECUTED = "decisions_executed", zh("处理决定还没有全部送达并执行。")
    CONVERTED = "converted", zh("本案没有转为刑事案件；请用“转刑事案件”办理。")
    DECISION_NOT_EXECUTABLE = "decision_not_executable", zh("没有登记为无法执行或者无需执行的决定。")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case has behind it when somebody wants to close it."""

    kind: CaseKind
    state: CaseState
    decisions: tuple[tuple[bool, DecisionState], ...]  # (is it a penalty, its state)
    mediation_performed: bool
    converted: bool
    suspects_undecided: int


NEVER_CLOSED = zh("刑事案件不能直接结案。")
CRIMINAL_WAYS = zh("请选择侦查终结、移送起诉、撤销案件或者终止侦查。")
UNDECIDED = zh("还有 {count} 名违法嫌疑人没有处理决定。")
UNFINISHED = zh("还有处理决定没有送达或者执行。")
FIND_ON = zh("违法嫌疑人不明或者在逃的，继续调查，并向被侵害人说明情况。")


def meets(needs: Needs, standing: Standing) -> bool:
    """Whether the fact that a ground needs is on record."""
    made = [(penal, state) for penal, state in standing.decisions if state in MADE]
    match needs:
        case Needs.NO_PENALTY_DECIDED:
            return any(not penal for penal, _ in made)
        case Needs.MEDIATION_PERFORMED:
            return standing.mediation_performed
        case Needs.DECISIONS_EXECUTED:
            return any(state is DecisionState.EXECUTED for _, state in made)
        case Needs.CONVERTED:
            return standing.converted
        case Needs.DECISION_NOT_EXECUTABLE:
            return any(state is DecisionState.NOT_EXECUTABLE for _, state in made)


def why_not_close(standing: Standing, *, needs: Needs) -> tuple[Sentence, Sentence | None] | None:
    """Why an administrative case can't be closed on the ground that needs this fact; None where it can."""
    if standing.kind is CaseKind.CRIMINAL:
        return NEVER_CLOSED, CRIMINAL_WAYS
    if reason := why_not_move(standing.state, CaseState.CLOSED, case_moves(standing.kind)):
        return reason, None
    if not meets(needs, standing):
        return needs.label, None
    if needs is Needs.CONVERTED:
        return None
    if any(not _over(penal, state) for penal, state in standing.decisions):
        return UNFINISHED, None
    if standing.suspects_undecided and needs is not Needs.MEDIATION_PERFORMED:
        return UNDECIDED.fill(count=standing.suspects_undecided), FIND_ON
    return None


def _over(penal: bool, state: DecisionState) -> bool:
    """A penalty is over when executed or not executable; a no-penalty decision when it has been served."""
    return state in FINISHED or (not penal and state is DecisionState.SERVED)
