from datetime import UTC, datetime

import pytest

from qingkong.kernel import places

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def divisions(db):
    """The county's divisions, as every instance has them."""
    places.load(actor=None, at=AT)


@pytest.fixture
def no_divisions(db):
    """A database that no division was loaded into yet."""
    places.Alias.objects.all().delete()
    places.PlaceCoordinate.objects.all().delete()
    for level in reversed(places.Level):
        places.Division.objects.filter(level=level).delete()
    places.models.Edition.objects.all().delete()
