"""The live stream: announcements written with the change, read by pages and by the events process."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Max, Q

from qingkong.kernel.events.models import Announcement
from qingkong.kernel.records import subject_key as key_of


@dataclass(frozen=True, slots=True)
class Announced:
    """One announcement as it goes out."""

    id: int
    topic: str
    subject_key: str
    unit_id: UUID | None

    def may_be_heard_by(self, unit_id: UUID | None) -> bool:
        """Officers hear their own unit and what concerns no unit in particular."""
        return self.unit_id is None or self.unit_id == unit_id


def announce(
    topic: str, subject: models.Model | str, unit_id: UUID | None = None, *, at: datetime | None = None
) -> None:
    """Tell open pages that a subject changed, if the caller's transaction commits.

    `unit_id` narrows it to one unit's officers. Without `at` the database's own time is kept.
    """
    Announcement.objects.create(
        topic=topic, subject_key=key_of(subject), unit_id=unit_id, **({"at": at} if at is not None else {})
    )


def last_id() -> int:
    """The latest id, 0 where nothing was announced."""
    return Announcement.objects.aggregate(last=Max("id"))["last"] or 0


def oldest_id() -> int:
    """The oldest id still kept, or 0."""
    return Announcement.objects.order_by("id").values_list("id", flat=True).first() or 0


def read(which: Q, *, limit: int) -> list[Announced]:
    rows = Announcement.objects.filter(which).order_by("id")
    return [Announced(*row) for row in rows.values_list("id", "topic", "subject_key", "unit_id")[:limit]]
