"""The tests of the whole house share the county of the rooms' tests."""

import pytest

from qingkong.conftest import (
    AT,
    at,
    chinese,
    clock,
    county,
    django_db_setup,
    in_parallel,
    pytest_collection_modifyitems,
    signed_in,
)
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.kernel import ledger

__all__ = [
    "at", "chinese", "clock", "county", "django_db_setup", "in_parallel", "pytest_collection_modifyitems", "signed_in",
]  # fmt: skip
TOLD = "双方同意各让一步。"


@pytest.fixture
def as_officer(client, county):
    """The test's one browser as an officer of the county, by name, in the only post held: `as_officer("window")`."""

    def enter(name):
        client.force_login(getattr(county.officers, name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def call(county):
    """A call somebody went to and reported back from (TOLD), signed in the ledger."""
    intake = calls.Intake(kind="dispute", division_code="370923101201", what="买卖没有谈拢", place_text="集市南头")
    call = calls.take_call(intake=intake, actor=county.dispatcher, at=AT).call
    response = calls.dispatch_unit(
        call=call, unit=county.station, officer_ids=[county.officer.officer_id], actor=county.dispatcher, at=AT
    )
    calls.arrive(response=response, actor=county.officer, at=AT)
    calls.report_back(response=response, report=TOLD, actor=county.officer, at=AT)
    ledger.checkpoint()
    return call
