"""Keep the ledger's public files up to date, a little after each checkpoint: hashes, checkpoint, cosignatures, key.

Runs in the job worker, never in a request. One query when there is nothing to do; the work of one go is bounded, so
that it stays the same however long the ledger is. The folder is a memory of its own: what it published once isn't
replaced by another history.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.models import Subquery

from qingkong.kernel.ledger import tree
from qingkong.kernel.ledger.exporting import CannotExport, standing_in, write, write_files
from qingkong.kernel.ledger.models import Checkpoint, Cosignature
from qingkong.kernel.ledger.proving import note_with_cosignatures

AT_ONCE = 65_536  # leaves: 256 tiles
Mark = tuple[int, bytes, int]

log = logging.getLogger("qingkong.ledger")
_done: dict[tuple[Path, str], Mark] = {}


class Contradicted(RuntimeError):
    """The database doesn't continue what was published; nothing is replaced until a person has found out why."""


def folder() -> Path:
    """Where this instance publishes: files that any web server can hand out."""
    return Path(settings.QINGKONG_HOME) / "tiles"


def publish(to: Path | None = None, *, entries: bool | None = None, using: str = "default") -> int:
    """Bring the public files nearer to the newest checkpoint; how many leaves they show.

    `entries` publishes entry bundles too (default: settings.QINGKONG_PUBLISH_ENTRIES, off). Raises Contradicted where
    the database isn't a continuation of what stands there, CannotExport where what stands there can't be read.
    """
    place = to or folder()
    mark = _mark(using)
    if _done.get((place, using)) == mark or not mark[0]:
        return -1
    with _alone(place) as mine:
        if not mine:
            return -1
        there, root = standing_in(place)
        target = _target(there, using)
        if target is None or target.size < there or (there and tree.root(there, using) != root):
            raise Contradicted(f"the ledger's tables don't continue the {there} leaves published in {place}")
        with_entries = getattr(settings, "QINGKONG_PUBLISH_ENTRIES", False) if entries is None else entries
        write_files(place, there, target, entries=with_entries, using=using)
        _write_cosigned(place, target.size, using)
        if target.number == mark[0]:
            _done[place, using] = mark
        return target.size


def publish_or_say_why(to: Path | None = None, *, using: str = "default") -> None:
    """For the worker, which must go on: what hinders is logged once a checkpoint, and the status page shows the gap."""
    try:
        publish(to, using=using)
    except (Contradicted, CannotExport, OSError, tree.LedgerBroken) as fault:
        log.error("the ledger's public files aren't up to date: %s", fault)
        if not isinstance(fault, OSError):
            _done[to or folder(), using] = _mark(using)


def begin_anew(to: Path | None = None) -> Path | None:
    """Put the public files aside, after a declared restore; where they are now. Nothing is deleted."""
    place = to or folder()
    with _alone(place):
        if not (place / "checkpoint").exists():
            return None
        size, root = standing_in(place)
        aside = place / f"before-{size}-{root.hex()[:16]}"
        aside.mkdir(exist_ok=True)
        for name in ("checkpoint", "cosigned", "vkey", "tile"):
            if (place / name).exists():
                (place / name).replace(aside / name)
    _done.clear()
    return aside


def published_size(place: Path | None = None) -> int:
    """How many leaves the public files show."""
    try:
        return standing_in(place or folder())[0]
    except CannotExport:
        return 0


def _mark(using: str) -> Mark:
    """What the newest public files would show: number and root of the checkpoint, the last cosignature. One query."""
    last = Cosignature.objects.using(using).order_by("-pk").values("pk")[:1]
    row = Checkpoint.objects.using(using).order_by("-number").values_list("number", "root", Subquery(last)).first()
    return (row[0], bytes(row[1]), row[2] or 0) if row else (0, b"", 0)


def _target(there: int, using: str) -> Checkpoint | None:
    """The checkpoint to show next: the newest one within reach, else the next."""
    rows = Checkpoint.objects.using(using)
    reach = rows.filter(size__gte=there, size__lte=there + AT_ONCE).order_by("-size").first()
    return reach or rows.filter(size__gt=there).order_by("size").first()


def _write_cosigned(place: Path, size: int, using: str) -> None:
    """The newest checkpoint that somebody outside has countersigned, beside the newest of all."""
    last = Cosignature.objects.using(using).filter(checkpoint__size__lte=size).order_by("-checkpoint_id").first()
    if last is not None:
        standing = Checkpoint.objects.using(using).prefetch_related("cosignatures").get(pk=last.checkpoint_id)
        write(place / "cosigned", note_with_cosignatures(standing).encode())


@contextmanager
def _alone(place: Path) -> Iterator[bool]:
    """Whether this process is the one that publishes now."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
