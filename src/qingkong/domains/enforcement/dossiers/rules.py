"""How a case file is put together, checked a last time, and closed to change. Pure: no Django, no clock, no database.

公安机关办理行政案件程序规定第一百七十条 (六个方面), 第二百六十条至第二百六十三条 (一案一卷).
The legal officer checks what is there. What wasn't done can be done again, openly, with today's date, or explained in
writing. It can't be added.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qingkong.kernel.text import Labelled, Sentence, zh


class State(Labelled):
    COMPILING = "compiling", zh("组卷中")
    SUBMITTED = "submitted", zh("待法制员检查")
    RETURNED = "returned", zh("已退回")
    PASSED = "passed", zh("检查通过")
    SEALED = "sealed", zh("已封卷")


class Verdict(Labelled):
    SOUND = "sound", zh("没有问题")
    FAULTY = "faulty", zh("存在问题")


class ReturnAsk(Labelled):
    """What a return may ask for. There is no third: what wasn't there is never added."""

    REPEAT = "repeat", zh("重新做一次")
    EXPLANATION = "explanation", zh("书面说明情况")


class Source(Labelled):
    PAPER = "paper", zh("文书")
    EVIDENCE = "evidence", zh("电子证据")
    SCAN = "scan", zh("扫描件")
    EXPLANATION = "explanation", zh("情况说明")


class Outcome(Labelled):
    PASSED = "passed", zh("通过")
    RETURNED = "returned", zh("已退回")


FROZEN = (State.PASSED, State.SEALED)
CHANGEABLE = (State.COMPILING, State.RETURNED)

MOVES: dict[tuple[State, str], State] = {
    (State.COMPILING, "submit"): State.SUBMITTED,
    (State.RETURNED, "submit"): State.SUBMITTED,
    (State.SUBMITTED, "return"): State.RETURNED,
    (State.SUBMITTED, "pass"): State.PASSED,
    (State.PASSED, "seal"): State.SEALED,
    (State.PASSED, "reopen"): State.COMPILING,
    (State.SUBMITTED, "withdraw"): State.COMPILING,
}

NO_DOSSIER = zh("还没有组卷。")
STANDS = zh("卷宗现在是“{state}”。")
LIST_FROZEN = zh("卷宗{state}，目录不能再改。")
REOPEN_FIRST = zh("案件还要继续办理的，由法制员说明理由后重新开卷；检查要重做一次。")
WRONG_STATE = zh("卷宗现在是“{state}”，不能{what}。")
EMPTY = zh("卷内没有材料，不能提交检查。")
NOT_ANSWERED = zh("退回的 {count} 项还没有全部回应。")

VERBS = {
    "submit": zh("提交检查"),
    "return": zh("退回"),
    "pass": zh("通过检查"),
    "seal": zh("封卷"),
    "reopen": zh("重新开卷"),
    "withdraw": zh("撤回提交"),
}


def why_not_change(state: State) -> Sentence | None:
    """Why the list of papers can't change now, or None."""
    return None if state in CHANGEABLE else LIST_FROZEN.fill(state=state.label)


def why_not(verb: str, state: State) -> Sentence | None:
    """Why a verb isn't possible in this state, or None."""
    return None if (state, verb) in MOVES else WRONG_STATE.fill(state=state.label, what=VERBS[verb])


def why_not_submit(state: State, *, papers: int, unanswered: int) -> Sentence | None:
    """Why a file can't go to the legal officer, or None."""
    if reason := why_not("submit", state):
        return reason
    if not papers:
        return EMPTY
    return NOT_ANSWERED.fill(count=unanswered) if unanswered else None


# --- the last check ------------------------------------------------------------------------------------------

NOT_LEGAL_OFFICER = zh("最后一次检查只能由本案的法制员做。")
TOOK_PART = zh("您办理、审核或者批准过本案，不能再检查本案卷宗。")
ANOTHER_LEGAL = zh("请由办案单位负责人为本案另行指定法制员。")
POINT_MISSING = zh("六个方面都要检查，还缺：{points}。")
FAULT_WITHOUT_RETURN = zh("“{point}”有问题，请写明退回的要求。")
RETURN_WITHOUT_FAULT = zh("“{point}”没有问题，却写了退回要求。")
FAULTS_CANNOT_PASS = zh("有问题的不能通过，请退回。")
NOTHING_TO_RETURN = zh("六个方面都没有问题，不能退回；请通过。")
REASON_MISSING = zh("请写明哪里有问题。")
UNKNOWN_ASK = zh("退回只能要求“重新做一次”或者“书面说明情况”，不能要求补上当时没有的材料。")
WHY_NEVER_ADD = zh("当时没有做的，重新做并写今天的日期，或者由办案民警书面说明原因。")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a return names: the point, what is wrong, and what it asks for."""

    point: str
    reason: str
    ask: ReturnAsk
    paper_id: UUID | None = None


def why_not_check(*, checker: UUID | None, legal: Collection[UUID], acted: Collection[UUID]) -> Sentence | None:
    """Only the legal officer of the team, and only one who neither handled nor approved the case."""
    if checker not in legal:
        return NOT_LEGAL_OFFICER
    return TOOK_PART if checker in acted else None


def ask_of(value: str) -> ReturnAsk | None:
    """The closed choice behind a word from a form, an API or a file; None for anything else."""
    return ReturnAsk(value) if value in {ask.value for ask in ReturnAsk} else None


def why_not_judge(
    verdicts: Mapping[str, Verdict], faults: Sequence[Fault], *, points: Mapping[str, str], passing: bool
) -> Sentence | None:
    """Why these six verdicts and faults don't make a check, or None. `points` gives each point's label."""
    if missing := [label for point, label in points.items() if point not in verdicts]:
        return POINT_MISSING.fill(points="、".join(missing))
    faulty = {point for point, verdict in verdicts.items() if verdict is Verdict.FAULTY}
    if passing:
        return FAULTS_CANNOT_PASS if faulty or faults else None
    named = {fault.point for fault in faults}
    if not faulty and not named:
        return NOTHING_TO_RETURN
    if lacking := faulty - named:
        return FAULT_WITHOUT_RETURN.fill(point=points[min(lacking, key=list(points).index)])
    if surplus := named - faulty:
        return RETURN_WITHOUT_FAULT.fill(point=points.get(min(surplus), min(surplus)))
    return REASON_MISSING if any(not fault.reason.strip() for fault in faults) else None


# --- answers to a return -------------------------------------------------------------------------------------

ANSWERED_ALREADY = zh("这一项已经回应。")
NEEDS_PAPER = zh("要求重新做一次：请指出重新做成的材料。")
NEEDS_WORDS = zh("请写明情况。")
MADE_BEFORE = zh("这份材料在退回以前就已形成，不是重新做的。")
NO_BACKDATING = zh("重新做的材料写实际做的日期，放在原来的材料之后；原来的材料不拿走。")


def why_not_answer(
    ask: ReturnAsk, *, answered: bool, words: str, made_at: datetime | None, returned_at: datetime
) -> Sentence | None:
    """Why this doesn't answer a fault, or None. `made_at` is when the repeated paper was made, if one is given."""
    if answered:
        return ANSWERED_ALREADY
    if ask is ReturnAsk.EXPLANATION:
        return None if words.strip() else NEEDS_WORDS
    if made_at is None:
        return NEEDS_PAPER
    return MADE_BEFORE if made_at < returned_at else None


# --- the catalogue -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the catalogue (卷内目录). Pages count from 1; a medium kept beside the file has none."""

    position: int
    title: str
    source: str
    number: str
    sha256: str
    made_at: datetime
    pages: int
    responsible: str = ""
    first_page: int | None = None

    @property
    def last_page(self) -> int | None:
        return None if self.first_page is None else self.first_page + self.pages - 1

    @property
    def page_words(self) -> str:
        """How the catalogue prints it: 3, 3-5, or — for a medium in the envelope."""
        if self.first_page is None:
            return "—"
        return str(self.first_page) if self.pages == 1 else f"{self.first_page}-{self.last_page}"


def paginate(lines: Iterable[Line]) -> list[Line]:
    """Number pages through the whole file, in the order given; positions start at 1."""
    numbered, page = [], 1
    for position, line in enumerate(lines, start=1):
        first = page if line.pages else None
        numbered.append(
            Line(
                position,
                line.title,
                line.source,
                line.number,
                line.sha256,
                line.made_at,
                line.pages,
                line.responsible,
                first,
            )  # fmt: skip
        )
        page += line.pages
    return numbered


def catalogue_digest(case_number: str, lines: Sequence[Line]) -> str:
    """SHA-256 over the catalogue as canonical JSON: order, titles, numbers, digests, pages.

    Every value is a string or a whole number and keys are sorted, so these bytes are those of RFC 8785.
    """
    rows = [[line.position, line.title, line.source, line.number, line.sha256, line.pages] for line in lines]
    body = json.dumps({"case": case_number, "papers": rows}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


OTHER_PAPERS = zh("新的顺序要包含卷内全部材料，不多不少。")


def why_not_order(now: Collection[UUID], wanted: Sequence[UUID]) -> Sentence | None:
    """Why this isn't an order of these papers, or None."""
    return None if len(wanted) == len(set(wanted)) and set(wanted) == set(now) else OTHER_PAPERS
