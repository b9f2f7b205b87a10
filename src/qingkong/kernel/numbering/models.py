from django.db import models


class Serial(models.Model):
    """The last serial taken of a series in a year (Asia/Shanghai)."""

    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("series", "year", name="one_serial_a_series_and_year")]
