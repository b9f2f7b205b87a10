"""Retention: backups past their days go, and with them the keys that open them, on every medium."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from qingkong.project.backup import ring, taking
from qingkong.project.backup.repository import Repository


@dataclass(frozen=True, slots=True)
class Retired:
    """Which backups went (or would go), the oldest first."""

    ids: list[str]


def due(ids: Iterable[str], *, keep_days: int, at: datetime) -> tuple[list[str], date]:
    """The backups of days that are over, never the newest one; and the first day that is kept."""
    *older, newest = sorted(ids) or [""]
    first = (at - timedelta(days=keep_days)).date()
    if newest:
        first = min(first, ring.day_of(newest))
    return [one for one in older if ring.day_of(one) < first], first


def retire(repository: Repository, folder: Path, *, keep_days: int, at: datetime, dry_run: bool = False) -> Retired:
    """Destroy the keys of backups older than `keep_days` days, then remove what only they needed.

    The newest backup always stays. `folder` is the folder of keys. With `dry_run` nothing changes.
    """
    ids, first = due(repository.ids(), keep_days=keep_days, at=at)
    if ids and not dry_run:
        with ring.changing(folder) as held:
            held.destroy_days(repository.id, first)
            repository.ring = held
        taking.clear(repository)
    return Retired(ids)
