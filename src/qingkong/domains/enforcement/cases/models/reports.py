from django.db import models
from django.db.models import F, Q

from qingkong.domains.enforcement.cases.rules import states
from qingkong.kernel import places
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedDigestField, SealedTextField
from qingkong.kernel.records import choices


class Report(Personal):
    """What somebody reports, registered on the spot, before anyone decides whether it is a case.

    `subject` says in a few words what it is about and names nobody; what the reporter tells is sealed.
    """

    number = models.CharField(max_length=20, unique=True)
    external_number = models.CharField(max_length=40, blank=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="reports")
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=10, choices=choices(states.Way))
    nature = models.CharField(max_length=12, choices=choices(states.Nature))
    state = models.CharField(max_length=12, choices=choices(states.ReportState), default=states.ReportState.REGISTERED)
    subject = models.CharField(max_length=60)
    division_code = models.CharField(max_length=12, blank=True)
    place_text = models.CharField(max_length=200, blank=True)
    account = SealedTextField(blank=True)

    reporter_name = SealedTextField(blank=True)
    reporter_phone = SealedTextField(blank=True)
    reporter_phone_digest = SealedDigestField(of="reporter_phone", kind="phone")
    reporter_id_number = SealedTextField(blank=True)
    reporter_id_digest = SealedDigestField(of="reporter_id_number", kind="id_number")
    is_victim = models.BooleanField(default=False)
    wants_anonymity = models.BooleanField(default=False)  # 行政案件程序规定 §63, 刑事案件程序规定 §173

    reported_at = models.DateTimeField()  # when the person told the police; the call's time where there is one
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    registered_by_name = models.CharField(max_length=40)
    evidence_taken = models.CharField(max_length=200, blank=True)  # what was accepted on the spot; "" is nothing yet
    no_evidence_yet = models.BooleanField(default=False)
    receipt_at = models.DateTimeField(null=True)
    receipt_refused = models.BooleanField(default=False)  # noted on the receipt: 刑事案件程序规定 §171
    code_digest = models.CharField(max_length=64, null=True, unique=True)

    answered_at = models.DateTimeField(null=True)  # declined or transferred
    answer_ground = models.CharField(max_length=60, blank=True)
    answer_note = models.CharField(max_length=400, blank=True)
    sent_to = models.CharField(max_length=80, blank=True)
    answer_served_at = models.DateTimeField(null=True)

    look_permission = "cases.look_report"

    class Meta:
        indexes = [
            models.Index("registered_at", "id", name="report_by_time"),
            models.Index("unit", "state", "registered_at", "id", name="report_of_unit"),
            models.Index("state", "registered_at", "id", name="report_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(registered_at__gte=F("reported_at")), name="registered_after_reported"),
            models.CheckConstraint(
                condition=~Q(state="filed") | Q(case__isnull=False), name="a_filed_report_has_its_case"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["declined", "transferred"]) | Q(answered_at__isnull=False),
                name="an_answered_report_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer_ground=""), name="a_declined_report_has_its_ground"
            ),
        ]

    @property
    def thread(self) -> str:
        return self.case.number if self.case_id and self.case else self.number

    @property
    def is_open(self) -> bool:
        return self.state == states.ReportState.REGISTERED

    @property
    def state_label(self) -> object:
        return states.ReportState(self.state).label

    @property
    def way_label(self) -> object:
        return states.Way(self.way).label

    @property
    def nature_label(self) -> object:
        return states.Nature(self.nature).label

    @property
    def place_name(self) -> str:
        return places.full_name(self.division_code) if self.division_code else ""

    def __str__(self) -> str:
        return self.number
