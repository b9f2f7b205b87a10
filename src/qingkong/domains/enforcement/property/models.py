"""Tables of property. What must always hold is a constraint or a trigger here; what depends on the moment is in `rules`.

Two promises stand in the database itself (migration 0002): an officer of the case never keeps its exhibits, and a
movement, once written, never changes and never goes.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField
from qingkong.kernel.records import Record, RecordSet, choices
from qingkong.kernel.text import Sentence

OPEN = Q(state__in=[state.value for state in rules.OPEN])
NEVER = models.PROTECT


def way_label(way: dispositions.Disposition) -> str:
    """A disposition in the reader's language."""
    return way.label_en if (get_language() or "").startswith("en") else way.label


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


class Handback(Record):
    """One hand-over of things to a person, against a signed list (发还清单)."""

    number = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey("cases.Case", on_delete=NEVER, related_name="handbacks")
    unit = models.ForeignKey("identity.Unit", on_delete=NEVER, related_name="+")
    receiver = models.ForeignKey(PropertyPerson, on_delete=models.SET_NULL, null=True, related_name="+")
    on_behalf = models.BooleanField(default=False)  # somebody whom the owner authorised in writing
    handed_at = models.DateTimeField()
    officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+")
    officer_name = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        return self.case.number


class ExhibitSet(RecordSet):
    def open(self) -> "ExhibitSet":
        return self.filter(OPEN)


class Exhibit(Record):
    """A thing seized or registered in a case, from taking to its end. One thing, one number, one code."""

    number = models.CharField(max_length=16, unique=True)
    external_number = models.CharField(max_length=64, null=True, unique=True)  # its number in 警综平台
    case = models.ForeignKey("cases.Case", on_delete=NEVER, related_name="exhibits")
    unit = models.ForeignKey("identity.Unit", on_delete=NEVER, related_name="+", db_index=False)
    seizure_list = models.ForeignKey(SeizureList, on_delete=NEVER, null=True, related_name="exhibits")
    position = models.PositiveSmallIntegerField(default=1)  # on its list
    means = models.CharField(max_length=12, choices=choices(rules.Means))
    kind = models.CharField(max_length=12, choices=choices(rules.Kind))
    name = models.CharField(max_length=60)
    features = models.CharField(max_length=300, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    measure = models.CharField(max_length=8)  # 件, 辆, 元, 克
    value_fen = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, choices=choices(rules.State))
    place_kept = models.CharField(max_length=80, blank=True)
    seized_at = models.DateTimeField()  # registered at, where nothing was seized
    first_officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+", db_index=False)
    second_officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+", db_index=False)
    holder = models.ForeignKey(PropertyPerson, on_delete=models.SET_NULL, null=True, related_name="+")
    offered_at = models.DateTimeField(null=True)
    room = models.ForeignKey("identity.Unit", on_delete=NEVER, null=True, related_name="+", db_index=False)
    custodian = models.ForeignKey("identity.Officer", on_delete=NEVER, null=True, related_name="+", db_index=False)
    custodian_name = models.CharField(max_length=40, blank=True)
    accepted_at = models.DateTimeField(null=True)
    photographed_at = models.DateTimeField(null=True)
    disposition = models.CharField(max_length=12, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("identity.Officer", on_delete=NEVER, null=True, related_name="+", db_index=False)
    decided_by_name = models.CharField(max_length=40, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)
    handback = models.ForeignKey(Handback, on_delete=NEVER, null=True, related_name="exhibits")

    objects = ExhibitSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="exhibit_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(value_fen=None) | Q(value_fen__gte=0), name="exhibit_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(custodian=None) | ~Q(custodian=F("first_officer")) & ~Q(custodian=F("second_officer")),
                name="custodian_did_not_seize",
            ),
            models.CheckConstraint(
                condition=Q(means="registered", seizure_list=None)
                | ~Q(means="registered") & Q(seizure_list__isnull=False),
                name="seized_thing_stands_on_a_list",
            ),
            models.CheckConstraint(
                condition=~Q(state="kept") | Q(custodian__isnull=False, accepted_at__isnull=False),
                name="kept_thing_has_a_custodian",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__gte=F("seized_at")), name="exhibit_accepted_after_taken"
            ),
            models.CheckConstraint(
                condition=Q(disposition="", decided_at=None, decided_by=None)
                | ~Q(disposition="") & Q(decided_at__gte=F("seized_at"), decided_by__isnull=False),
                name="exhibit_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=OPEN & Q(ended_at=None) | ~OPEN & Q(ended_at__isnull=False) & ~Q(disposition=""),
                name="ended_exhibit_was_decided",
            ),
        ]
        indexes = [
            models.Index("case", "number", name="exhibit_by_case"),
            models.Index("unit", "seized_at", "id", name="exhibit_by_unit"),
            models.Index(fields=["room", "state", "number"], name="exhibit_by_room"),
            models.Index(fields=["unit", "number"], condition=OPEN, name="open_exhibit_by_unit"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def amount(self) -> str:
        """Quantity as people write it: 1 根, 12.5 克."""
        return f"{self.quantity.normalize():f} {self.measure}"

    @property
    def state_label(self) -> Sentence:
        return rules.State(self.state).label

    @property
    def means_label(self) -> Sentence:
        return rules.Means(self.means).label

    @property
    def kind_label(self) -> Sentence:
        return rules.Kind(self.kind).label

    @property
    def is_open(self) -> bool:
        return rules.State(self.state) in rules.OPEN

    @property
    def way(self) -> dispositions.Disposition | None:
        return dispositions.table().get(self.disposition)

    @property
    def way_label(self) -> str:
        """The decided disposition in the reader's language, or nothing."""
        return way_label(self.way) if self.way else ""

    def move(self, move: rules.Move, **changes: object) -> rules.State:
        """Take a move that the rules allow, with the columns it fills; the state it came from."""
        before = rules.State(self.state)
        self.state = rules.MOVES[before, move].value
        self.change(state=self.state, **changes)
        return before

    def change(self, **changes: object) -> None:
        """Fill columns and save exactly these."""
        for column, value in changes.items():
            setattr(self, column, value)
        self.save(update_fields=list(changes))


class Movement(Record):
    """One line of an exhibit's history: who, when, why, from which state to which. Never changed."""

    exhibit = models.ForeignKey(Exhibit, on_delete=NEVER, related_name="movements")
    move = models.CharField(max_length=12, choices=choices(rules.Move))
    at = models.DateTimeField()
    officer = models.ForeignKey("identity.Officer", on_delete=NEVER, null=True, related_name="+", db_index=False)
    officer_name = models.CharField(max_length=40)
    post = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=500, blank=True)
    state_before = models.CharField(max_length=12, blank=True)
    state_after = models.CharField(max_length=12, choices=choices(rules.State))
    place = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index("exhibit", "at", "id", name="movement_by_exhibit")]

    @property
    def move_label(self) -> Sentence:
        return rules.Move(self.move).label
