"""Who is who. Names and posts of officers are not sealed: those who hold power are known by name."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from qingkong.kernel.identity.models import Appointment, Officer, Unit
from qingkong.kernel.identity.posts import Post, UnitKind


def appointments_of(officer_id: UUID, *, on: date) -> list[Appointment]:
    """The posts an officer holds on a day, the oldest first."""
    return list(
        Appointment.objects.filter(_open(on), officer_id=officer_id)
        .select_related("unit", "officer")
        .order_by("since_on", "id")
    )


def appointment(appointment_id: UUID | str, *, on: date) -> Appointment | None:
    """One running appointment of an active officer, with unit and officer in one query."""
    return (
        Appointment.objects.filter(_open(on), pk=appointment_id, officer__is_active=True)
        .select_related("unit", "officer")
        .first()
    )


def holders(*posts: Post, on: date, unit: Unit | UUID | None = None) -> QuerySet[Appointment]:
    """Running appointments to any of these posts, in one unit or in all."""
    found = Appointment.objects.filter(_open(on), post__in=posts, officer__is_active=True)
    if unit is not None:
        found = found.filter(unit_id=unit.pk if isinstance(unit, Unit) else unit)
    return found.select_related("unit", "officer").order_by("unit__code", "officer__username")


def units(*kinds: UnitKind) -> QuerySet[Unit]:
    """Units of these kinds, or all, in the order of their codes."""
    found = Unit.objects.filter(kind__in=kinds) if kinds else Unit.objects.all()
    return found.order_by("code")


def unit_for_division(division_code: str) -> Unit | None:
    """The station that answers for a township or a village in it."""
    return Unit.objects.filter(kind=UnitKind.STATION, division_code=division_code[:9]).first()


def officer(officer_id: UUID) -> Officer:
    return Officer.objects.get(pk=officer_id)


def holds_post(officer_id: UUID, post: Post, *, on: date) -> bool:
    return Appointment.objects.filter(_open(on), officer_id=officer_id, post=post).exists()


def _open(on: date) -> Q:
    return Q(since_on__lte=on) & (Q(until_on=None) | Q(until_on__gt=on))
