"""Rows of access: the ground every personal record stands on, and the looks that were opened."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from qingkong.kernel.access.purposes import Purpose
from qingkong.kernel.records import Record, choices


class Personal(Record):
    """A record about a person. Without legal ground, purpose and expiry it can't exist (G2)."""

    legal_ground = models.CharField(max_length=120)
    personal_purpose = models.CharField(max_length=120)
    expires_on = models.DateField()

    class Meta:
        abstract = True

    look_permission = ""  # the permission a look at this record needs

    @property
    def sealed_under(self) -> str:
        """The subject whose look opens this record; a party opens with its case."""
        return self.subject_key


def kept(*, ground: str, purpose: str, until: date) -> dict[str, object]:
    """The three columns of a personal record. Raises ValueError if ground or purpose is empty."""
    if not ground or not purpose:
        raise ValueError("a personal record needs a legal ground and a purpose")
    return {"legal_ground": ground, "personal_purpose": purpose, "expires_on": until}


class LookGrant(Record):
    """A look that was opened: who, at what, why, until when."""

    actor_key = models.CharField(max_length=80)
    looked_at = models.CharField(max_length=120)  # subject key
    purpose = models.CharField(max_length=20, choices=choices(Purpose))
    reference = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("actor_key", "looked_at", F("until_at").desc(), name="look_of_actor")]
        constraints = [models.CheckConstraint(condition=Q(until_at__gt=F("opened_at")), name="look_ends_after_start")]
