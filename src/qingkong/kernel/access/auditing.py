"""Whether accounts, appointments and units agree with what was entered about them."""

from collections.abc import Iterator

from django.db.models import Count

from qingkong.kernel.identity.models import Officer, Unit
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.text import Sentence


def disagreements() -> Iterator[Sentence]:
    """An account nobody opened, an appointment nobody entered, a unit nobody made, and the other way round."""
    rows = Officer.objects.annotate(appointed=Count("appointments")).values_list("pk", "username", "appointed")
    for trail in trails(rows):
        if trail.row is None:
            yield without_row(trail, Officer)
            continue
        _, username, appointed = trail.row
        yield from trail.differs(username, {"identity.account_made": 1, "identity.appointed": appointed})
    for trail in trails(Unit.objects.values_list("pk", "name")):
        if trail.row is None:
            yield without_row(trail, Unit)
        else:
            yield from trail.differs(trail.row[1], {"identity.unit_made": 1})
