from django.db import models
from django.db.models import Q

from qingkong.kernel.papers import registry
from qingkong.kernel.records import Record
from qingkong.kernel.text import Sentence, zh


class Paper(Record):
    """A paper that was issued. Its bytes are in the vault; it is never changed, only followed by another."""

    kind = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    about = models.CharField(max_length=120)  # subject key
    thread = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    issued_at = models.DateTimeField()
    issued_by_id = models.UUIDField(null=True)  # the officer; null where the system issued it
    issued_by = models.CharField(max_length=40)  # the name as it was on the day
    unit_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index("about", "issued_at", name="papers_of_subject"),
            models.Index("thread", "issued_at", name="papers_of_thread"),
            models.Index("number", name="paper_by_number"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="paper_has_number"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="paper_has_digest"),
        ]

    @property
    def title(self) -> Sentence:
        return registry.titles().get(self.kind, zh("文书"))
