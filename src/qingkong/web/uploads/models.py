"""One table: uploads that are on their way, or whole and waiting to be registered."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField, unseal
from qingkong.kernel.records import choices
from qingkong.kernel.text import Labelled, zh


class State(Labelled):
    OPEN = "open", zh("正在上传")
    WHOLE = "whole", zh("已收全")
    USED = "used", zh("已登记")
    ENDED = "ended", zh("已取消")


class Upload(Personal):
    """A file that comes in pieces. Its bytes lie beside the vault; this says how many of them are safe, and whose it is."""

    actor = models.CharField(max_length=80)  # "officer:<id>:<unit id>"; for all others it isn't there
    use = models.CharField(max_length=20)
    reference = models.CharField(max_length=20)
    length = models.PositiveBigIntegerField()  # bytes promised
    received = models.PositiveBigIntegerField(default=0)  # bytes on the disk for certain
    machine_start = models.CharField(max_length=40, blank=True)  # in which the bytes beyond `received` were written
    tail_counts = models.BooleanField(default=True)  # False while a piece is written whose digest isn't checked yet
    promised_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # found when whole
    metadata = SealedTextField(blank=True)  # as sent: file names carry people's names
    state = models.CharField(max_length=5, choices=choices(State), default=State.OPEN)
    became = models.CharField(max_length=120, blank=True)  # subject key of what it was registered as
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "web"
        constraints = [
            models.CheckConstraint(condition=Q(received__lte=F("length")), name="upload_not_over_its_length"),
            models.CheckConstraint(condition=Q(length__gt=0), name="upload_not_empty"),
            models.CheckConstraint(
                condition=~Q(state="whole") | (Q(received=F("length")) & ~Q(sha256="")), name="whole_upload_is_hashed"
            ),
        ]
        indexes = [
            models.Index("actor", "begun_at", name="uploads_of_actor"),
            models.Index("expires_at", name="uploads_by_expiry"),
        ]

    @property
    def key(self) -> UUID:
        return self.pk

    @property
    def told(self) -> str:
        """The metadata as its sender wrote it: handed back to them alone, which is no look at anybody."""
        sealed = self.metadata and self.__dict__["metadata"]
        return unseal(sealed, self, "metadata") if sealed else ""

    def is_over(self, at: datetime) -> bool:
        return self.state in (State.USED, State.ENDED) or at >= self.expires_at
