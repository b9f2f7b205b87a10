"""Who gave it, who approved it, and the list on which it stands."""

from django.db import models
from django.db.models import F, Q

from qingkong.domains.enforcement.property import rules
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField
from qingkong.kernel.records import Record, choices
from qingkong.kernel.text import Sentence

NEVER = models.PROTECT


class PropertyPerson(Personal):
    """Who held a thing, owns it, or attested its seizure; sealed, and opened with a look at the case."""

    case = models.ForeignKey("cases.Case", on_delete=NEVER, related_name="+")
    role = models.CharField(max_length=8, choices=choices(rules.PersonRole))
    name = SealedTextField(max_length=40)
    phone = SealedTextField(max_length=20, blank=True)
    id_number = SealedTextField(max_length=24, blank=True)

    look_permission = "cases.look"

    @property
    def sealed_under(self) -> str:
        return f"cases.case:{self.case_id}"


class SeizureApproval(Record):
    """A request to seize, or to make up the approval of a seizure on the spot, and its answer.

    `event_at` is the instant of the act on the spot; empty where approval is asked beforehand.
    """

    case = models.ForeignKey("cases.Case", on_delete=NEVER, related_name="seizure_approvals")
    unit = models.ForeignKey("identity.Unit", on_delete=NEVER, related_name="+")
    what = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    event_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+")
    asked_by_name = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=choices(rules.ApprovalState), default=rules.ApprovalState.ASKED)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Officer", on_delete=NEVER, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(event_at=None) | Q(answered_at=None) | Q(answered_at__gte=F("event_at")),
                name="approval_never_before_the_event",
            ),
            models.CheckConstraint(
                condition=Q(event_at=None) | Q(asked_at__gte=F("event_at")), name="approval_asked_after_the_event"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at")), name="approval_answered_after_asked"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None, answered_by=None)
                | ~Q(state="asked") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="approval_answer_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["unit", "asked_at"], condition=Q(state="asked"), name="approval_waiting")]

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def state_label(self) -> Sentence:
        return rules.ApprovalState(self.state).label

    def answer(self, *, state: rules.ApprovalState, at: object, officer_id: object, name: str, words: str) -> None:
        self.state, self.answered_at, self.words = state.value, at, words
        self.answered_by_id, self.answered_by_name = officer_id, name
        self.save(update_fields=["state", "answered_at", "answered_by", "answered_by_name", "words"])


class SeizureList(Record):
    """What was taken at one time in one place, by two officers, before holder and witness (扣押清单)."""

    number = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey("cases.Case", on_delete=NEVER, related_name="seizure_lists")
    unit = models.ForeignKey("identity.Unit", on_delete=NEVER, related_name="+")
    on_the_spot = models.BooleanField()
    approval = models.OneToOneField(SeizureApproval, on_delete=NEVER, null=True, related_name="seizure_list")
    approved_before_at = models.DateTimeField(
        null=True
    )  # the prior approval's instant; made-up ones stay in `approval`
    seized_at = models.DateTimeField()
    place_text = models.CharField(max_length=120)
    first_officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+")
    second_officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+")
    first_officer_name = models.CharField(max_length=40)
    second_officer_name = models.CharField(max_length=40)
    holder = models.ForeignKey(PropertyPerson, on_delete=models.SET_NULL, null=True, related_name="+")
    witness = models.ForeignKey(PropertyPerson, on_delete=models.SET_NULL, null=True, related_name="+")
    holder_signature = models.CharField(max_length=8, choices=choices(rules.Signature))
    signature_note = models.CharField(max_length=200, blank=True)
    recording = models.CharField(max_length=40, blank=True)  # evidence number of the full recording

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(first_officer=F("second_officer")), name="seizure_by_two_officers"),
            models.CheckConstraint(
                condition=Q(on_the_spot=True, approved_before_at=None)
                | Q(on_the_spot=False, approved_before_at__isnull=False, approved_before_at__lte=F("seized_at")),
                name="seizure_is_approved_before_or_on_the_spot",
            ),
        ]
        indexes = [models.Index("case", "seized_at", name="seizure_list_by_case")]

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        return self.case.number

    def rest_on(self, approval: SeizureApproval) -> None:
        self.approval = approval
        self.save(update_fields=["approval"])
