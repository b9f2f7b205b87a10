from django.db import models
from django.db.models import Q

from qingkong.kernel.records import Record, Watched, choices
from qingkong.kernel.text import Labelled, zh


class Level(Labelled):
    PROVINCE = "province", zh("省")
    CITY = "city", zh("市")
    COUNTY = "county", zh("县")
    TOWNSHIP = "township", zh("乡镇街道")
    VILLAGE = "village", zh("村居")


class Division(Watched):
    """An administrative division, by the code of the National Bureau of Statistics."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=40)  # the official name: 前河涯村委会
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.CharField(max_length=8, choices=choices(Level))

    def __str__(self) -> str:
        return self.name


class Alias(Record):
    """A way people write a division's name, with how it is typed in pinyin."""

    division = models.ForeignKey(Division, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=40)
    pinyin = models.CharField(max_length=160)
    initials = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint("division", "text", "pinyin", name="one_alias_a_reading")]


class Edition(Watched):
    """Which edition of the divisions is loaded. One row; its digest tells processes to read anew."""

    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField()


class PlaceCoordinate(Record):
    """Where a division lies, supplied by the county, or invented for a demo and marked so. WGS 84 degrees."""

    division = models.OneToOneField(Division, on_delete=models.CASCADE, related_name="coordinate")
    longitude = models.FloatField()
    latitude = models.FloatField()
    invented = models.BooleanField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude__gte=73, longitude__lte=136, latitude__gte=3, latitude__lte=54),
                name="coordinate_in_china",
            )
        ]
