"""Lines in an officer's inbox: what changed, what is due, what was asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from qingkong.kernel import ledger
from qingkong.kernel.access.actors import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.notices.models import InboxLine
from qingkong.kernel.records import subject_key, thread_of
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A line as its reader sees it."""

    id: UUID
    text: Sentence
    subject_key: str
    thread: str
    told_at: datetime
    read_at: datetime | None
    read_by: str


def tell(
    *, text: Sentence, subject: models.Model | str, at: datetime, officer_id: UUID | None = None,
    unit_id: UUID | None = None, post: Post | None = None,
) -> InboxLine:  # fmt: skip
    """Put a line into the inbox of an officer, or of a unit (there, with `post`, of those in that post).

    It belongs to the operation that calls it, whose entry stands for it. Raises ValueError unless exactly one
    of officer and unit is given.
    """
    if (officer_id is None) == (unit_id is None):
        raise ValueError("a line is for an officer or for a unit")
    return InboxLine.objects.create(
        officer_id=officer_id, unit_id=unit_id, post=post or "", sentence=text.source, gaps=_packed(text.params),
        about=subject_key(subject), thread=thread_of(subject), told_at=at,
    )  # fmt: skip


def inbox_of(actor: Actor, limit: int = 20, *, with_read: bool = False) -> list[Told]:
    """The actor's own lines and their unit's, the latest first; unread ones unless asked for all."""
    rows = InboxLine.objects.filter(_of(actor))
    if not with_read:
        rows = rows.filter(read_at=None)
    return [
        Told(r.pk, Sentence(r.sentence, **_unpacked(r.gaps)), r.about, r.thread, r.told_at, r.read_at, r.read_by)
        for r in rows.order_by("-told_at", "-id")[:limit]
    ]


def unread_count(actor: Actor) -> int:
    return InboxLine.objects.filter(_of(actor), read_at=None).count()


@transaction.atomic
def mark_read(*, line_id: UUID, actor: Actor, at: datetime) -> None:
    """Say that the actor has read a line of theirs. Reading it twice changes nothing. Raises NotFound."""
    line = InboxLine.objects.filter(_of(actor), pk=line_id).first()
    if line is None:
        raise NotFound()
    if InboxLine.objects.filter(pk=line.pk, read_at=None).update(read_at=at, read_by=actor.name):
        ledger.record(
            actor=actor, at=at, act="notices.read", subject=line.about, thread=line.thread, facts={"line": line.pk}
        )


def _of(actor: Actor) -> Q:
    if not actor.is_officer:
        return Q(pk=None)
    posts = Q(post="") if actor.post is None else Q(post="") | Q(post=actor.post)
    return Q(officer_id=actor.officer_id) | (Q(unit_id=actor.unit_id) & posts)


def _packed(gaps: Mapping[str, object]) -> dict[str, Any]:
    """Gaps as JSON; a sentence in a gap stays one, so that it too is shown in the reader's language."""
    return {
        name: {"sentence": value.source, "gaps": _packed(value.params)}
        if isinstance(value, Sentence)
        else value.isoformat()
        if isinstance(value, date)
        else value
        if isinstance(value, int)
        else str(value)
        for name, value in gaps.items()
    }


def _unpacked(gaps: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Sentence(value["sentence"], **_unpacked(value["gaps"])) if isinstance(value, dict) else value
        for name, value in gaps.items()
    }
