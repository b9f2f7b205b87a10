from typing import Any

from django.db import models
from django.db.models import Q

from qingkong.domains.enforcement.evidence import rules
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField
from qingkong.kernel.records import Record, RecordSet, choices
from qingkong.kernel.text import zh

QUARANTINED = zh("隔离的文件")
BY_SYSTEM = zh("系统导入")


class EvidenceSet(RecordSet):
    def latest_first(self) -> "EvidenceSet":
        return self.order_by("-received_at", "-id")

    def with_links(self) -> "EvidenceSet":
        return self.select_related("call", "case", "unit")


class EvidenceItem(Personal):
    """A registered file: an original in the vault, what it belongs to, where it came from. A trigger keeps it."""

    number = models.CharField(max_length=16, unique=True)
    original = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")
    size = models.PositiveBigIntegerField()  # bytes
    content_type = models.CharField(max_length=100)  # found in the content
    kind = models.CharField(max_length=8, choices=choices(rules.Kind))
    state = models.CharField(max_length=11, choices=choices(rules.State))
    quarantined_for = models.CharField(max_length=20, blank=True)  # the ending its name had: ".jpg"; "." for none
    declared_name = SealedTextField(blank=True)  # file names carry people's names
    note = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=11, choices=choices(rules.Source))
    device = models.CharField(max_length=40, blank=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, null=True, related_name="+")
    call_number = models.CharField(max_length=20, blank=True)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")
    case_number = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    registered_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    registered_by_name = models.CharField(max_length=40)
    received_at = models.DateTimeField()  # known; what the file claims stands in its Reading

    look_permission = "evidence.look"
    already = False  # set on what registering found standing
    objects = EvidenceSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(call=None) | ~Q(case=None), name="evidence_belongs_somewhere"),
            models.CheckConstraint(
                condition=Q(call=None, call_number="") | (~Q(call=None) & ~Q(call_number="")),
                name="evidence_call_number",
            ),
            models.CheckConstraint(
                condition=Q(case=None, case_number="") | (~Q(case=None) & ~Q(case_number="")),
                name="evidence_case_number",
            ),
            models.CheckConstraint(
                condition=Q(state="kept", quarantined_for="") | (Q(state="quarantined") & ~Q(quarantined_for="")),
                name="quarantine_has_a_reason",
            ),
            models.UniqueConstraint("original", "call", condition=~Q(call=None), name="content_once_a_call"),
            models.UniqueConstraint("original", "case", condition=~Q(case=None), name="content_once_a_case"),
        ]
        indexes = [
            models.Index("unit", "received_at", "id", name="evidence_by_unit"),
            models.Index("registered_by", "received_at", "id", name="evidence_by_officer"),
            models.Index("received_at", "id", name="evidence_latest"),
            models.Index("call_number", name="evidence_of_call_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        return self.case_number or self.call_number

    @property
    def kind_label(self) -> Any:
        return rules.Kind(self.kind).label

    @property
    def state_label(self) -> Any:
        return rules.State(self.state).label

    @property
    def source_label(self) -> Any:
        return rules.Source(self.source).label

    @property
    def title(self) -> Any:
        """What the page is headed with: the note, or what it is."""
        return self.note or (QUARANTINED if self.is_quarantined else self.kind_label)

    @property
    def registrar(self) -> Any:
        return self.registered_by_name if self.registered_by_id else BY_SYSTEM

    @property
    def is_quarantined(self) -> bool:
        return self.state == rules.State.QUARANTINED

    @property
    def reason(self) -> Any:
        """Why it is quarantined, in the reader's language."""
        return rules.judge(self.quarantined_for, self.content_type).reason if self.is_quarantined else None

    def join_case(self, case: Any, *, kept: dict[str, object]) -> None:
        self.case, self.case_number = case, case.number
        for column, value in kept.items():
            setattr(self, column, value)
        self.save(update_fields=["case", "case_number", *kept])


class Reading(Record):
    """What a file says about itself. Claimed by whoever made the file, never known."""

    item = models.OneToOneField(EvidenceItem, on_delete=models.CASCADE, related_name="reading")
    claimed_at = models.DateTimeField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveBigIntegerField(null=True)
    codecs = models.CharField(max_length=80, blank=True)  # "prores pcm_s16le"
    read_at = models.DateTimeField()
    read_with = models.CharField(max_length=60)

    @property
    def duration(self) -> str:
        """As players show it: 0:07, 1:02:30."""
        seconds = round((self.duration_ms or 0) / 1000)
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


class Derivative(Record):
    """Something made from an original, that names its parent; or the reason why it couldn't be made."""

    item = models.ForeignKey(EvidenceItem, on_delete=models.CASCADE, related_name="derivatives")
    kind = models.CharField(max_length=9, choices=choices(rules.DerivativeKind))
    parent_sha256 = models.CharField(max_length=64)
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, null=True, related_name="+")
    content_type = models.CharField(max_length=40, blank=True)
    why_not = models.CharField(max_length=10, blank=True, choices=choices(rules.WhyNot))
    made_at = models.DateTimeField()
    made_with = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint("item", "kind", name="one_derivative_a_kind"),
            models.CheckConstraint(
                condition=Q(blob=None) & ~Q(why_not="") | ~Q(blob=None) & Q(why_not=""), name="derivative_or_reason"
            ),
        ]

    @property
    def thread(self) -> str:
        return self.item.thread

    @property
    def kind_label(self) -> Any:
        return rules.DerivativeKind(self.kind).label

    @property
    def why(self) -> Any:
        return rules.WhyNot(self.why_not).label if self.why_not else ""
