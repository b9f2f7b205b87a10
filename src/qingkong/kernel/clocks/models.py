"""Limits as loaded, clocks that run, and what happened to them. The end of a clock is derived, never set."""

from django.db import models
from django.db.models import F, Q

from qingkong.kernel.clocks.limits import Body, Limit, Sure
from qingkong.kernel.clocks.reckoning import Budget, TimeUnit
from qingkong.kernel.records import Record, Watched, choices


class TimeLimit(Record):
    """One version of a limit, as the data file has it. `facts` holds what only the reckoning reads."""

    code = models.CharField(max_length=12)  # the id in the data: XZ-07
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=120)
    law = models.CharField(max_length=80)
    article = models.CharField(max_length=80, blank=True)
    amount = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=12, choices=choices(TimeUnit), blank=True)
    promptly = models.CharField(max_length=20, blank=True)
    held = models.BooleanField(default=False)
    sure = models.CharField(max_length=1, choices=choices(Sure))
    source = models.CharField(max_length=40)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint("code", "effective_from", name="one_version_a_limit_and_day"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="limit_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(amount=None, unit="") | Q(amount__gt=0) & ~Q(unit=""), name="limit_amount_has_a_unit"
            ),
        ]

    @property
    def limit(self) -> Limit:
        """The row as the pure rules know it."""
        from qingkong.kernel.clocks.loading import limit_of

        return limit_of(self)


class CalendarYear(Watched):
    """A published year of the working calendar, as the data file has it."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    notice = models.CharField(max_length=40)
    read = models.BooleanField()
    holidays = models.JSONField()  # ISO day → festival
    workdays = models.JSONField()  # ISO days


class Clock(Record):
    """A limit that runs for one subject.

    Stored: when it began, its budget (in the limit's unit) and, beside it, its suspensions. Derived from those, and kept
    only so that an index can find them: `due_at` (none while suspended, or where the law sets no number) and
    `next_rung_at`. `refresh` is the one place that writes them.
    """

    limit = models.ForeignKey(TimeLimit, on_delete=models.PROTECT, related_name="clocks")
    code = models.CharField(max_length=12)
    subject_key = models.CharField(max_length=100)
    thread = models.CharField(max_length=40, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True)
    officer = models.ForeignKey("identity.Officer", on_delete=models.PROTECT, null=True)
    held = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    budget = models.PositiveIntegerField(null=True)
    suspended_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)  # it was stopped after its end
    predicted = models.BooleanField(default=False)  # its end touches a year whose notice isn't out
    due_at = models.DateTimeField(null=True)
    next_rung_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "subject_key", "code", condition=Q(stopped_at=None), name="one_running_clock_a_subject_and_limit"
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")), name="clock_stops_after_start"
            ),
        ]
        indexes = [
            models.Index("subject_key", name="clock_by_subject"),
            models.Index("thread", name="clock_of_thread"),  # whole: SQLite never picks a partial one for a bound value
            models.Index("due_at", name="clock_by_due", condition=Q(stopped_at=None)),
            models.Index("unit", "due_at", name="clock_by_unit_due", condition=Q(stopped_at=None)),
            models.Index("officer", "due_at", name="clock_by_officer_due", condition=Q(stopped_at=None)),
            models.Index("next_rung_at", name="clock_by_rung", condition=Q(stopped_at=None)),
        ]

    @property
    def is_local(self) -> bool:
        """It runs on a local standard, because the law sets no number."""
        return self.limit.amount is None and self.budget is not None

    def reckoned_budget(self) -> Budget | None:
        """What is reckoned; None where neither the law nor a local standard sets a number."""
        if self.budget is None:
            return None
        limit = self.limit.limit
        unit = limit.unit if limit.unit is not None else (limit.local.unit if limit.local else None)
        if unit is None:
            return None
        # A local standard is plain time from the very minute: the rules of counting are the law's, for the law's limits.
        return Budget(self.budget, unit, held=self.held, continuous=limit.continuous or self.is_local)


class Suspension(Record):
    """Time a clock doesn't count, until `until_at` (not included); open while that is empty."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="suspensions")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint("clock", condition=Q(until_at=None), name="one_open_suspension_a_clock"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")), name="suspension_ends_after_start"
            ),
        ]


class ClockExtension(Record):
    """A longer budget that somebody with the power approved."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="extensions")
    key = models.CharField(max_length=20)
    budget_before = models.PositiveIntegerField()
    budget_after = models.PositiveIntegerField()
    body = models.CharField(max_length=20, choices=choices(Body))
    approved_by = models.CharField(max_length=40)  # who entered it, as named on the day
    approval = models.CharField(max_length=80, blank=True)  # number of the paper of a body outside the bureau
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(budget_after__gt=F("budget_before")), name="extension_makes_longer"),
        ]


class ClockRung(Record):
    """An alarm that has rung. One row a clock, rung and round (an extension starts a new round): it rings once."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="rungs")
    rung = models.CharField(max_length=8)
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("clock", "rung", "round", name="a_rung_rings_once")]
