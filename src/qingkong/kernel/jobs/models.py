from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class TimetableSet(models.QuerySet["Timetable"]):
    def due(self, *, at: datetime, every: timedelta) -> "TimetableSet":
        """Idle lines whose time has come. One far beyond its interval was written before the clock
        was put back, so it is due as well."""
        return self.filter(Q(next_run_at__lte=at) | Q(next_run_at__gt=at + 2 * every), running_by="")


class Timetable(models.Model):
    """When a recurring job runs next. Claimed by one conditional UPDATE, so that it runs once."""

    name = models.CharField(max_length=80, primary_key=True)
    next_run_at = models.DateTimeField()
    running_by = models.CharField(max_length=120, blank=True)  # the worker, empty while idle
    last_run_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_fault = models.TextField(blank=True)

    objects = TimetableSet.as_manager()


class Heartbeat(models.Model):
    """When a worker was last seen; only workers on other machines are judged by it."""

    worker = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField()
