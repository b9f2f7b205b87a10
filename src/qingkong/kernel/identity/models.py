from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.kernel.records import Record, RecordSet, choices


class Unit(Record):
    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=40)
    short = models.CharField(max_length=4)  # the character that statutory numbers print: 东公(沙)
    kind = models.CharField(max_length=20, choices=choices(UnitKind))
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    division_code = models.CharField(max_length=12, blank=True)
    phone = models.CharField(max_length=20, blank=True)  # the unit's public counter

    def __str__(self) -> str:
        return self.name


class OfficerManager(BaseUserManager.from_queryset(RecordSet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str) -> "Officer":
        return self.get(username=username)


class Officer(Record, AbstractBaseUser):
    """A member of the bureau, or an outside supervisor, who can sign in."""

    username = models.CharField(max_length=20, unique=True)  # the police number
    name = models.CharField(max_length=40)
    is_active = models.BooleanField(default=True)
    last_login = None  # sign-ins are ledger entries

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = OfficerManager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.name


class Appointment(Record):
    """An officer holds a post in a unit from a day, until a day (not included)."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments")
    post = models.CharField(max_length=20, choices=choices(Post))
    since_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "officer", "unit", "post", condition=Q(until_on=None), name="one_open_appointment_a_post"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="appointment_ends_after_start"
            ),
        ]
        indexes = [models.Index("unit", "post", name="appointment_by_unit")]

    def runs_on(self, day: date) -> bool:
        return self.since_on <= day and (self.until_on is None or day < self.until_on)
