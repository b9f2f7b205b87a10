"""Build the demo county: accounts, four thin weeks, two days at a county's pace, two series, answers of the people."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db import transaction

from qingkong.domains.enforcement.calls.queries import Call
from qingkong.domains.trust.satisfaction import operations as satisfaction
from qingkong.kernel import access, ledger, notices, places
from qingkong.kernel.access import Actor
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.text import local
from qingkong.project.demo import bureau as bureaus
from qingkong.project.demo.calls import BLOW, After, call_story, scene
from qingkong.project.demo.cases import AFTER, on_its_way
from qingkong.project.demo.series import E_BIKES, ROBBERIES, Joint
from qingkong.project.demo.stage import Story, play

WEEKS = 4
THIN, FULL = 14, 274  # calls a day: four thin weeks; then a county's pace (100,000 a year)
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 8, 7, 6, 7, 8, 9, 9, 9, 8, 7, 6, 4, 3)

Say = Callable[[str], None]


def build(*, seed: int, at: datetime, say: Say) -> None:
    """Fill an empty demo instance, deterministic from `seed` and relative to the day of `at`; a filled one stays."""
    if Officer.objects.exists():
        return
    began = time.perf_counter()
    random = Random(seed)
    begin = (local(at) - timedelta(weeks=WEEKS, days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    say("任用虚构的民警 / appointing invented officers")
    with ledger.deferred(), transaction.atomic():
        bureau = bureaus.staff(at=begin)
        places.invent_coordinates(seed=seed, actor=access.system("demo"), at=begin)
    say("演示县的四周：警情、报案、案件、物品、卷宗 / four weeks of calls, reports, cases, exhibits, files")
    with ledger.deferred():
        steps = play(_stories(bureau, random, begin=begin, at=at), until=at)
        say("群众评价 / people answer")
        _answers(random, at=at)
    with transaction.atomic():
        bureaus.give_passwords(bureau, at=at)
    ledger.integrate()
    ledger.checkpoint()
    say(f"{steps:,} 步，{time.perf_counter() - began:.0f} 秒 / {steps:,} steps in {time.perf_counter() - began:.0f} s")


def _stories(bureau: bureaus.Bureau, random: Random, *, begin: datetime, at: datetime) -> list[Story]:
    found = scene(bureau)
    stories: list[Story] = []
    days = (local(at).date() - begin.date()).days
    for day in range(days + 1):
        busy = day >= days - 1
        for _ in range(FULL if busy else THIN):
            stories.append(
                call_story(
                    found, random, at=_moment(begin + timedelta(days=day), random), after=_after(bureau, random, busy)
                )
            )
    stories.append(call_story(found, random, at=at - timedelta(hours=7), told=BLOW, after=partial(on_its_way, bureau)))
    for plot, start in ((ROBBERIES, 3), (E_BIKES, 5)):
        stories += Joint(found, plot, random).stories(random, begin=begin + timedelta(days=start, hours=9.5))
    return stories


def _after(bureau: bureaus.Bureau, random: Random, busy: bool) -> After:
    """What comes of a case-worthy call. On busy days half are still to be registered, so that there is work to see."""
    goes_on = not busy or random.random() < 0.5

    def go_on(call: Call, went: list[Actor], at: datetime, random: Random) -> Iterator[datetime]:
        story = AFTER.get(call.kind_id)
        return story(bureau, call, went, at, random) if story and goes_on else iter(())

    return go_on


def _moment(day: datetime, random: Random) -> datetime:
    hour = random.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, seconds=random.randrange(3600))


def _answers(random: Random, *, at: datetime) -> None:
    """Two in five of those invited answer, mostly content; one in thirty was told how to."""
    actor, person = access.system("demo"), access.person()
    grades = ("5", "4", "3", "2", "1")
    with transaction.atomic():
        for text in _surveys():
            if random.random() < 0.4:
                code = re.search(r"([A-Z0-9]{4}-){3}[A-Z0-9]{4}", text)
                if code:
                    satisfaction.answer(
                        code=code.group(), grade=random.choices(grades, (46, 38, 9, 5, 2))[0],
                        told="yes" if random.random() < 1 / 30 else "no",
                        comment=random.choice(COMMENTS) if random.random() < 0.15 else "", actor=person, at=at,
                    )  # fmt: skip
        satisfaction.release(actor=actor, at=at)


COMMENTS = (
    "来得快，说话也和气。", "办得快，就是没人告诉我进展。", "希望晚上多巡逻。", "处理公道，两家都服气。",
    "等了快半小时，路远也理解。", "回执上的查询码好用。",
)  # fmt: skip


def _surveys() -> list[str]:
    """The texts of the survey messages in the demo's outbox."""
    return [message.text for message in notices.outbox(limit=5000) if message.kind == "survey"]


def welcome(address: str) -> None:
    """Where it is, and how to get in."""
    bureau = bureaus.find()
    lines = [
        "", f"  晴空演示 / Qingkong demo   {address}", "",
        f"  公众网站 / portal          {address}/",
        f"  办公端 / desk              {address}/desk/demo/   选岗位进入，不用密码 / pick a role, no password",
        f"  现场 / field               {address}/field/      大屏 / board  {address}/board/", "",
        f"  演示账号（密码都是 {bureaus.PASSWORD}）/ demo accounts, one password:",
    ]  # fmt: skip
    for code, post in bureaus.SHOWN:
        held = bureau.held[code, post][0]
        lines.append(f"    {held.officer.username}  {held.officer.name}  {held.unit.name} · {post.label.source}")
    lines += [
        "",
        "  人物、电话、案件都是虚构的。Ctrl+C 停止。/ All people and cases are invented. Ctrl+C stops it.",
        "",
    ]
    print("\n".join(lines), file=sys.stderr, flush=True)
