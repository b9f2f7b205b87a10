"""Read the ledger: a timeline of a subject or a thread, and who looked. Two queries however many rows."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Subquery

from qingkong.kernel.ledger import acts
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Entry
from qingkong.kernel.text import Sentence


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it. `sealed`: a signed checkpoint covers it; `cosigned`: an outside body's too."""

    entry_id: UUID
    at: datetime
    act: str
    sentence: Sentence | str
    subject: str
    thread: str
    actor_name: str
    post_label: str
    unit_name: str
    purpose: str
    reference: str
    sequence: int | None
    sealed: bool
    cosigned: bool
    is_look: bool


def timeline(
    subject_or_thread: str, *, limit: int = 50, before: UUID | None = None, using: str = "default"
) -> list[Line]:
    """Entries of a subject key (`calls.call:0190…`) or a thread (`J2026-000001`), the newest first.

    `before` is the entry id of the last line of the page before.
    """
    return _lines(_about(subject_or_thread, using), limit, before, using)


def looks_at(
    subject_or_thread: str, *, limit: int = 50, before: UUID | None = None, using: str = "default"
) -> list[Line]:
    """Who looked at the personal data of a subject or thread, when and why, the newest first."""
    return _lines(_about(subject_or_thread, using).filter(act__in=acts.looks()), limit, before, using)


def _about(subject_or_thread: str, using: str) -> QuerySet[Entry]:
    column = "subject" if ":" in subject_or_thread else "thread"
    return (
        Entry.objects.using(using).filter(**{column: subject_or_thread}) if subject_or_thread else Entry.objects.none()
    )


def _lines(entries: QuerySet[Entry], limit: int, before: UUID | None, using: str) -> list[Line]:
    if before is not None:
        last_at = Entry.objects.using(using).filter(pk=before).values("at")[:1]
        entries = entries.filter(Q(at__lt=last_at) | Q(at=last_at, pk__lt=before))
    rows = list(
        entries.order_by("-at", "-id").values_list(
            "id", "at", "act", "subject", "thread", "actor_kind", "actor_name", "actor_post", "unit_name",
            "purpose", "reference", "leaf__sequence", "facts__value",
        )[:limit]
    )  # fmt: skip
    if not rows:
        return []
    sealed, cosigned = _covered(using)
    return [
        Line(
            entry_id=key,
            at=at,
            act=act,
            sentence=acts.sentence_of(act, json.loads(facts) if facts else None),
            subject=subject,
            thread=thread,
            actor_name=acts.who(kind, name),
            post_label=acts.post_label(post),
            unit_name=unit,
            purpose=purpose,
            reference=reference,
            sequence=sequence,
            sealed=sequence is not None and sequence < sealed,
            cosigned=sequence is not None and sequence < cosigned,
            is_look=acts.is_look(act),
        )  # fmt: skip
        for key, at, act, subject, thread, kind, name, post, unit, purpose, reference, sequence, facts in rows
    ]


def _covered(using: str) -> tuple[int, int]:
    """How many leaves are signed, and how many of them cosigned. One query, from the ends of two indexes."""
    last = Cosignature.objects.using(using).order_by("-checkpoint_id").values("checkpoint__size")[:1]
    row = Checkpoint.objects.using(using).order_by("-number").values_list("size", Subquery(last)).first()
    return (row[0], row[1] or 0) if row else (0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """The signed tree as an outsider may see it: its newest checkpoint, and how far somebody outside has countersigned."""

    size: int
    note: str
    cosigned_size: int
    cosigners: list[str]
    cosigned_at: datetime | None


def standing(*, using: str = "default") -> Standing:
    """What is signed and what is cosigned now, in three queries."""
    newest = Checkpoint.objects.using(using).order_by("-number").first()
    seen = Cosignature.objects.using(using).aggregate(last=Max("checkpoint_id"))["last"]
    cosigned = Cosignature.objects.using(using).filter(checkpoint_id=seen).select_related("checkpoint", "cosigner")
    lines = [] if seen is None else list(cosigned)
    return Standing(
        size=newest.size if newest else 0,
        note=newest.note if newest else "",
        cosigned_size=lines[0].checkpoint.size if lines else 0,
        cosigners=sorted(line.cosigner.name for line in lines),
        cosigned_at=max((line.signed_at for line in lines), default=None),
    )
