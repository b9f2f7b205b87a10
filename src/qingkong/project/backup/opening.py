"""Which ring opens which repository, for the ways in."""

from pathlib import Path

from django.conf import settings

from qingkong.project.backup import ring
from qingkong.project.backup.repository import MARK, Repository, open_repository
from qingkong.project.backup.stores import Absent, Store, open_store


def keys() -> Path:
    """The folder of this instance's keys."""
    return Path(settings.QINGKONG_KEYS)


def to_write(target: str) -> Repository:
    """The repository at a target, made if there is none; the ring is made with the instance's first repository.

    Raises RingMissing where backups stand whose ring is gone: a new one would never open them.
    """
    store = open_store(target)
    if _marked(store):
        return open_repository(store, ring.read(keys()))
    with ring.changing(keys(), make_one=True) as held:
        pass
    return open_repository(store, held, make=True)


def to_read(target: str) -> Repository:
    """Raises CannotOpen, CannotReach, RingMissing."""
    return open_repository(open_store(target), ring.read(keys()))


def _marked(store: Store) -> bool:
    try:
        return bool(b"".join(store.get(MARK)))
    except Absent:
        return False
