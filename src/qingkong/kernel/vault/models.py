from django.db import models
from django.db.models import Q

from qingkong.kernel.records import Watched


class Blob(Watched):
    """One content, whatever it is called and however often it came. Never changed, never deleted (triggers)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()  # bytes

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="blob_not_empty")]


class Tombstone(Watched):
    """What stands where a blob was erased: on which ground, by which two people."""

    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, primary_key=True, related_name="tombstone")
    ground = models.CharField(max_length=300)
    first_name = models.CharField(max_length=40)
    second_name = models.CharField(max_length=40)
    erased_at = models.DateTimeField()
