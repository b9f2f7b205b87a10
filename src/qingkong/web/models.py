"""The answers to submits, so that a repeated one is answered and not done again; uploads on their way."""

from django.db import models
from django.http import HttpResponse

from qingkong.kernel.records import Record
from qingkong.web.uploads.models import Upload  # noqa: F401  found here by Django


class Answered(Record):
    """A submit that was carried out. Written in the transaction of what it did; goes after a day."""

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("actor", "key", name="one_answer_a_key")]

    def keep(self, response: HttpResponse) -> None:
        """Keep the answer beside the key."""
        self.status = response.status_code
        self.location = response.headers.get("Location", "") or response.headers.get("HX-Redirect", "")
        self.content_type = response.headers.get("Content-Type", "")
        self.body = response.content.decode() if self.status in (200, 201, 202) else ""
        self.save(force_update=True)
