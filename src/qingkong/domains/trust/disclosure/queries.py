"""What the entitled person is shown, and what everybody may read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from qingkong.domains.enforcement.cases import queries as cases
from qingkong.domains.enforcement.cases.queries import Progress, Report
from qingkong.domains.trust.disclosure.models import Challenge
from qingkong.domains.trust.disclosure.rules import Standing, Step, steps
from qingkong.kernel import clocks, ledger
from qingkong.kernel.access import Purpose
from qingkong.kernel.access.actors import SYSTEM
from qingkong.kernel.clocks.limits import amount_in_words
from qingkong.kernel.text import Sentence


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """All that the progress page says."""

    progress: Progress
    steps: list[Step]
    subject: str


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at the person's data, without any third person's name."""

    at: datetime
    who: str
    why: Sentence


def standing(challenge: Challenge) -> Standing:
    """The challenge as rules see it."""
    return Standing(challenge.made_at, challenge.tries, challenge.used_at is not None, challenge.report_id is not None)


def report(report_id: UUID | None) -> Report:
    """A report whose challenge fitted."""
    return Report.objects.select_related("unit", "case", "case__unit").get(pk=report_id)


def progress_page(report_id: UUID) -> ProgressPage:
    """Where the matter stands, for the person who opened it with code and phone."""
    found = report(report_id)
    progress = cases.of_report(found)
    filed_at = found.case.filed_at if found.case else None
    return ProgressPage(
        progress,
        steps(
            registered_at=found.registered_at, filed_at=filed_at, over=progress.over,
            over_at=progress.since_at if progress.over else None,
        ),
        found.subject,
    )  # fmt: skip


def looks_at_me(report_id: UUID) -> list[Looked]:
    """Who looked at this person's data, when and why; the newest first (G19)."""
    found = report(report_id)
    threads = {found.number, found.thread}
    lines = {line.entry_id: line for thread in threads for line in ledger.looks_at(thread)}
    return [
        Looked(line.at, f"{line.unit_name} {line.post_label}".strip() or str(SYSTEM), Purpose(line.purpose).label)
        for line in sorted(lines.values(), key=lambda line: line.at, reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """One limit as the public page shows it."""

    name: str
    amount: Sentence | str
    basis: str
    trigger: str
    sure: Sentence


def limits_by_law(*, at: datetime) -> list[tuple[str, list[Shown]]]:
    """The limits in force, grouped by law, in the order of their ids."""
    english = get_language() == "en"
    laws: dict[str, list[Shown]] = {}
    for limit in clocks.all_limits(at=at):
        amount = amount_in_words(limit.amount, limit.unit) if limit.amount and limit.unit else limit.promptly
        if amount:
            shown = Shown(
                limit.name_en if english else limit.name, amount, limit.basis, limit.trigger, limit.sure.label
            )
            laws.setdefault(limit.law, []).append(shown)
    return sorted(laws.items(), key=lambda law: -len(law[1]))
