from uuid import uuid4

from django.db import models
from django.db.models import Q

from qingkong.domains.trust.satisfaction.rules import COMMENT_LENGTH, About, Grade, Told
from qingkong.kernel.records import Record, Watched, choices


class Invitation(Record):
    """A code that was sent for one closed call or case. Holds the code's keyed hash, never the code."""

    about = models.CharField(max_length=4, choices=choices(About))
    number = models.CharField(max_length=40)  # the call or case number
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    code_digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    expires_on = models.DateField()
    spent_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("about", "number", name="one_invitation_a_number")]
        indexes = [models.Index("issued_at", "unit", name="invitation_by_time")]

    @property
    def thread(self) -> str:
        return self.number


class AnswerColumns(models.Model):
    """What an answer holds: nothing that leads back to a code, an hour or a number.

    Keys are random, not by time.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    about = models.CharField(max_length=4, choices=choices(About))
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    grade = models.CharField(max_length=1, choices=choices(Grade))
    told = models.CharField(max_length=4, choices=choices(Told))
    comment = models.CharField(max_length=COMMENT_LENGTH, blank=True)

    class Meta:
        abstract = True


class WaitingAnswer(AnswerColumns):
    """An answer that nobody can see yet."""


class Answer(Watched, AnswerColumns):
    """An answer released in a batch."""

    released_on = models.DateField()

    class Meta:
        indexes = [models.Index("released_on", "about", "unit", "grade", "told", name="answer_counts")]
        constraints = [models.CheckConstraint(condition=~Q(grade=""), name="answer_has_grade")]
