"""The demo bureau's officers: a few in each unit, one account for each post that a visitor may want to try."""

from dataclasses import dataclass
from datetime import date, datetime

from qingkong.kernel import access
from qingkong.kernel.access import Actor
from qingkong.kernel.access.accounts import appoint, make_account
from qingkong.kernel.identity.models import Appointment, Unit
from qingkong.kernel.identity.posts import Post, UnitKind
from qingkong.project.demo.people import officer_name

PASSWORD = "qingkong-demo-2011"  # noqa: S105  printed at every start; a demo listens on loopback alone
SINCE = date(2024, 1, 1)

CREWS: dict[UnitKind, list[Post]] = {
    UnitKind.STATION: [
        Post.STATION_HEAD, Post.LEGAL_OFFICER, Post.OFFICER, Post.OFFICER, Post.OFFICER, Post.OFFICER, Post.AUXILIARY,
        Post.WINDOW,
    ],
    UnitKind.BRIGADE: [Post.BRIGADE_HEAD, Post.LEGAL_OFFICER, Post.OFFICER, Post.OFFICER, Post.OFFICER],
    UnitKind.COMMAND_CENTRE: [Post.DISPATCHER, Post.DISPATCHER],
    UnitKind.LEGAL_SECTION: [Post.LEGAL_SECTION, Post.LEGAL_SECTION],
    UnitKind.CASE_OFFICE: [Post.CASE_OFFICE],
    UnitKind.INSPECTORATE: [Post.INSPECTOR],
    UnitKind.EXHIBIT_CENTRE: [Post.CUSTODIAN, Post.CUSTODIAN],
    UnitKind.PETITIONS_OFFICE: [Post.PETITIONS_OFFICE],
    UnitKind.BUREAU: [Post.BUREAU_LEADER, Post.BUREAU_LEADER, Post.ADMINISTRATOR],
    UnitKind.OUTSIDE: [Post.SUPERVISOR],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bureau:
    """Who is where: actors and appointments by unit code and post."""

    units: dict[str, Unit]
    held: dict[tuple[str, Post], list[Appointment]]

    def actors(self, code: str, post: Post) -> list[Actor]:
        return [access.actor_for(a) for a in self.held.get((code, post), [])]

    def actor(self, code: str, post: Post, number: int = 0) -> Actor:
        return self.actors(code, post)[number]

    def stations(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.kind == UnitKind.STATION]

    def station_of(self, division_code: str) -> Unit:
        return next(unit for unit in self.stations() if unit.division_code == division_code[:9])


def staff(*, at: datetime) -> Bureau:
    """Open the accounts; numbers are 9 and four digits. Runs once, in an empty instance."""
    actor, number = access.system("demo"), 0
    units = {unit.code: unit for unit in Unit.objects.order_by("code")}
    for unit in units.values():
        for post in CREWS.get(UnitKind(unit.kind), []):
            officer = make_account(
                username=f"9{number + 1:04}", name=officer_name(number), password=None, actor=actor, at=at
            )
            appoint(officer=officer, unit=unit, post=post, since=SINCE, actor=actor, at=at)
            number += 1
    return find()


def find() -> Bureau:
    """The bureau as it stands."""
    units = {unit.code: unit for unit in Unit.objects.order_by("code")}
    held: dict[tuple[str, Post], list[Appointment]] = {}
    running = Appointment.objects.filter(until_on=None).select_related("unit", "officer").order_by("officer__username")
    for appointment in running:
        held.setdefault((appointment.unit.code, Post(appointment.post)), []).append(appointment)
    return Bureau(units, held)


SHOWN = [
    ("002", Post.DISPATCHER), ("104", Post.OFFICER), ("104", Post.WINDOW), ("104", Post.LEGAL_OFFICER),
    ("104", Post.STATION_HEAD), ("003", Post.LEGAL_SECTION), ("010", Post.CUSTODIAN), ("001", Post.BUREAU_LEADER),
    ("005", Post.INSPECTOR), ("090", Post.SUPERVISOR), ("001", Post.ADMINISTRATOR),
]  # fmt: skip


def give_passwords(bureau: Bureau, *, at: datetime) -> None:
    """Passwords for the accounts that the welcome names; the others are entered by the role picker alone."""
    from qingkong.kernel.access.accounts import set_password

    for code, post in SHOWN:
        set_password(officer=bureau.held[code, post][0].officer, password=PASSWORD, actor=access.system("demo"), at=at)
