from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from qingkong.domains.enforcement.cases.rules import states, teams
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.kernel.access.models import Personal
from qingkong.kernel.access.sealed import SealedDigestField, SealedTextField
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.records import Record, choices
from qingkong.kernel.text import zh

NUMBERED = zh("{role}{ordinal}")


class Series(Record):
    """Cases joined by one pattern (串并案). Each keeps its own number."""

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=60)
    pattern = models.CharField(max_length=400, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by_name = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index("opened_at", "id", name="series_by_opening")]

    @property
    def thread(self) -> str:
        return self.number

    def __str__(self) -> str:
        return self.number


class Case(Record):
    """An administrative or a criminal case. Its title names a place and an act, and nobody."""

    number = models.CharField(max_length=20, unique=True)
    external_number = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=14, choices=choices(states.CaseKind))
    public_order = models.BooleanField(
        default=True
    )  # 治安案件: its clock is another than of other administrative cases
    title = models.CharField(max_length=80)
    offence = models.CharField(max_length=60)
    division_code = models.CharField(max_length=12, blank=True)
    place_text = models.CharField(max_length=200, blank=True)
    place_name = models.CharField(max_length=80, blank=True)  # as places named it then; found by two characters
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=14, choices=choices(states.CaseState), default=states.CaseState.INVESTIGATING)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="cases")
    converted_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="converted_to")
    call_number = models.CharField(max_length=20, blank=True)

    filed_at = models.DateTimeField()
    filed_by_name = models.CharField(max_length=40)
    asked_by_name = models.CharField(max_length=40, blank=True)
    public_interest = models.BooleanField(default=False)  # 治安管理处罚法 §114(1)1
    complex = models.BooleanField(default=False)  # §114(1)3
    victim_told_at = models.DateTimeField(null=True)  # offender unknown: 行政案件程序规定 §165

    ended_at = models.DateTimeField(null=True)  # end of investigation
    ended_by_name = models.CharField(max_length=40, blank=True)
    over_at = models.DateTimeField(null=True)  # closed, stopped, prosecuted, withdrawn or transferred
    over_by_name = models.CharField(max_length=40, blank=True)
    over_ground = models.CharField(max_length=60, blank=True)
    over_note = models.CharField(max_length=400, blank=True)

    look_permission = "cases.look"

    class Meta:
        indexes = [
            models.Index("filed_at", "id", name="case_by_time"),
            models.Index("unit", "filed_at", "id", name="case_of_unit"),
            models.Index("unit", "state", "filed_at", "id", name="case_of_unit_by_state"),
            models.Index("state", "filed_at", "id", name="case_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["investigating", "ended"]) | Q(over_at__isnull=False),
                name="a_case_that_is_over_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closed", "stopped", "withdrawn"]) | ~Q(over_ground=""),
                name="a_case_ends_on_a_ground",
            ),
            models.CheckConstraint(
                condition=~Q(kind="criminal") | ~Q(state__in=["closed", "stopped"]),
                name="a_criminal_case_is_never_just_closed",
            ),
            models.CheckConstraint(
                condition=~Q(kind="administrative") | ~Q(state__in=["ended", "prosecuted", "withdrawn"]),
                name="an_administrative_case_isnt_prosecuted",
            ),
            models.CheckConstraint(condition=Q(over_at=None) | Q(over_at__gte=F("filed_at")), name="over_after_filed"),
        ]

    @property
    def thread(self) -> str:
        return self.number

    @cached_property
    def threads(self) -> list[str]:
        """The numbers it grew out of: its call's and its reports'. Their gates and clocks are shown with its own."""
        return [self.call_number, *(report.number for report in self.reports.all())]

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN_CASE

    @property
    def is_criminal(self) -> bool:
        return self.kind == states.CaseKind.CRIMINAL

    @property
    def kind_label(self) -> object:
        return states.CaseKind(self.kind).label

    @property
    def state_label(self) -> object:
        return states.stage_label(states.CaseKind(self.kind), states.CaseState(self.state))

    @property
    def team(self) -> "list[TeamMember]":
        """Who is in the team now: lead, second, legal officer. Reads the prefetched members where there are."""
        order = list(teams.TeamRole)
        open_ones = [member for member in self.members.all() if member.until_at is None]
        return sorted(open_ones, key=lambda member: order.index(teams.TeamRole(member.role)))

    def member_ids(self) -> set[object]:
        return {member.officer_id for member in self.team}

    def __str__(self) -> str:
        return self.number


class TeamMember(Record):
    """An officer in a role of a case's team, from, to; name and post as they were."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    officer = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, related_name="+")
    officer_name = models.CharField(max_length=40)
    post = models.CharField(max_length=20, choices=choices(Post))
    role = models.CharField(max_length=8, choices=choices(teams.TeamRole))
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("case", "role", condition=Q(until_at=None), name="one_open_member_a_role"),
            models.UniqueConstraint("case", "officer", condition=Q(until_at=None), name="one_open_role_an_officer"),
            models.CheckConstraint(
                condition=Q(role="legal", post__in=sorted(teams.CHECKERS))
                | Q(role__in=["lead", "second"], post__in=sorted(HANDLING)),
                name="posts_that_handle_or_check",
            ),
            models.CheckConstraint(condition=Q(until_at=None) | Q(until_at__gte=F("since_at")), name="member_until"),
        ]
        indexes = [models.Index("officer", "until_at", name="cases_of_member")]

    @property
    def role_label(self) -> object:
        return teams.TeamRole(self.role).label


class Party(Personal):
    """A person in one case, in one role. Sealed under the case; says nothing about any other case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=8, choices=choices(PartyRole))
    ordinal = models.PositiveSmallIntegerField()
    name = SealedTextField(blank=True)
    phone = SealedTextField(blank=True)
    phone_digest = SealedDigestField(of="phone", kind="phone")
    id_number = SealedTextField(blank=True)
    id_digest = SealedDigestField(of="id_number", kind="id_number")
    address = SealedTextField(blank=True)
    under_18 = models.BooleanField(default=False)  # asks for a guardian: 治安管理处罚法 §98, §112
    guardian_name = SealedTextField(blank=True)
    guardian_phone = SealedTextField(blank=True)
    external_number = models.CharField(max_length=40, blank=True)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # investigation against this suspect was terminated
    ended_ground = models.CharField(max_length=60, blank=True)

    look_permission = "cases.look"

    class Meta:
        constraints = [
            models.UniqueConstraint("case", "role", "ordinal", name="one_ordinal_a_role"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | (Q(role="suspect") & ~Q(ended_ground="")),
                name="termination_has_its_ground",
            ),
        ]

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def sealed_under(self) -> str:
        return f"cases.case:{self.case_id}"

    @property
    def role_label(self) -> object:
        return PartyRole(self.role).label

    def __str__(self) -> str:
        return str(NUMBERED.fill(role=PartyRole(self.role).label, ordinal=self.ordinal))


class Mediation(Personal):
    """An agreement between the parties of a public-order case, and whether it was performed (§9)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="mediation")
    agreed_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    terms = SealedTextField(blank=True)
    performed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(performed_at=None) | Q(failed_at=None), name="mediation_performed_or_failed"
            ),
        ]

    look_permission = "cases.look"

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def sealed_under(self) -> str:
        return f"cases.case:{self.case_id}"


class TitleGram(models.Model):
    """Two neighbouring characters of the title of a case filed at a moment: the index behind finding by title.

    It names a moment and not a case, so that a row is small and the newest come first by the index alone.
    A title names nobody, so neither does this.
    """

    gram = models.CharField(max_length=2)
    moment = models.BigIntegerField()  # microseconds since 1970-01-01 UTC, of Case.filed_at

    class Meta:
        constraints = [models.UniqueConstraint("gram", "moment", name="one_row_a_gram_and_case_moment")]
