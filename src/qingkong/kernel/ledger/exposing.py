"""The window: what whoever holds the server's key could still rewrite, because no outside body has seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Subquery

from qingkong.kernel.ledger import tree
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Entry, Pending


@dataclass(frozen=True, slots=True)
class Exposure:
    """`entries` no cosigner has seen, the oldest of them entered `oldest_at`. Sizes count leaves of the tree."""

    entries: int
    oldest_at: datetime | None
    pending: int
    size: int
    signed_size: int
    cosigned_size: int
    cosigned_at: datetime | None
    age: timedelta

    @property
    def open(self) -> bool:
        return self.entries > 0


def exposure(at: datetime, *, using: str = "default") -> Exposure:
    """What isn't cosigned at `at`: how many entries, the oldest, and for how long it has been so. Four short queries."""
    newest = Cosignature.objects.using(using).order_by("-checkpoint_id")
    row = (
        Checkpoint.objects.using(using)
        .order_by("-number")
        .annotate(
            seen=Subquery(newest.values("checkpoint__size")[:1]), seen_at=Subquery(newest.values("signed_at")[:1])
        )
        .values_list("size", "seen", "seen_at")
        .first()
    )
    signed, seen, cosigned_at = row or (0, None, None)
    cosigned = seen or 0
    size, pending = tree.size(using), Pending.objects.using(using).count()
    oldest_at = _oldest(cosigned, size, using) if size + pending > cosigned else None
    return Exposure(
        entries=max(size - cosigned, 0) + pending,
        oldest_at=oldest_at,
        pending=pending,
        size=size,
        signed_size=signed,
        cosigned_size=cosigned,
        cosigned_at=cosigned_at,
        age=max(at - oldest_at, timedelta(0)) if oldest_at else timedelta(0),
    )


def _oldest(cosigned: int, size: int, using: str) -> datetime | None:
    """When the first entry that isn't cosigned was entered: leaves stand in the order of entering."""
    entries = Entry.objects.using(using)
    if size > cosigned:
        return entries.filter(leaf__sequence=cosigned).values_list("at", flat=True).first()
    return entries.filter(pending__isnull=False).aggregate(at=Min("at"))["at"]
