"""One look at everything: the ledger, on demand the rows it speaks of, and what a cosigner holds; entered if wanted."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from qingkong.kernel.ledger import sealing
from qingkong.kernel.ledger.agreeing import agreement
from qingkong.kernel.ledger.auditing import Problem, verify
from qingkong.kernel.ledger.auditing.cosigned import still_shown
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.recording import record
from qingkong.kernel.text import zh

VERIFIED = "ledger.verified"
SUBJECT = "ledger.ledger"
SOUND = zh("完好")
BROKEN = zh("有问题")
NAMED = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what is wrong. `rows` is None where rows weren't looked at."""

    entries: int
    rows: int | None
    problems: list[Problem]
    unnamed: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def count(self) -> int:
        return len(self.problems) + self.unnamed


@dataclass(frozen=True, slots=True)
class Entered:
    """The last verdict that was entered: when, and what it was; `facts` are None once they were erased."""

    at: datetime
    facts: dict[str, Any] | None


def look(*, rows: bool = False, cosigner: Path | None = None, using: str = "default") -> Verdict:
    """Verify the ledger; with `rows` also whether rows and entries agree; with `cosigner`, a cosigner's folder, whether
    what it countersigned still stands.
    """
    report = verify(using)
    problems, unnamed, count = list(report.problems), report.unnamed, None
    if rows:
        agreed = agreement(using)
        problems += agreed.problems
        unnamed += agreed.unnamed
        count = agreed.entries
    if cosigner is not None:
        problems += still_shown(cosigner, using)
    return Verdict(report.entries, count, problems, unnamed)


def enter(verdict: Verdict, *, at: datetime, using: str = "default") -> Entry:
    """Enter a verdict, so that the status page and the inspectors see when somebody last looked."""
    facts = {
        "verdict": SOUND if verdict.ok else BROKEN,
        "ok": verdict.ok,
        "entries": verdict.entries,
        "rows": verdict.rows,
        "problems": verdict.count,
        "first": [problem.sentence for problem in verdict.problems[:NAMED]],
    }
    with transaction.atomic(using=using):
        return record(actor=sealing.ITSELF, at=at, act=VERIFIED, subject=SUBJECT, facts=facts, using=using)


def last_entered(using: str = "default") -> Entered | None:
    """When somebody last verified and entered it."""
    found = Entry.objects.using(using).filter(subject=SUBJECT, act=VERIFIED).order_by("-at", "-id")
    row = found.values_list("at", "facts__value").first()
    return Entered(row[0], json.loads(row[1]) if row[1] else None) if row else None
