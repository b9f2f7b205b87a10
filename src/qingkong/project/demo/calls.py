"""Ordinary calls of the demo: who calls about what, how long it takes, how it ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.queries import Call
from qingkong.domains.enforcement.calls.rules import Result
from qingkong.domains.enforcement.cases.queries import Case
from qingkong.domains.enforcement.evidence import operations as evidence
from qingkong.domains.enforcement.evidence.queries import EvidenceItem
from qingkong.domains.enforcement.evidence.rules import Source
from qingkong.kernel import places
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import Post
from qingkong.project.demo import people
from qingkong.project.demo.bureau import Bureau
from qingkong.project.demo.sounds import recording
from qingkong.project.demo.stage import Story


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of call with the words it is told in, how often it comes, and how it ends on the scene."""

    kind: str
    often: int
    what: tuple[str, ...]
    report: str
    result: Result = Result.SETTLED


TOLD = (
    Told("traffic_accident", 24, ("两车刮擦，没有人伤", "三轮车和小车碰了，人没事", "电动车追尾，腿擦破了皮"), "现场勘查拍照，双方自行协商，撤离现场。"),
    Told("dispute", 18, ("因宅基地边界吵起来了", "买卖没有谈拢，在店里争执", "浇地先后有争执"), "听了双方的话，讲清道理，双方同意各让一步。"),
    Told("missing_person", 4, ("老人出门没回来，请帮忙找", "孩子放学没到家"), "沿路寻找并联系村里，人已找到，平安。"),
    Told("traffic_obstruction", 6, ("收粮车堵住了路口", "树倒在路上，车过不去"), "现场疏导，道路已通。"),
    Told("nuisance", 8, ("邻居放音响到半夜", "工地夜里施工", "广场音响声音太大"), "当场劝停，告知管理规定。"),
    Told("danger", 3, ("电线断了落在路上", "井盖没了，很危险"), "设置警戒，通知产权单位，处置后撤离。"),
    Told("theft", 3, ("放在门口的铜线没有了", "店里少了两条烟"), "现场查看并取证，群众愿意当场登记报案。", Result.CASE_WORTHY),
    Told("assault", 3, ("有人被打了，头上出血", "喝多了动手打人"), "控制双方，拍照取证，带离现场。", Result.CASE_WORTHY),
    Told("fraud", 2, ("接到冒充客服的电话，转了钱", "网上买东西付了钱不发货"), "指导止付，登记线索，请到所报案。", Result.CASE_WORTHY),
    Told("advice", 8, ("停水两天了，问谁管", "路灯坏了，问该找谁"), "已告知拨打 12345，并作记录。", Result.NOT_FOR_POLICE),
    Told("other", 5, ("拨通后无人说话", "小孩误拨"), "回拨核实，系误拨。", Result.INVALID),
)  # fmt: skip

BLOW = next(told for told in TOLD if told.kind == "assault")
RECORDED = 0.95  # of the calls that somebody went to; the rest show what the gate says where nothing was recorded
PLACES = ("村委会门前", "卫生室旁边", "小学路口", "集市南头", "村东桥头", "超市门口", "大棚边的机耕路", "老戏台附近")

After = Callable[[Call, list[Actor], datetime, Random], Iterator[datetime]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a story needs to know of the county."""

    bureau: Bureau
    villages: list[str]


def scene(bureau: Bureau) -> Scene:
    """The county as stories use it: villages by code."""
    villages = [village.code for unit in bureau.stations() for village in places.children(unit.division_code)]
    return Scene(bureau, villages)


def minutes(random: Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=random.uniform(low * 60, high * 60))


def call_story(
    scene: Scene, random: Random, *, at: datetime, told: Told | None = None, village: str | None = None,
    after: After | None = None, place: str | None = None, unit: Unit | None = None, crew: list[Actor] | None = None,
) -> Story:  # fmt: skip
    """One call from the first ring to its end; `after(call, crew, at, random)` goes on where a case comes of it."""
    bureau = scene.bureau
    told = told or random.choices(TOLD, [t.often for t in TOLD])[0]
    village = village or random.choice(scene.villages)
    station = unit or bureau.station_of(village)
    dispatcher = random.choice(bureau.actors("002", Post.DISPATCHER))
    crew = crew or random.sample(bureau.actors(station.code, Post.OFFICER), 2)

    yield at
    call = calls.take_call(
        intake=calls.Intake(
            kind=told.kind, division_code=village, what=random.choice(told.what), place_text=place or random.choice(PLACES),
            caller_name=people.resident_name(random), caller_phone=people.phone(random),
        ),
        actor=dispatcher, at=at,
    ).call  # fmt: skip
    if told.result in (Result.NOT_FOR_POLICE, Result.INVALID):
        at += minutes(random, 2, 6)
        yield at
        calls.close_call(call=call, result=told.result, note=told.report, actor=dispatcher, at=at)
        return

    at += minutes(random, 0.3, 1.8)
    yield at
    response = calls.dispatch_unit(
        call=call,
        unit=station,
        officer_ids=[officer.officer_id for officer in crew if officer.officer_id],
        actor=dispatcher,
        at=at,
    )
    for press, low, high in ((calls.acknowledge, 0.2, 1.5), (calls.depart, 1, 5), (calls.arrive, 4, 22)):
        at += minutes(random, low, high)
        yield at
        press(response=response, actor=crew[0], at=at)
    at += minutes(random, 10, 55)
    yield at
    calls.report_back(response=response, report=told.report, actor=crew[0], at=at)
    if random.random() < RECORDED:
        filmed(call, crew[0], at, random)
    at += minutes(random, 3, 15)
    yield at
    call = calls.close_call(call=call.fresh(), result=told.result, note=told.report, actor=dispatcher, at=at)
    if told.result is Result.CASE_WORTHY and after is not None:
        yield from after(call, crew, at, random)


def filmed(about: Call | Case, by: Actor, at: datetime, random: Random) -> EvidenceItem:
    """What a body camera recorded becomes evidence of the call or case."""
    return evidence.register_evidence(
        file=recording(random), name="执法记录仪.wav", link=about, source=Source.BODY_CAMERA, device="演示记录仪",
        actor=by, at=at,
    )  # fmt: skip
