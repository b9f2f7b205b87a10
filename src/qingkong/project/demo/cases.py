"""What comes of case-worthy calls in the demo: reports, cases, exhibits, decisions, files, closings.

Each story stops where the present overtakes it, so that every stage of a case can be seen.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from qingkong.domains.enforcement.calls.queries import Call
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.queries import Case, Party, Report
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import CaseKind, Nature
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk, Verdict
from qingkong.domains.enforcement.evidence import operations as evidence
from qingkong.domains.enforcement.evidence.rules import Source
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.queries import SeizureList
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Officer, Unit
from qingkong.kernel.identity.posts import Post
from qingkong.project.demo import people
from qingkong.project.demo.bureau import Bureau
from qingkong.project.demo.calls import filmed, minutes
from qingkong.project.demo.pictures import scene_photo

POINTS = ("person", "facts", "nature", "law", "procedure", "measure")
SOUND = dict.fromkeys(POINTS, Verdict.SOUND)
NOT_TOLD_WHY = Fault(point="procedure", reason="扣押时的录像中断了两分钟，卷内没有说明。", ask=ReturnAsk.EXPLANATION)


@dataclass(frozen=True, slots=True)
class Team:
    """Who handles a case and who decides in it."""

    lead: Actor
    second: Actor
    legal: Actor
    head: Actor

    @property
    def members(self) -> dict[str, Officer]:
        return {
            role: Officer.objects.get(pk=actor.officer_id)
            for role, actor in (("lead", self.lead), ("second", self.second), ("legal", self.legal))
        }


def team(bureau: Bureau, unit: Unit, crew: list[Actor]) -> Team:
    """The two who went, the legal officer and the head of a station or brigade."""
    head = Post.STATION_HEAD if (unit.code, Post.STATION_HEAD) in bureau.held else Post.BRIGADE_HEAD
    return Team(crew[0], crew[1], bureau.actor(unit.code, Post.LEGAL_OFFICER), bureau.actor(unit.code, head))


def report_of(call: Call, crew: Team, nature: Nature, at: datetime, what: str) -> Report:
    """Register what was called in and hand the receipt, on the spot."""
    report = cases.register_report(
        call=call, nature=nature, is_victim=True, evidence_taken=what, actor=crew.lead, at=at
    )
    return cases.hand_receipt(report=report, actor=crew.lead, at=at + timedelta(minutes=4)).report


def assault(bureau: Bureau, call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
    """A public-order case from the report to its closing: a stick is seized, a fine decided, served, paid, the file checked."""
    at, case, crew, taken = yield from _stick_seized(bureau, call, went, at, random)
    suspect, victim = case.parties.get(role=PartyRole.SUSPECT), case.parties.get(role=PartyRole.VICTIM)
    yield from to_the_custodian(bureau, list(taken.exhibits.all()), crew, at + minutes(random, 60, 600), random)
    at += timedelta(days=random.uniform(2, 6))
    yield at
    decision = cases.propose_decision(
        case=case, party=suspect, penalty=Penalty(fine_fen=50_000), basis="《中华人民共和国治安管理处罚法》第五十一条第一款",
        reasons="因琐事争执，持木棍击打他人手臂，有证人证言、现场照片、诊断证明证实。", actor=crew.lead, at=at,
    )  # fmt: skip
    cases.give_notice(decision=decision, actor=crew.lead, at=at)
    cases.record_statement(decision=decision, statement="不陈述，不申辩", defended=False, actor=crew.lead, at=at)
    at += minutes(random, 120, 600)
    yield at
    cases.ask_decision(decision=decision, actor=crew.lead, at=at)
    at += minutes(random, 120, 900)
    yield at
    decision = cases.decide(decision=decision, actor=crew.head, at=at)
    at += minutes(random, 60, 900)
    yield at
    cases.serve(decision=decision, party=suspect, way=ServiceWay.DIRECT, actor=crew.lead, at=at)
    cases.serve(decision=decision, party=victim, way=ServiceWay.DIRECT, actor=crew.lead, at=at)
    at += timedelta(days=random.uniform(1, 3))
    yield at
    cases.execute(decision=decision, note="罚款已到指定银行缴纳，票据存卷。", actor=crew.lead, at=at)
    things.decide(
        exhibits=list(taken.exhibits.all()), way="confiscate", reason="实施违法行为的工具", undisputed=True,
        actor=crew.head, at=at,
    )  # fmt: skip
    for exhibit in taken.exhibits.all():
        things.carry_out(exhibit=exhibit, note="按规定销毁，两人在场", actor=_custodian(bureau), at=at)
    yield from _checked_and_closed(case, crew, at, random)


def on_its_way(bureau: Bureau, call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
    """A stick was seized and handed over; the custodian has still to take it in."""
    at, _, crew, taken = yield from _stick_seized(bureau, call, went, at, random)
    for exhibit in taken.exhibits.all():
        things.hand_over(exhibit=exhibit, room=bureau.units["010"], actor=crew.lead, at=at + minutes(random, 5, 20))


def _stick_seized(
    bureau: Bureau, call: Call, went: list[Actor], at: datetime, random: Random
) -> Generator[datetime, None, tuple[datetime, Case, Team, SeizureList]]:
    """A blow with a stick: reported, filed, the stick seized on the spot and the seizure approved afterwards."""
    unit = bureau.units[call.unit.code]
    crew = team(bureau, unit, went)
    at += minutes(random, 5, 20)
    yield at
    report = report_of(call, crew, Nature.PUBLIC_ORDER, at, "现场照片和记录仪录像")
    at += minutes(random, 10, 40)
    yield at
    case = cases.file_case(
        kind=CaseKind.ADMINISTRATIVE, offence="殴打他人", report=report, actor=crew.lead, at=at, **crew.members
    )
    _party(case, PartyRole.SUSPECT, crew, random, at)
    _party(case, PartyRole.VICTIM, crew, random, at)
    photographed(case, crew, at, random)
    at += minutes(random, 20, 60)
    yield at
    taken = things.seize(
        case=case, things=[things.Thing(name="木棍", measure="根", value_fen=500, features="长约一米，一端有裂纹")],
        second_officer=crew.members["second"], place_text=call.place_text, on_the_spot=True,
        recording=filmed(case, crew.lead, at, random).number,
        holder=things.PersonGiven(name=people.resident_name(random)), actor=crew.lead, at=at,
    )  # fmt: skip
    approval = taken.fresh().approval
    at += minutes(random, 60, 200)
    yield at
    if approval is not None:
        things.answer_approval(approval=approval, approve=True, words="同意扣押", actor=crew.head, at=at)
    return at, case, crew, taken


def _checked_and_closed(case: Case, crew: Team, at: datetime, random: Random) -> Iterator[datetime]:
    at += minutes(random, 120, 600)
    yield at
    dossier = dossiers.open_dossier(case=case, actor=crew.lead, at=at)
    dossiers.gather(dossier=dossier, actor=crew.lead, at=at)
    dossiers.submit(dossier=dossier.fresh(), actor=crew.lead, at=at)
    at += timedelta(days=random.uniform(0.5, 2))
    yield at
    fate = random.random()
    if fate < 0.15:
        return  # still waits for the legal officer
    if fate < 0.3:
        dossiers.return_dossier(
            dossier=dossier.fresh(), verdicts={**SOUND, "procedure": Verdict.FAULTY}, faults=[NOT_TOLD_WHY],
            words="其余五项看过，没有问题", actor=crew.legal, at=at,
        )  # fmt: skip
        return
    dossiers.pass_check(dossier=dossier.fresh(), verdicts=SOUND, words="六个方面都看过", actor=crew.legal, at=at)
    at += minutes(random, 60, 600)
    yield at
    approval = cases.ask_approval(
        matter=Matter.CLOSE, case=case.fresh(), reason="处罚决定已送达并执行，卷宗已检查。", asks={"ground": "258-3"},
        actor=crew.lead, at=at,
    )  # fmt: skip
    at += minutes(random, 60, 600)
    yield at
    cases.approve(approval=approval, actor=crew.head, at=at)


def theft(bureau: Bureau, call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
    """A small theft by nobody knows whom: filed, still inquired into, the victim told."""
    crew = team(bureau, bureau.units[call.unit.code], went)
    at += minutes(random, 5, 30)
    yield at
    report = report_of(call, crew, Nature.PUBLIC_ORDER, at, "现场照片")
    at += minutes(random, 15, 60)
    yield at
    case = cases.file_case(
        kind=CaseKind.ADMINISTRATIVE, offence="盗窃", report=report, actor=crew.lead, at=at, **crew.members
    )
    _party(case, PartyRole.VICTIM, crew, random, at)
    photographed(case, crew, at, random)
    at += timedelta(days=random.uniform(8, 14))
    yield at
    cases.tell_victim(
        case=case, what="已走访周边并调看现有公共录像，暂未查明嫌疑人，继续调查。", actor=crew.lead, at=at
    )


def fraud(bureau: Bureau, call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
    """A fraud: criminal filing is asked for, and approved by a bureau leader within three days."""
    crew = team(bureau, bureau.units[call.unit.code], went)
    at += minutes(random, 30, 90)
    yield at
    report = report_of(call, crew, Nature.CRIMINAL, at, "转账记录截图")
    at += minutes(random, 120, 900)
    yield at
    asked = ask_criminal(report, crew, "诈骗", at)
    at += minutes(random, 200, 1500)
    yield at
    case = cases.approve(approval=asked, actor=bureau.actor("001", Post.BUREAU_LEADER), at=at, answer="同意立案")
    _party(case, PartyRole.VICTIM, crew, random, at)


def photographed(case: Case, crew: Team, at: datetime, random: Random, note: str = "现场照片") -> None:
    """A picture of the scene becomes evidence of the case."""
    evidence.register_evidence(
        file=scene_photo(random), name=f"现场{random.randrange(1, 9)}.jpg", link=case, source=Source.CAMERA,
        device="演示相机", note=note, actor=crew.lead, at=at,
    )  # fmt: skip


def ask_criminal(report: Report, crew: Team, offence: str, at: datetime):  # type: ignore[no-untyped-def]
    """Ask the bureau's leader to file a criminal case (刑事案件程序规定第一百七十八条)."""
    return cases.ask_approval(
        matter=Matter.FILE_CRIMINAL, report=report, reason="有犯罪事实，需要追究刑事责任。",
        asks={"offence": offence, **{role: str(officer.pk) for role, officer in crew.members.items()}},
        actor=crew.lead, at=at,
    )  # fmt: skip


def _party(case: Case, role: PartyRole, crew: Team, random: Random, at: datetime) -> Party:
    return cases.add_party(
        case=case, role=role, name=people.resident_name(random), phone=people.phone(random),
        id_number=people.id_number(random), actor=crew.lead, at=at,
    )  # fmt: skip


def _custodian(bureau: Bureau) -> Actor:
    return bureau.actor("010", Post.CUSTODIAN)


def to_the_custodian(bureau: Bureau, exhibits: list, crew: Team, at: datetime, random: Random) -> Iterator[datetime]:  # type: ignore[type-arg]
    """Hand exhibits to the exhibit centre, where the custodian takes them in."""
    yield at
    for exhibit in exhibits:
        things.hand_over(exhibit=exhibit, room=bureau.units["010"], actor=crew.lead, at=at)
    at += minutes(random, 20, 90)
    yield at
    for number, exhibit in enumerate(exhibits, 1):
        things.accept_exhibit(
            exhibit=exhibit, place=f"一库 {random.randrange(1, 9)} 架 {number} 格", photographed=True,
            actor=_custodian(bureau), at=at,
        )  # fmt: skip


AFTER = {"assault": assault, "theft": theft, "fraud": fraud}
