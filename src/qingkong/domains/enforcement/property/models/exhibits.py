"""The things themselves, their movements, and the lists on which they go back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.domains.enforcement.property.models.taking import NEVER, PropertyPerson, SeizureList
from qingkong.kernel.records import Record, RecordSet, choices
from qingkong.kernel.text import Sentence

OPEN = Q(state__in=[state.value for state in rules.OPEN])


def way_label(way: dispositions.Disposition) -> str:
    """A disposition in the reader's language."""
    return way.label_en if (get_language() or "").startswith("en") else way.label


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
