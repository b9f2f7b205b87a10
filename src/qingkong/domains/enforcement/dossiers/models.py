"""Tables of case files. After the last check has passed, triggers refuse any change to the list (migration 0002)."""

from django.db import models
from django.db.models import F, Q

from qingkong.domains.enforcement.dossiers import rules, tables
from qingkong.kernel.records import Record, RecordSet, choices
from qingkong.kernel.text import Sentence

NEVER = models.PROTECT


class Dossier(Record):
    """The ordered, numbered papers of one case (一案一卷)."""

    case = models.OneToOneField("cases.Case", on_delete=NEVER, related_name="dossier")
    unit = models.ForeignKey("identity.Unit", on_delete=NEVER, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=choices(rules.State), default=rules.State.COMPILING)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey("identity.Officer", on_delete=NEVER, null=True, related_name="+", db_index=False)
    submitted_by_name = models.CharField(max_length=40, blank=True)
    passed_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    catalogue_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["passed", "sealed"], passed_at__isnull=False) & ~Q(catalogue_digest="")
                | ~Q(state__in=["passed", "sealed"]) & Q(passed_at=None, catalogue_digest=""),
                name="passed_dossier_has_its_digest",
            ),
            models.CheckConstraint(
                condition=~Q(state="sealed") & Q(sealed_at=None) | Q(state="sealed", sealed_at__gte=F("passed_at")),
                name="dossier_sealed_after_passed",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="submitted_dossier_names_who",
            ),
        ]
        indexes = [
            models.Index(fields=["submitted_at", "id"], condition=Q(state="submitted"), name="dossier_to_check"),
            models.Index("unit", "opened_at", name="dossier_by_unit"),
        ]

    def __str__(self) -> str:
        return self.case.number

    @property
    def thread(self) -> str:
        return self.case.number

    @property
    def state_label(self) -> Sentence:
        return rules.State(self.state).label

    @property
    def is_frozen(self) -> bool:
        return rules.State(self.state) in rules.FROZEN

    @property
    def is_changeable(self) -> bool:
        return rules.State(self.state) in rules.CHANGEABLE

    def move(self, verb: str, **changes: object) -> None:
        """Take a move that the rules allow, with the columns it fills."""
        self.state = rules.MOVES[rules.State(self.state), verb].value
        for column, value in changes.items():
            setattr(self, column, value)
        self.save(update_fields=["state", *changes])


class DossierPaperSet(RecordSet):
    def inside(self) -> "DossierPaperSet":
        """What is in the file now, in its order."""
        return self.filter(left_out_at=None).order_by("position")


class DossierPaper(Record):
    """One piece in the file: a paper, an evidence item, a scan. Left out, it keeps its row and the reason."""

    dossier = models.ForeignKey(Dossier, on_delete=NEVER, related_name="papers")
    position = models.PositiveIntegerField(null=True)
    title = models.CharField(max_length=160)
    source = models.CharField(max_length=12, choices=choices(rules.Source))
    kind = models.CharField(max_length=40, blank=True)  # kind of paper, for its place in the file
    source_key = models.CharField(max_length=100)  # subject key of what it comes from
    number = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(default=0)  # 0: a medium, kept beside the file
    responsible = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=40)
    left_out_at = models.DateTimeField(null=True)
    left_out_reason = models.CharField(max_length=300, blank=True)

    objects = DossierPaperSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "dossier", "source_key", condition=Q(left_out_at=None), name="a_source_stands_once_in_a_dossier"
            ),
            models.UniqueConstraint("dossier", "position", condition=Q(left_out_at=None), name="one_paper_a_position"),
            models.CheckConstraint(
                condition=Q(left_out_at=None, position__isnull=False)
                | Q(left_out_at__isnull=False, position=None) & ~Q(left_out_reason=""),
                name="left_out_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(added_at__gte=F("made_at")), name="paper_added_after_it_was_made"),
        ]

    def line(self) -> rules.Line:
        return rules.Line(
            position=self.position or 0,
            title=self.title,
            source=self.source,
            number=self.number,
            sha256=self.sha256,
            made_at=self.made_at,
            pages=self.pages,
            responsible=self.responsible,
        )

    def leave_out(self, *, at: object, reason: str) -> None:
        self.left_out_at, self.left_out_reason, self.position = at, reason, None
        self.save(update_fields=["left_out_at", "left_out_reason", "position"])


class LastCheck(Record):
    """One check by the legal officer of the team, on six points. Never changed."""

    dossier = models.ForeignKey(Dossier, on_delete=NEVER, related_name="checks")
    round = models.PositiveSmallIntegerField()
    officer = models.ForeignKey("identity.Officer", on_delete=NEVER, related_name="+", db_index=False)
    officer_name = models.CharField(max_length=40)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=choices(rules.Outcome))
    verdicts = models.JSONField()  # point → verdict
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("dossier", "round", name="one_check_a_round")]

    @property
    def outcome_label(self) -> Sentence:
        return rules.Outcome(self.outcome).label


class ReturnedPoint(Record):
    """One thing a return names, what it asks for, and how it was answered."""

    check_made = models.ForeignKey(LastCheck, on_delete=NEVER, related_name="faults")
    point = models.CharField(max_length=12)
    paper = models.ForeignKey(DossierPaper, on_delete=NEVER, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=500)
    ask = models.CharField(max_length=12, choices=choices(rules.ReturnAsk))
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    answer_paper = models.ForeignKey(DossierPaper, on_delete=NEVER, null=True, related_name="+", db_index=False)
    words = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            # a third ask, "add it", must not even be storable
            models.CheckConstraint(condition=Q(ask__in=["repeat", "explanation"]), name="return_never_asks_to_add"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer_paper=None)
                | Q(answered_at__isnull=False, answer_paper__isnull=False),
                name="answer_points_to_a_paper",
            ),
        ]

    @property
    def ask_label(self) -> Sentence:
        return rules.ReturnAsk(self.ask).label

    @property
    def point_said(self) -> tables.Point:
        return tables.points()[self.point]

    def answer(self, *, at: object, name: str, paper: DossierPaper, words: str) -> None:
        self.answered_at, self.answered_by_name, self.answer_paper, self.words = at, name, paper, words
        self.save(update_fields=["answered_at", "answered_by_name", "answer_paper", "words"])
