"""Pass a gate, or be stopped there with every reason at once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.gates.asking import Answer, Failed, ask
from qingkong.kernel.gates.models import Finding, FindingState, Passage
from qingkong.kernel.gates.settling import settle
from qingkong.kernel.records import Record
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh

CHECKED_AGAIN = "再次检查时已经符合要求。"


class GateClosed(Refusal):
    """Blocking checks failed. `failed` holds all of them; the edge records them as findings after the rollback."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.failed: Sequence[Failed] = answer.blocking
        first, more = answer.blocking[0], len(answer.blocking) - 1
        reason = zh("{sentence}{detail}", sentence=first.sentence, detail=first.detail)
        if more:
            reason = zh("{first}（另有 {more} 项未通过）", first=reason, more=more)
        super().__init__(reason, how=first.how, step=answer.step, checks=[each.check_id for each in answer.blocking])


def require(step: str, *, subject: Record, actor: Actor, at: datetime) -> Answer:
    """Go on with a step only if its gate opens.

    Raises GateClosed with every failed blocking check. Warnings become findings and don't stop; open findings of checks
    that hold by now end as put right. Writes in the caller's transaction.
    """
    answer = ask(step, subject=subject, at=at)
    if answer.blocking:
        raise GateClosed(answer)
    if not answer.passed and not answer.warnings:
        return answer
    with transaction.atomic():
        _record(answer, answer.warnings, actor=actor, at=at)
        passed = {each.check.id for each in answer.passed}
        for finding in answer.known:
            if finding.state == FindingState.OPEN and finding.check_id in passed:
                settle(finding, FindingState.PUT_RIGHT, actor=actor, at=at, reason=CHECKED_AGAIN)
        _note_passage(answer, at=at)
    return answer


@transaction.atomic
def record_findings(closed: GateClosed, actor: Actor, at: datetime) -> list[Finding]:
    """Record what stopped a step, in a transaction of its own after the refused one has rolled back; the new ones."""
    answer = closed.answer
    return _record(answer, [*answer.blocking, *answer.warnings], actor=actor, at=at)


def _record(answer: Answer, failed: Sequence[Failed], *, actor: Actor, at: datetime) -> list[Finding]:
    """Findings that aren't open yet; two officers who fail at once leave one."""
    already = {finding.check_id for finding in answer.known if finding.state == FindingState.OPEN}
    fresh = [_finding(answer, each, actor=actor, at=at) for each in failed if each.check_id not in already]
    if not fresh:
        return []
    Finding.objects.bulk_create(fresh, ignore_conflicts=True)
    written = set(Finding.objects.filter(pk__in=[finding.pk for finding in fresh]).values_list("pk", flat=True))
    new = [finding for finding in fresh if finding.pk in written]
    for finding in new:
        ledger.record(
            actor=actor,
            at=at,
            act="gates.found",
            subject=finding.subject_key,
            thread=finding.thread,
            facts={
                "check": finding.check_id, "gate": finding.gate, "step": finding.step, "blocks": finding.blocks,
                "sentence": finding.sentence, "detail": finding.detail,
            },
        )  # fmt: skip
    return new


def _finding(answer: Answer, failed: Failed, *, actor: Actor, at: datetime) -> Finding:
    return Finding(
        check_id=failed.check_id,
        gate=failed.gate.value,
        step=answer.step,
        subject_key=answer.subject_key,
        thread=answer.thread,
        unit_id=answer.unit_id or actor.unit_id,
        blocks=failed.blocks,
        sentence=failed.sentence.source,
        detail=_in_chinese(failed.detail)[:300],
        how=failed.how.source,
        article=failed.article,
        waivable_by=failed.waivable_by,
        found_at=at,
        found_by_id=actor.officer_id,
        found_by=actor.name,
    )


def _in_chinese(text: Sentence | str) -> str:
    return text.in_chinese() if isinstance(text, Sentence) else text


def _note_passage(answer: Answer, *, at: datetime) -> None:
    counts: dict[str, int] = {}
    for each in answer.passed:
        counts[each.gate.value] = counts.get(each.gate.value, 0) + 1
    rows = [
        Passage(subject_key=answer.subject_key, thread=answer.thread, gate=gate, step=answer.step, passed=passed, at=at)
        for gate, passed in counts.items()
    ]
    Passage.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["subject_key", "step", "gate"],
        update_fields=["thread", "passed", "at"],
    )
