"""Issue a paper: number, PDF, vault, row and entry, all in the caller's transaction."""

import io
from collections.abc import Mapping
from datetime import datetime

from django.db import models, transaction

from qingkong.kernel import ledger, numbering, vault
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.papers import registry
from qingkong.kernel.papers.models import Paper
from qingkong.kernel.papers.rendering import render
from qingkong.kernel.records import subject_key, thread_of

WITHOUT_FORM = "W"  # the series of papers whose number has no statutory form


@transaction.atomic
def issue(
    *, kind: str, subject: models.Model | str, facts: Mapping[str, object], actor: Actor, at: datetime,
    number: str | None = None,
) -> Paper:  # fmt: skip
    """Make a registered kind of paper about a subject and keep it.

    Without `number` it takes the next of series W. Raises NoChineseFont, MissingGlyph; ValueError for a QR code
    on a statutory paper. The caller has asked for the permission: a paper is part of an operation.
    """
    number = number or numbering.take(WITHOUT_FORM, at=at)
    content = render(kind, facts, number=number, at=at)
    kept = vault.receive(io.BytesIO(content), name=f"{number}.pdf")
    paper = Paper.objects.create(
        kind=kind, number=number, about=subject_key(subject), thread=thread_of(subject), sha256=kept.sha256,
        size=kept.size, issued_at=at, issued_by_id=actor.officer_id, issued_by=actor.name, unit_id=actor.unit_id,
    )  # fmt: skip
    ledger.record(
        actor=actor, at=at, act="papers.issued", subject=subject,
        facts={
            "paper": paper.pk, "kind": kind, "title": registry.find(kind).title.in_chinese(),
            "number": number, "sha256": kept.sha256,
        },
    )  # fmt: skip
    return paper


def of(subject: models.Model | str) -> list[Paper]:
    """The papers about a subject, the oldest first."""
    return list(Paper.objects.filter(about=subject_key(subject)).order_by("issued_at", "id"))


def bytes_of(paper: Paper) -> bytes:
    """The PDF as it was issued. A page that hands it out asks the permission, and where it names a person, the look."""
    with vault.open(paper.sha256) as content:
        return content.read()
