"""How tests make things: through the operations that officers use."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.queries import Case
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.property import operations
from qingkong.domains.enforcement.property.models import Exhibit
from qingkong.domains.enforcement.property.operations import PersonGiven, Thing

STICK = Thing("木棍", features="长约八十厘米，一端有裂痕", measure="根")
BIKE = Thing("电动自行车", features="红色，车架号末四位 0417", measure="辆", value_fen=180_000)
HOLDER = PersonGiven("示例持有人", phone="19900000000")
WITNESS = PersonGiven("示例见证人")


def open_case(county: SimpleNamespace, *, kind: CaseKind = CaseKind.ADMINISTRATIVE, at: datetime | None = None) -> Case:
    """A case of the station, found by its officers themselves; a criminal one filed by the leader."""
    criminal = kind is CaseKind.CRIMINAL
    return cases.file_case(
        actor=county.bureau_leader if criminal else county.officer,
        at=at or county.at,
        kind=kind,
        offence="盗窃" if criminal else "殴打他人",
        lead=county.officers.officer,
        second=county.officers.second_officer,
        legal=county.officers.legal_officer,
        unit=county.station,
        division_code=county.station.division_code,
    )


def seize(
    county: SimpleNamespace, case: Case, *things: Thing, at: datetime | None = None, **more: Any
) -> list[Exhibit]:
    """Seize on the spot, by the two officers of the case."""
    made = operations.seize(
        case=case, things=things or (STICK,), second_officer=county.officers.second_officer, place_text="村委会门前",
        holder=HOLDER, actor=county.officer, at=at or county.at,
        **{"on_the_spot": True, "recording": "D2026-000001", **more},
    )  # fmt: skip
    return list(made.exhibits.order_by("position"))


def hand_over(county: SimpleNamespace, one: Exhibit, *, at: datetime | None = None) -> Exhibit:
    return operations.hand_over(
        exhibit=one, room=county.units["010"], actor=county.officer, at=at or county.at + timedelta(hours=1)
    )


def keep(county: SimpleNamespace, one: Exhibit, *, at: datetime | None = None) -> Exhibit:
    """Hand over and accept, photographed."""
    when = at or county.at + timedelta(hours=2)
    hand_over(county, one, at=when)
    return operations.accept_exhibit(exhibit=one, place="3-2-05", photographed=True, actor=county.custodian, at=when)
