"""Ask a gate: evaluate the checks of a step for a subject. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from qingkong.kernel.gates import checks
from qingkong.kernel.gates.checks import Check, Gate
from qingkong.kernel.gates.models import CheckRow, Finding, FindingState
from qingkong.kernel.records import Record, subject_key, thread_of
from qingkong.kernel.text import Sentence, local, zh


@dataclass(frozen=True, slots=True)
class InForce:
    """A check with the wording and force it has on a day."""

    check: Check
    sentence: str
    how: str
    article: str
    blocks: bool
    waivable_by: str

    @property
    def gate(self) -> Gate:
        return self.check.gate


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that failed: what it says, what exactly is wrong, how to put it right."""

    check_id: str
    gate: Gate
    sentence: Sentence
    detail: Sentence | str
    how: Sentence
    article: str
    blocks: bool
    waivable_by: str

    def __str__(self) -> str:
        return f"{self.sentence}{self.detail}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate says at a step. `known` are the subject's findings on these checks, open or waived."""

    step: str
    subject_key: str
    thread: str
    unit_id: UUID | None
    blocking: Sequence[Failed]
    warnings: Sequence[Failed]
    passed: Sequence[InForce]
    known: Sequence[Finding]


def ask(step: str, *, subject: Record, at: datetime) -> Answer:
    """Evaluate every check of `step` that is in force on the day. Two queries and those of the checks themselves."""
    asked = in_force(checks.at_step(step), on=local(at).date())
    key = subject_key(subject)
    known = _known(key, asked)
    waived = {finding.check_id for finding in known if finding.state == FindingState.WAIVED}
    blocking: list[Failed] = []
    warnings: list[Failed] = []
    passed: list[InForce] = []
    for each in asked:
        verdict = each.check.id not in waived and each.check.fails(subject, at)
        if not verdict:
            passed.append(each)
            continue
        (blocking if each.blocks else warnings).append(_failed(each, verdict))
    unit_id = getattr(subject, "unit_id", None)
    return Answer(step, key, thread_of(subject), unit_id, blocking, warnings, passed, known)


def in_force(asked: Sequence[Check], *, on: date) -> list[InForce]:
    """The checks as loaded for a day; one that was never loaded counts as code has it. One query."""
    rows: dict[str, list[CheckRow]] = {}
    ids = [check.id for check in asked]
    for row in CheckRow.objects.filter(check_id__in=ids) if ids else ():
        rows.setdefault(row.check_id, []).append(row)
    result = []
    for check in asked:
        if check.id not in rows:
            if _runs_on(check, on):
                result.append(as_in_code(check))
            continue
        for row in rows[check.id]:
            if _runs_on(row, on):
                result.append(InForce(check, row.sentence, row.how, row.article, row.blocks, row.waivable_by))
    return result


def as_in_code(check: Check) -> InForce:
    return InForce(
        check, check.sentence.source, check.how.source, check.article, check.blocks, str(check.waivable_by or "")
    )


def _runs_on(versioned: Check | CheckRow, day: date) -> bool:
    return versioned.effective_from <= day and (versioned.effective_to is None or day < versioned.effective_to)


def _known(key: str, asked: Sequence[InForce]) -> list[Finding]:
    if not asked:
        return []
    open_or_waived = Q(state=FindingState.OPEN) | Q(state=FindingState.WAIVED)
    return list(Finding.objects.filter(open_or_waived, subject_key=key, check_id__in=[each.check.id for each in asked]))


def _failed(each: InForce, verdict: bool | str | Sentence) -> Failed:
    detail = "" if isinstance(verdict, bool) else verdict
    return Failed(
        each.check.id, each.gate, zh(each.sentence), detail, zh(each.how), each.article, each.blocks, each.waivable_by
    )
