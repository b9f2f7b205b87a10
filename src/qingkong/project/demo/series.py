"""The demo's two longer stories, a robbery series and an e-bike theft series whose vehicles go back to their owners.

Both are invented. The cases are criminal: filed by a bureau leader, joined into a series, ended and sent to the procuratorate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from qingkong.domains.enforcement.calls.queries import Call
from qingkong.domains.enforcement.calls.rules import Result
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.queries import Case, Series
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.property import operations as things
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.posts import Post
from qingkong.project.demo import people
from qingkong.project.demo.calls import After, Scene, Told, call_story, filmed, minutes
from qingkong.project.demo.cases import SOUND, Team, ask_criminal, report_of, team, to_the_custodian
from qingkong.project.demo.stage import Story


@dataclass(frozen=True, slots=True)
class Plot:
    """One series: what it is called, how its calls sound, where and how often."""

    title: str
    pattern: str
    offence: str
    told: Told
    unit: str
    number: int
    every: timedelta
    thing: str
    features: str


ROBBERIES = Plot(
    title="夜间路口抢夺系列案", pattern="夜间在乡道路口，骑摩托车从后方夺包", offence="抢夺",
    told=Told("robbery", 0, ("骑摩托车的人夺走了我的包", "走路时包被人抢了"), "安抚受害人，画出逃离方向，现场勘查取证。", Result.CASE_WORTHY),
    unit="006", number=3, every=timedelta(days=3), thing="手提包", features="黑色，拉链完好",
)  # fmt: skip
E_BIKES = Plot(
    title="集市电动自行车被盗系列案", pattern="集日，撬锁盗走停在市场周边的电动自行车", offence="盗窃",
    told=Told("vehicle_theft", 0, ("赶集回来电动车没有了", "停在超市门口的电动车被人骑走了"), "拍下停放位置和断锁，登记车架号。", Result.CASE_WORTHY),
    unit="104", number=4, every=timedelta(days=2), thing="电动自行车", features="车架号已拓印，与报案登记一致",
)  # fmt: skip


class Joint:
    """What the cases of one plot share as they go: the series, and who handles it."""

    def __init__(self, scene: Scene, plot: Plot, random: Random) -> None:
        self.scene, self.plot = scene, plot
        self.unit = scene.bureau.units[plot.unit]
        self.crew = random.sample(scene.bureau.actors(plot.unit, Post.OFFICER), 2)
        self.team: Team = team(scene.bureau, self.unit, self.crew)
        self.leader: Actor = scene.bureau.actor("001", Post.BUREAU_LEADER)
        self.series: Series | None = None

    def stories(self, random: Random, *, begin: datetime) -> list[Story]:
        """The calls of the series; the first case is solved first and goes all the way."""
        villages = [v for v in self.scene.villages if v.startswith("370923101")]
        return [
            call_story(
                self.scene, random, at=begin + number * self.plot.every, told=self.plot.told,
                village=random.choice(villages), place="集市南头", unit=self.unit, crew=self.crew, after=self._after(number),
            )
            for number in range(self.plot.number)
        ]  # fmt: skip

    def _after(self, number: int) -> After:
        def go_on(call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
            return self._case(call, at, random, first=number == 0)

        return go_on

    def _case(self, call: Call, at: datetime, random: Random, *, first: bool) -> Iterator[datetime]:
        crew = self.team
        at += minutes(random, 20, 60)
        yield at
        report = report_of(call, crew, Nature.CRIMINAL, at, "现场照片、购物凭证复印件")
        at += minutes(random, 60, 300)
        yield at
        asked = ask_criminal(report, crew, self.plot.offence, at)
        at += minutes(random, 60, 600)
        yield at
        case = cases.approve(approval=asked, actor=self.leader, at=at, answer="同意立案侦查")
        victim = people.resident_name(random)
        cases.add_party(
            case=case, role=PartyRole.VICTIM, name=victim, phone=people.phone(random), actor=crew.lead, at=at
        )
        at += minutes(random, 100, 900)
        yield at
        self._join(case, at)
        at += timedelta(days=random.uniform(6, 9))
        yield at
        cases.add_party(
            case=case,
            role=PartyRole.SUSPECT,
            name="演示某甲",
            id_number=people.id_number(Random(1)),
            actor=crew.lead,
            at=at,
        )
        yield from self._returned(case, victim, at, random)
        if first:
            yield from self._prosecuted(case, at + timedelta(days=2), random)

    def _join(self, case: Case, at: datetime) -> None:
        who = {"actor": self.team.lead, "at": at}
        if self.series is None:
            self.series = cases.open_series(title=self.plot.title, pattern=self.plot.pattern, **who)
        cases.join_series(series=self.series, case=case, reason="时间、地点、手法相同", **who)

    def _returned(self, case: Case, victim: str, at: datetime, random: Random) -> Iterator[datetime]:
        """The thing is seized, valued, photographed, and goes back to its owner against a receipt."""
        crew = self.team
        approval = things.ask_to_seize(
            case=case, what=f"{self.plot.thing}一件", reason="系本案被盗抢财物", actor=crew.lead, at=at
        )
        at += minutes(random, 30, 90)
        yield at
        approval = things.answer_approval(approval=approval, approve=True, words="同意", actor=crew.head, at=at)
        at += minutes(random, 30, 200)
        yield at
        made = things.seize(
            case=case, things=[things.Thing(name=self.plot.thing, features=self.plot.features)],
            second_officer=crew.members["second"], place_text="查获现场", approval=approval,
            holder=things.PersonGiven(name="演示某甲"), recording=filmed(case, crew.lead, at, random).number,
            actor=crew.lead, at=at,
        )  # fmt: skip
        exhibits = list(made.exhibits.all())
        yield from to_the_custodian(self.scene.bureau, exhibits, crew, at + minutes(random, 60, 500), random)
        at += timedelta(days=1.5)
        yield at
        for exhibit in exhibits:
            things.appraise(
                exhibit=exhibit, value_fen=180_000, photographed=True, basis="价格认定机构意见", actor=crew.lead, at=at
            )
        things.decide(
            exhibits=[e.fresh() for e in exhibits], way="return", reason="权属清楚，返还被害人", undisputed=True,
            actor=crew.head if case.kind == "administrative" else self.leader, at=at,
        )  # fmt: skip
        at += minutes(random, 60, 900)
        yield at
        things.return_to_owner(
            exhibits=[e.fresh() for e in exhibits], owner=things.PersonGiven(name=victim, phone=people.phone(random)),
            actor=self.scene.bureau.actor("010", Post.CUSTODIAN), at=at,
        )  # fmt: skip

    def _prosecuted(self, case: Case, at: datetime, random: Random) -> Iterator[datetime]:
        crew = self.team
        at += timedelta(days=1)
        yield at
        asked = cases.ask_approval(
            matter=Matter.END, case=case.fresh(), reason="事实清楚，证据确实、充分。", asks={}, actor=crew.lead, at=at
        )
        at += minutes(random, 60, 300)
        yield at
        cases.approve(approval=asked, actor=self.leader, at=at)
        dossier = dossiers.open_dossier(case=case.fresh(), actor=crew.lead, at=at)
        dossiers.gather(dossier=dossier, actor=crew.lead, at=at)
        dossiers.submit(dossier=dossier.fresh(), actor=crew.lead, at=at)
        at += timedelta(days=1)
        yield at
        dossiers.pass_check(dossier=dossier.fresh(), verdicts=SOUND, words="六个方面都看过", actor=crew.legal, at=at)
        at += minutes(random, 60, 300)
        yield at
        asked = cases.ask_approval(
            matter=Matter.PROSECUTE, case=case.fresh(), reason="移送审查起诉。", asks={}, actor=crew.lead, at=at
        )
        at += minutes(random, 60, 300)
        yield at
        cases.approve(approval=asked, actor=self.leader, at=at)
