"""Checks as they are in force, findings, and which steps were passed."""

from django.db import models
from django.db.models import F, Q

from qingkong.kernel.gates.checks import Gate
from qingkong.kernel.records import Record, choices
from qingkong.kernel.text import Labelled, zh


class FindingState(Labelled):
    OPEN = "open", zh("待处理")
    PUT_RIGHT = "put_right", zh("已改正")
    WAIVED = "waived", zh("经批准放行")
    UPHELD = "upheld", zh("问题成立")


class CheckRow(Record):
    """One version of a check's wording and force. `local`: a county changed it in its own file."""

    check_id = models.CharField(max_length=60)
    gate = models.CharField(max_length=14, choices=choices(Gate))
    steps = models.JSONField()
    sentence = models.CharField(max_length=300)
    how = models.CharField(max_length=300)
    article = models.CharField(max_length=120, blank=True)
    blocks = models.BooleanField()
    waivable_by = models.CharField(max_length=20, blank=True)
    local = models.BooleanField(default=False)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("check_id", "effective_from", name="one_version_a_check_and_day"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="check_ends_after_start"
            ),
        ]


class Finding(Record):
    """A check that failed for a subject. It keeps its words as they were, and ends put right, waived or upheld."""

    check_id = models.CharField(max_length=60)
    gate = models.CharField(max_length=14, choices=choices(Gate))
    step = models.CharField(max_length=60)
    subject_key = models.CharField(max_length=100)
    thread = models.CharField(max_length=40, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True)
    blocks = models.BooleanField()
    sentence = models.CharField(max_length=300)
    detail = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=300)
    article = models.CharField(max_length=120, blank=True)
    waivable_by = models.CharField(max_length=20, blank=True)
    found_at = models.DateTimeField()
    found_by_id = models.UUIDField(null=True)  # whose step it was
    found_by = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=choices(FindingState), default=FindingState.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "subject_key", "check_id", condition=Q(state="open"), name="one_open_finding_a_subject_and_check"
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | ~Q(state="open") & Q(settled_at__isnull=False) & ~Q(reason=""),
                name="a_finding_ends_with_time_and_reason",
            ),
        ]
        indexes = [
            models.Index("subject_key", "state", name="finding_by_subject"),
            models.Index("thread", "state", name="finding_of_thread"),
            models.Index("unit", "found_at", name="finding_open_by_unit", condition=Q(state="open")),
        ]


class Passage(Record):
    """A step that a subject has passed, last time: how many checks it passed there."""

    subject_key = models.CharField(max_length=100)
    thread = models.CharField(max_length=40, blank=True)
    gate = models.CharField(max_length=14, choices=choices(Gate))
    step = models.CharField(max_length=60)
    passed = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("subject_key", "step", "gate", name="one_passage_a_subject_step_and_gate")
        ]
        indexes = [models.Index("thread", name="passage_of_thread")]
