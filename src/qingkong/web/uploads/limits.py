"""How much one actor may have open, and how slow a sender may be. `QINGKONG_UPLOADS` in the settings changes them."""

from dataclasses import dataclass, fields
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    largest: int = 64 * 2**30
    open_uploads: int = 20  # of one actor, not yet registered
    open_bytes: int = 256 * 2**30  # of one actor: what is promised counts, not what has come
    begun_an_hour: int = 600
    reserve: int = 2**30  # of the disk, that uploads leave free
    at_once: int = 5  # bodies that one process takes in at a time; the pages keep the other threads
    of_one_at_once: int = 2
    idle: float = 30.0  # in which the next 64 KiB must come
    longest: float = 900.0  # that one request may send; then it goes on in the next
    kept: float = 86_400.0  # after the last piece
    kept_at_most: float = 7 * 86_400.0  # after the beginning

    @property
    def kept_for(self) -> timedelta:
        return timedelta(seconds=self.kept)


def limits() -> Limits:
    """The limits of this instance. Raises TypeError for a name that isn't one."""
    changed = dict(getattr(settings, "QINGKONG_UPLOADS", {}) or {})
    if unknown := set(changed) - {field.name for field in fields(Limits)}:
        raise TypeError(f"QINGKONG_UPLOADS knows no {', '.join(sorted(unknown))}")
    return Limits(**changed)
