"""Put pending entries into the tree, then sign what is committed. Safe with any number of processes.

On SQLite it runs right after a commit, at most every PAUSE seconds in one process, so that bulk work isn't
slowed; what waits is taken by the next one or by the tick. On PostgreSQL only the tick does it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from time import monotonic

from django.conf import settings
from django.db import connections, transaction

from qingkong.kernel.ledger import keys, notes, storing, tree
from qingkong.kernel.ledger.models import Checkpoint, Pending, Tile
from qingkong.kernel.ledger.tiling import extend, root_of_edge
from qingkong.kernel.ledger.tree import LedgerBroken

__all__ = ["LedgerBroken", "checkpoint", "deferred", "integrate", "soon"]

BATCH = 8192
ADVISORY = 0x716B6C67  # "qklg": one sequencer a database
PAUSE = 0.2

_last: dict[str, float] = {}
_guard = Lock()


class _Deferring(local):
    depth = 0


_deferring = _Deferring()


def soon(using: str) -> None:
    """Have the tree extended after this transaction commits (SQLite; PostgreSQL waits for the tick)."""
    connection = connections[using]
    if connection.vendor != "sqlite" or _deferring.depth:
        return
    hook = _hooks.setdefault(using, _Hook(using))
    waiting = connection.run_on_commit
    if waiting and waiting[-1][1] is hook:
        return
    transaction.on_commit(hook, using=using, robust=True)


class _Hook:
    def __init__(self, using: str) -> None:
        self.using = using
        self.__qualname__ = f"ledger.integrate[{using}]"

    def __call__(self) -> None:
        if _its_turn(self.using):
            integrate(self.using)


_hooks: dict[str, _Hook] = {}


def _its_turn(using: str) -> bool:
    pause = getattr(settings, "QINGKONG_LEDGER_PAUSE", PAUSE)
    with _guard:
        now = monotonic()
        if now - _last.get(using, -pause) < pause:
            return False
        _last[using] = now
        return True


@contextmanager
def deferred(using: str = "default") -> Iterator[None]:
    """Bulk work: leave the tree alone inside, extend it once at the end."""
    _deferring.depth += 1
    try:
        yield
    finally:
        _deferring.depth -= 1
        if not _deferring.depth:
            if connections[using].in_atomic_block:
                transaction.on_commit(lambda: integrate(using), using=using, robust=True)
            else:
                integrate(using)


def integrate(using: str = "default") -> int:
    """Give every pending entry its leaf, extend the tree, then sign a checkpoint. How many leaves were added.

    Raises RuntimeError inside a transaction (a checkpoint must never cover what may be rolled back),
    LedgerBroken where the tree's tables contradict each other.
    """
    added = 0
    while Pending.objects.using(using).exists():  # asked outside: an idle tick takes no write lock
        with transaction.atomic(using=using, durable=True):
            batch = _integrate_batch(using)
        if not batch:  # another process was faster, or what is pending has lost its entry
            break
        added += batch
    sign(using)
    return added


def checkpoint(using: str = "default") -> Checkpoint | None:
    """Integrate what is pending and return the newest checkpoint; None while the ledger is empty."""
    integrate(using)
    return newest(using)


def newest(using: str = "default") -> Checkpoint | None:
    """The newest checkpoint as it stands."""
    return Checkpoint.objects.using(using).order_by("-number").first()


def _integrate_batch(using: str) -> int:
    _alone(using)
    rows = storing.oldest(BATCH, using)
    if not rows:
        return 0
    size = tree.size(using)
    edge = tree.edge(size, using)
    storing.insert_leaves(size, [entry for _, entry, _ in rows], using)
    changed = extend(edge, [bytes(leaf) for _, _, leaf in rows])
    Tile.objects.using(using).bulk_create(
        [
            Tile(level=place.level, index=place.index, width=len(hashes), hashes=b"".join(hashes))
            for place, hashes in changed.items()
        ]
    )
    storing.drop_outgrown([(place.level, place.index, len(hashes)) for place, hashes in changed.items()], using)
    storing.forget([pending for pending, _, _ in rows], using)
    return len(rows)


def _alone(using: str) -> None:
    """Wait until no other process extends or signs the tree. SQLite's write lock does that by itself."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY])


def sign(using: str = "default") -> Checkpoint | None:
    """Sign the committed tree where no checkpoint covers it yet.

    Raises LedgerBroken, and signs nothing, where the tree isn't a continuation of the last checkpoint.
    """
    if _all_signed(using):
        return None
    with transaction.atomic(using=using, durable=True):
        _alone(using)
        if _all_signed(using):
            return None
        size, last = tree.size(using), newest(using)
        if last and (size < last.size or tree.root(last.size, using) != bytes(last.root)):
            raise LedgerBroken(f"the tree of {size} leaves doesn't continue checkpoint {last.number}")
        root = root_of_edge(tree.edge(size, using))
        note = notes.sign_checkpoint(keys.signer(using), size, root)
        number = last.number + 1 if last else 1
        return Checkpoint.objects.using(using).create(number=number, size=size, root=root, note=note)


def _all_signed(using: str) -> bool:
    last = newest(using)
    return tree.size(using) == (last.size if last else 0)
