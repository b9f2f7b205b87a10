from django.db import models
from django.db.models.functions import Now


class Announcement(models.Model):
    """A hint for open pages: this subject changed. No content; kept for a day.

    The id is the stream's Last-Event-ID, so it counts up and is never used again.
    """

    topic = models.CharField(max_length=60)
    subject_key = models.CharField(max_length=120)
    unit_id = models.UUIDField(null=True)  # who may hear it: this unit, or every officer
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index("at", name="announcement_by_time")]
