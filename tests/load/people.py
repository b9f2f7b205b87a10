"""What officers and phones do: one small journey at a time, chosen by chance, with pauses as people make them."""

import random
import re
import threading
from collections.abc import Callable

from tests.load.visitor import Visitor, Wrong

CALL = re.compile(r'href="(/desk/calls/[0-9a-f-]{36}/)"')
CASE = re.compile(r'href="(/desk/cases/[0-9a-f-]{36}/)"')
FIELD_CALL = re.compile(r'href="(/field/calls/[0-9a-f-]{36}/)"')
STAMPS = re.compile(
    r'action="(/field/calls/responses/[0-9a-f-]{36}/stamp/)"(?:(?!</form>).)*?name="stamp" value="(\w+)"', re.DOTALL
)
CREW = re.compile(r'name="officers"[^>]*value="([0-9a-f-]{36})"|value="([0-9a-f-]{36})"[^>]*name="officers"')
PLACES = ("沙河站镇供销社门前", "老湖镇集市南头", "银山镇卫生院", "沙河站镇前河涯村村委会门前")
BROWSING = (
    "officer",
    "station_head",
    "legal_officer",
    "window",
    "legal_section",
    "brigade_head",
    "inspector",
    "bureau_leader",
)
Journey = Callable[[Visitor, random.Random], None]


def my_day(one: Visitor, chance: random.Random) -> None:
    one.get("my day", "/desk/")
    one.get("menu counts", "/desk/menu/", htmx=True)


def calls(one: Visitor, chance: random.Random) -> None:
    links = CALL.findall(one.get("list of calls", "/desk/calls/"))
    if links:
        one.get("a call", chance.choice(links))


def cases(one: Visitor, chance: random.Random) -> None:
    links = CASE.findall(one.get("list of cases", "/desk/cases/"))
    if links:
        where = chance.choice(links)
        one.get("a case", where)
        one.get("a case's evidence", f"{where}?tab=evidence")


def lists(one: Visitor, chance: random.Random) -> None:
    where = chance.choice(
        ["/desk/evidence/", "/desk/exhibits/", "/desk/dossiers/", "/desk/reports/", "/desk/findings/"]
    )
    one.get("another list", where)


def find(one: Visitor, chance: random.Random) -> None:
    one.get("find", f"/desk/find/?q={chance.choice(['J2026', 'A2026-0000', 'E2026-00', '%E6%B2%B3'])}", htmx=True)


def take_and_send(one: Visitor, chance: random.Random) -> None:
    """A call is taken and a crew sent."""
    page = one.get("form of a call", "/desk/calls/take/")
    call = one.post(
        "take a call", "/desk/calls/take/", page, kind="dispute", place=chance.choice(PLACES), what="买卖没有谈拢",
        priority="3", channel="110", caller_phone="", caller_name="", external_number="",
    )  # fmt: skip
    page = one.get("form of sending", f"{call}dispatch/")
    crew = [a or b for a, b in CREW.findall(page)]
    if crew:
        one.post("send a crew", f"{call}dispatch/", page, officers=crew[:2])


def register_report(one: Visitor, chance: random.Random) -> None:
    page = one.get("form of a report", "/desk/reports/register/")
    one.post(
        "register a report", "/desk/reports/register/", page, subject="被人推倒", nature="public_order", way="window",
        place=chance.choice(PLACES), account="称在村口被人推倒。", reporter_name="示例甲", reporter_phone="19900000001",
        no_evidence_yet="on",
    )  # fmt: skip


def phone(one: Visitor, chance: random.Random) -> None:
    """Look at the own calls, open one, press what comes next."""
    links = FIELD_CALL.findall(one.get("phone: home", "/field/"))
    if not links:
        return
    page = one.get("phone: a call", chance.choice(links[:8]))
    for where, stamp in STAMPS.findall(page)[:1]:
        one.post("phone: a stamp", where, page, stamp=stamp)


READS: list[Journey] = [my_day, my_day, calls, calls, cases, lists, find]


def journeys_of(post: str) -> list[Journey]:
    """What a post does, as often as it stands there: about one journey in five writes, at the dispatcher every second."""
    if post == "dispatcher":
        return [my_day, calls, calls, take_and_send, take_and_send, find]
    if post == "window":
        return [*READS, register_report, register_report]
    return READS


def live(
    one: Visitor,
    journeys: list[Journey],
    *,
    pause: float,
    seed: int,
    until: threading.Event,
    faults: Callable[[str], None],
) -> None:
    """Make journeys until told to stop; `pause` seconds of thinking between two, on average."""
    chance = random.Random(seed)
    until.wait(chance.uniform(0, pause))
    while not until.is_set():
        try:
            chance.choice(journeys)(one, chance)
        except Wrong as wrong:
            faults(str(wrong))
        until.wait(min(chance.expovariate(1 / pause), 4 * pause))
