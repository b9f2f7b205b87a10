from django.db import models
from django.db.models import Q

from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.notices.states import State
from qingkong.kernel.records import Record, choices


class Message(Personal):
    """A short message to a phone. The phone is sealed; the text goes once it was sent."""

    look_permission = "notices.deliver"

    to_phone = SealedTextField(max_length=20)
    kind = models.CharField(max_length=60)  # "reports.receipt": for figures, says nothing about anybody
    text = models.TextField(blank=True)
    about = models.CharField(max_length=120)  # subject key
    thread = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, choices=choices(State))
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index("state", "queued_at", name="message_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(sent_at=None) ^ Q(state=State.SENT), name="message_sent_has_time"),
        ]


class InboxLine(Record):
    """A line for one officer, or for a unit (there, optionally, for one post). Read once, by a named reader."""

    officer = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    post = models.CharField(max_length=20, choices=choices(Post), blank=True)
    sentence = models.TextField()  # Chinese source with its gaps
    gaps = models.JSONField(default=dict)
    about = models.CharField(max_length=120)  # subject key
    thread = models.CharField(max_length=60, blank=True)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=40, blank=True)  # the name as it was on the day

    class Meta:
        indexes = [
            models.Index("officer", "told_at", condition=Q(read_at=None), name="unread_of_officer"),
            models.Index("unit", "told_at", condition=Q(read_at=None), name="unread_of_unit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(officer=None) ^ Q(unit=None), name="line_for_officer_or_unit"),
            models.CheckConstraint(condition=Q(post="") | Q(officer=None), name="line_post_only_in_unit"),
            models.CheckConstraint(
                condition=Q(read_at=None, read_by="") | Q(read_at__isnull=False), name="line_reader_has_time"
            ),
        ]
