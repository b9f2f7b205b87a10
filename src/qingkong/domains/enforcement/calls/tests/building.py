"""Builders: calls made through the operations, as far along as a test needs them."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from qingkong.domains.enforcement.calls import operations
from qingkong.domains.enforcement.calls.models import Call, Response
from qingkong.domains.enforcement.calls.operations import Intake

SHAHE = "370923101"
INTAKE = Intake(
    kind="vehicle_theft", division_code=SHAHE, place_text="供销社门前", what="电动自行车不见了",
    caller_name="示例报警人", caller_phone="19900000001",
)  # fmt: skip


def minutes(at: datetime, count: float) -> datetime:
    return at + timedelta(minutes=count)


def a_call(county: SimpleNamespace, *, at: datetime | None = None, **changes: Any) -> Call:
    """A call just taken by the dispatcher."""
    intake = replace(INTAKE, **changes)
    return operations.take_call(intake=intake, actor=county.dispatcher, at=at or county.at).call


def a_response(county: SimpleNamespace, call: Call | None = None, *, at: datetime | None = None) -> Response:
    """The station's officer and an auxiliary, sent to a call."""
    call = call or a_call(county)
    crew = [county.officers.officer.pk, county.officers.auxiliary.pk]
    return operations.dispatch_unit(
        call=call, unit=county.station, officer_ids=crew, actor=county.dispatcher, at=at or county.at
    )


def a_reported_response(county: SimpleNamespace, call: Call | None = None, *, at: datetime | None = None) -> Response:
    """All four stamps, pressed by the officer who leads."""
    at = at or county.at
    response = a_response(county, call, at=at)
    press = {"response": response, "actor": county.officer}
    operations.acknowledge(**press, at=minutes(at, 1))
    operations.depart(**press, at=minutes(at, 3))
    operations.arrive(**press, at=minutes(at, 12))
    return operations.report_back(**press, report="已登记车辆特征", at=minutes(at, 40))
