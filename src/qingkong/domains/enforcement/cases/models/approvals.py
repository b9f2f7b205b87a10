from django.db import models
from django.db.models import F, Q

from qingkong.domains.enforcement.cases.models.cases import Case
from qingkong.domains.enforcement.cases.models.reports import Report
from qingkong.domains.enforcement.cases.rules.matters import ApprovalState, Matter
from qingkong.kernel.records import Record, choices


class Approval(Record):
    """A case officer asks, the approver named by law approves or returns with reasons."""

    matter = models.CharField(max_length=26, choices=choices(Matter))
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="approvals")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="approvals")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    asks = models.JSONField(default=dict)  # the arguments of the operation; no personal data
    reason = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=choices(ApprovalState), default=ApprovalState.WAITING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=40)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=40, blank=True)
    answer = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(report__isnull=False) | Q(case__isnull=False), name="approval_is_about_something"
            ),
            models.UniqueConstraint("report", condition=Q(state="waiting"), name="one_waiting_approval_a_report"),
            models.UniqueConstraint("case", condition=Q(state="waiting"), name="one_waiting_approval_a_case"),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")), name="nobody_approves_their_own"
            ),
        ]
        indexes = [models.Index("state", "matter", "id", name="approval_by_state")]

    @property
    def thread(self) -> str:
        about = self.case or self.report
        return about.thread if about else ""

    @property
    def matter_label(self) -> object:
        return Matter(self.matter).label

    @property
    def state_label(self) -> object:
        return ApprovalState(self.state).label
