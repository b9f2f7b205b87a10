from django.db import models

from qingkong.kernel.records import Record


class Challenge(Record):
    """Six digits asked of somebody who typed a query code. Made for every code alike, right or wrong."""

    report_id = models.UUIDField(null=True)  # null: nothing fitted, and nobody is told
    digits_digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index("made_at", name="challenge_by_time")]
        constraints = [models.CheckConstraint(condition=models.Q(tries__lte=5), name="five_tries_a_challenge")]
