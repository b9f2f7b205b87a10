from django.db import models
from django.db.models import F, Q

from qingkong.domains.enforcement.cases.models.cases import Case, Party
from qingkong.domains.enforcement.cases.rules import deciding, states
from qingkong.domains.enforcement.cases.rules.matters import ServiceWay
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedTextField
from qingkong.kernel.records import Record, choices

MADE = sorted(states.MADE)


class PenaltyColumns(Personal):
    """The columns of a penalty. Money in fen, detention in days."""

    warning = models.BooleanField(default=False)
    fine_fen = models.PositiveBigIntegerField(default=0)
    detention_days = models.PositiveSmallIntegerField(default=0)
    revoke = models.BooleanField(default=False)
    shut = models.BooleanField(default=False)

    look_permission = "cases.look"

    class Meta:
        abstract = True

    @property
    def penalty(self) -> deciding.Penalty:
        return deciding.Penalty(self.warning, self.fine_fen, self.detention_days, self.revoke, self.shut)


class Decision(PenaltyColumns):
    """What is to be decided about one party: proposed, told, reviewed, approved, decided, served, executed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="decisions")
    penal = models.BooleanField()  # False: no penalty
    no_penalty_ground = models.CharField(max_length=60, blank=True)
    basis = models.CharField(max_length=120)
    reasons = SealedTextField()
    state = models.CharField(
        max_length=14, choices=choices(states.DecisionState), default=states.DecisionState.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, related_name="+")
    proposed_by_name = models.CharField(max_length=40)
    returned_why = models.CharField(max_length=400, blank=True)

    # What was last told to the party, copied here so that the database itself refuses a heavier decision.
    told_at = models.DateTimeField(null=True)
    told_fine_fen = models.PositiveBigIntegerField(default=0)
    told_detention_days = models.PositiveSmallIntegerField(default=0)

    asked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=40, blank=True)
    decided_by_post = models.CharField(max_length=20, blank=True)
    power = models.CharField(max_length=120, blank=True)  # ids of the rows that carried it
    up_to_fen = models.PositiveBigIntegerField(null=True)  # the limit of that power, null where there is none
    number = models.CharField(max_length=60, null=True, unique=True)
    lead = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    second = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    legal = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("party", condition=~Q(state="dropped"), name="one_decision_a_party"),
            models.CheckConstraint(
                condition=~Q(state__in=MADE)
                | Q(decided_at__isnull=False, decided_by__isnull=False, number__isnull=False),
                name="a_made_decision_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=F("lead")) & ~Q(decided_by=F("second")) & ~Q(decided_by=F("legal"))),
                name="who_acts_or_checks_doesnt_decide",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(penal=False) | Q(told_at__isnull=False, told_at__lte=F("decided_at")),
                name="told_before_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None)
                | Q(penal=False)
                | Q(detention_days__lte=F("told_detention_days"))
                & (Q(fine_fen__lte=F("told_fine_fen")) | Q(detention_days=0, told_detention_days__gt=0)),
                name="no_heavier_than_told",
            ),
            models.CheckConstraint(
                condition=Q(up_to_fen=None) | Q(fine_fen__lte=F("up_to_fen")), name="fine_within_power"
            ),
            models.CheckConstraint(
                condition=Q(penal=True) | (Q(fine_fen=0, detention_days=0) & ~Q(no_penalty_ground="")),
                name="no_penalty_has_its_ground",
            ),
        ]
        indexes = [models.Index("state", "id", name="decision_by_state")]

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def sealed_under(self) -> str:
        return f"cases.case:{self.case_id}"

    @property
    def unit_id(self) -> object:
        return self.case.unit_id

    @property
    def state_label(self) -> object:
        return self.state_member.label

    @property
    def state_member(self) -> states.DecisionState:
        return states.DecisionState(self.state)


class Notice(PenaltyColumns):
    """The notice before a decision: what was told, what the party said, whether a hearing is wanted (§112, §117)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="notices")
    told_at = models.DateTimeField()
    told_by_name = models.CharField(max_length=40)
    guardian_told = models.BooleanField(default=False)
    new_facts = models.CharField(max_length=400, blank=True)  # why a heavier penalty is told again
    hearing_right = models.BooleanField(default=False)
    hearing_until = models.DateTimeField(null=True)
    statement = SealedTextField(blank=True)
    stated_at = models.DateTimeField(null=True)
    defended = models.BooleanField(default=False)
    defence_answer = SealedTextField(blank=True)
    defence_answered = models.BooleanField(default=False)
    defence_accepted = models.BooleanField(default=False)
    hearing_asked_at = models.DateTimeField(null=True)
    hearing_given_up_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(heard_at=None) | Q(hearing_asked_at__isnull=False), name="heard_only_when_asked"
            ),
            models.CheckConstraint(
                condition=Q(hearing_right=False) | Q(hearing_until__isnull=False), name="hearing_right_has_its_end"
            ),
        ]

    @property
    def thread(self) -> str:
        return self.decision.case.number

    @property
    def sealed_under(self) -> str:
        return f"cases.case:{self.decision.case_id}"


class LegalReview(Record):
    """The legal review before a decision (§114). The reviewer neither handles nor approves the case."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    grounds = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True, related_name="+")
    reviewer_name = models.CharField(max_length=40, blank=True)
    passed = models.BooleanField(null=True)
    opinion = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("decision", condition=Q(reviewed_at=None), name="one_open_review"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None) | Q(reviewer__isnull=False, passed__isnull=False),
                name="a_review_says_who_and_what",
            ),
        ]


class Service(Record):
    """A decision handed to the punished party or to the victim (§116)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="services")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    served_at = models.DateTimeField()
    served_by_name = models.CharField(max_length=40)
    way = models.CharField(max_length=12, choices=choices(ServiceWay))
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("decision", "party", name="one_service_a_party")]

    @property
    def way_label(self) -> object:
        return ServiceWay(self.way).label


class Execution(Record):
    """How a decision was carried out, or why it can't be or needn't be (程序规定 §258(3), (5))."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="execution")
    executed_at = models.DateTimeField()
    executed_by_name = models.CharField(max_length=40)
    executable = models.BooleanField(default=True)
    note = models.CharField(max_length=300)
