"""Play a file of calls through the same operations that a dispatcher uses, and time each step.

A file has the moment of each call and nothing else. Its days are laid on the last days before today, one for one,
time of day kept, so that stations have officers on duty; the times between the steps are drawn from the line's own
identity, the same at every run. A run that was cut off is carried on where it stood.
"""

import hashlib
import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.queries import Call, Response, Stamp, State
from qingkong.domains.enforcement.calls.ways.mapping import BadLine, Line
from qingkong.kernel import access
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, local, zh

STEPS = ("take", "dispatch", "acknowledge", "depart", "arrive", "report_back", "close")
SECONDS = {  # from one step to the next, least and most
    "dispatch": (10, 60),
    "acknowledge": (5, 55),
    "depart": (40, 200),
    "arrive": (180, 1500),
    "report_back": (600, 3600),
    "close": (60, 600),
}
NO_STATION = zh("{place} 没有对应的派出所，未派警。")
NOBODY = zh("{unit} 在 {day} 没有民警，未派警。")
REPORT = zh("按文件回放：已到场处置。")


@dataclass(slots=True)
class Outcome:
    """What a run did. `refused` are lines not taken; `held` are calls taken that stopped at a later step."""

    read: int = 0
    taken: int = 0
    already: int = 0
    dispatched: int = 0
    closed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    held: list[tuple[int, str]] = field(default_factory=list)
    operations: int = 0
    seconds: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def percentile(self, step: str, part: float) -> float | None:
        """The `part` (0–1) of a step's times in ms, or None where it never ran."""
        times = sorted(self.milliseconds.get(step, ()))
        return round(times[min(len(times) - 1, int(len(times) * part))], 2) if times else None


@dataclass(slots=True)
class _Playing:
    """A line on its way: its call, its unit's response, the next step."""

    line: Line
    at: datetime
    call: Call | None = None
    response: Response | None = None


class Replay:
    """One run. `actor` is the system; `now` bounds the days the calls are laid on."""

    def __init__(self, *, now: datetime, speed: float | None = None, tell: Callable[[str], None] = lambda text: None):
        self.actor = access.system("replay")
        self.now, self.speed, self.tell = now, speed, tell
        self.outcome = Outcome()
        self._played: set[UUID] = set()
        self._units: dict[str, Unit | None] = {}
        self._crews: dict[tuple[UUID, date], list[UUID]] = {}

    def run(self, lines: Iterable[Line | BadLine]) -> Outcome:
        """Play every line; bad ones are listed by number, the rest goes on."""
        started = time.perf_counter()
        good = self._sorted_out(lines)
        queue: list[tuple[datetime, int, int, _Playing]] = []
        for line, at in self._laid_on_days(good):
            heapq.heappush(queue, (at, 0, line.number, _Playing(line, at)))
        clock = _Pace(self.speed)
        while queue:
            at, step, number, playing = heapq.heappop(queue)
            clock.wait_until(at)
            playing.at = at
            if follows := self._play(STEPS[step], playing):
                heapq.heappush(queue, (_later(playing, follows), STEPS.index(follows), number, playing))
        self.outcome.refused.sort()
        self.outcome.held.sort()
        self.outcome.seconds = round(time.perf_counter() - started, 3)
        return self.outcome

    def _sorted_out(self, lines: Iterable[Line | BadLine]) -> list[Line]:
        good = []
        for line in lines:
            self.outcome.read += 1
            if isinstance(line, BadLine):
                self.outcome.refused.append((line.number, str(line.reason)))
            elif line.happened_at > self.now:
                self.outcome.refused.append((line.number, str(zh("时间晚于现在。"))))
            else:
                good.append(line)
        return good

    def _laid_on_days(self, lines: list[Line]) -> list[tuple[Line, datetime]]:
        """Each line with its instant on our days: the file's last day becomes yesterday, and so on back.

        Days share one where officers haven't been in post for so long; in post since today, all share today so far.
        """
        days = sorted({line.happened_at.date() for line in lines})
        today = queries.start_of_day(self.now)
        staffed = (today.date() - self._staffed_since(lines)).days
        kept = min(len(days), staffed)
        share = 1.0 if kept > 0 else (self.now - today) / timedelta(days=1)
        position = {day: i * kept // len(days) for i, day in enumerate(days)}
        return [
            (line, today - timedelta(days=kept - position[line.happened_at.date()]) + _time_of_day(line) * share)
            for line in lines
        ]

    def _staffed_since(self, lines: list[Line]) -> date:
        """The first day on which every station that is needed has had an officer since; today at the latest."""
        today = local(self.now).date()
        needed = {unit.pk for line in lines if (unit := self._unit(line.intake.division_code)) is not None}
        since: dict[UUID, date] = {}
        for appointment in identity.holders(Post.OFFICER, on=today):
            if appointment.unit_id in needed:
                first = since.get(appointment.unit_id, today)
                since[appointment.unit_id] = min(first, appointment.since_on)
        return max(since.values(), default=today)

    def _play(self, step: str, playing: _Playing) -> str | None:
        """One step of one call; the step that follows, or None."""
        try:
            return self._take(playing) if step == "take" else self._go_on(step, playing)
        except Refusal as refusal:
            where = self.outcome.refused if playing.call is None else self.outcome.held
            where.append((playing.line.number, str(refusal)))
            return None

    def _take(self, playing: _Playing) -> str | None:
        taken = self._timed("take", operations.take_call, intake=playing.line.intake, actor=self.actor, at=playing.at)
        playing.call = taken.call
        if taken.call.pk in self._played:  # another line of this file with the same number is on its way
            self.outcome.already += 1
            return None
        self._played.add(taken.call.pk)
        if not taken.already:
            self.outcome.taken += 1
            return "dispatch"
        self.outcome.already += 1
        return self._where_it_stopped(playing)

    def _where_it_stopped(self, playing: _Playing) -> str | None:
        """The step that an earlier run left undone."""
        call = playing.call
        if call is None or call.state == State.CLOSED:
            return None
        playing.response = next((r for r in queries.responses_of(call) if r.stood_down_at is None), None)
        if playing.response is None:
            playing.at = call.taken_at
            return "dispatch"
        sent = playing.response.sent
        done = [step for step, stamp in _STAMPS.items() if sent.stamp(stamp) is not None]
        playing.at = max(m for m in (sent.sent_at, *(sent.stamp(s) for s in Stamp)) if m is not None)
        return STEPS[STEPS.index(done[-1]) + 1] if done else "acknowledge"

    def _go_on(self, step: str, playing: _Playing) -> str | None:
        call, at = playing.call, playing.at
        assert call is not None
        if step == "dispatch":
            playing.response = self._dispatch(call, playing)
            self.outcome.dispatched += 1
        elif step == "close":
            line = playing.line
            self._timed("close", operations.close_call, call=call, result=line.result, note=line.note, **self._as(at))
            self.outcome.closed += 1
            self._say_how_far()
            return None
        else:
            more = {"report": str(REPORT.in_chinese())} if step == "report_back" else {}
            act = getattr(operations, step)
            playing.response = self._timed(step, act, response=playing.response, **more, **self._as(at))
        return STEPS[STEPS.index(step) + 1]

    def _dispatch(self, call: Call, playing: _Playing) -> Response:
        unit = self._unit(call.division_code)
        if unit is None:
            raise Refusal(NO_STATION.fill(place=call.place_words))
        day = local(playing.at).date()
        crew = self._crew(unit, day)
        if not crew:
            raise Refusal(NOBODY.fill(unit=unit.name, day=day))
        chosen = crew[_draw(playing.line, "crew") % len(crew)]
        return self._timed(
            "dispatch", operations.dispatch_unit, call=call, unit=unit, officer_ids=[chosen], **self._as(playing.at)
        )

    def _as(self, at: datetime) -> dict[str, Any]:
        return {"actor": self.actor, "at": at}

    def _unit(self, code: str) -> Unit | None:
        if code not in self._units:
            self._units[code] = identity.unit_for_division(code)
        return self._units[code]

    def _crew(self, unit: Unit, day: date) -> list[UUID]:
        if (unit.pk, day) not in self._crews:
            holders = identity.holders(Post.OFFICER, on=day, unit=unit)
            self._crews[unit.pk, day] = [appointment.officer_id for appointment in holders]
        return self._crews[unit.pk, day]

    def _timed(self, step: str, operation: Callable[..., Any], **arguments: Any) -> Any:
        started = time.perf_counter()
        done = operation(**arguments)
        self.outcome.milliseconds[step].append((time.perf_counter() - started) * 1000)
        self.outcome.operations += 1
        return done

    def _say_how_far(self) -> None:
        if self.outcome.closed % 500 == 0:
            self.tell(str(zh("已结 {closed} 起……", closed=self.outcome.closed)))


_STAMPS = {
    "acknowledge": Stamp.ACKNOWLEDGED,
    "depart": Stamp.DEPARTED,
    "arrive": Stamp.ARRIVED,
    "report_back": Stamp.REPORTED,
}


@dataclass(slots=True)
class _Pace:
    """Real time between the file's moments, `speed` times faster; none without a speed."""

    speed: float | None
    began: float = field(default_factory=time.monotonic)
    first: datetime | None = None

    def wait_until(self, at: datetime) -> None:
        if self.speed is None:
            return
        self.first = self.first or at
        due = self.began + (at - self.first).total_seconds() / self.speed
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)


def _later(playing: _Playing, step: str) -> datetime:
    least, most = SECONDS[step]
    return playing.at + timedelta(seconds=least + _draw(playing.line, step) % (most - least + 1))


def _time_of_day(line: Line) -> timedelta:
    clock = line.happened_at.replace(tzinfo=None)
    return clock - datetime.combine(clock.date(), datetime.min.time())


def _draw(line: Line, what: str) -> int:
    """A number that is the same for this line and step at every run."""
    return int.from_bytes(hashlib.sha256(f"{line.intake.external_number}:{what}".encode()).digest()[:4])


def sentence_of(outcome: Outcome) -> Sentence:
    return zh(
        "读 {read} 行：新接 {taken}，已有 {already}，退回 {refused}；派警 {dispatched}，结警 {closed}，中途停下 {held}。用时 {seconds} 秒，每秒 {rate} 次操作。",
        read=outcome.read, taken=outcome.taken, already=outcome.already, refused=len(outcome.refused),
        dispatched=outcome.dispatched, closed=outcome.closed, held=len(outcome.held), seconds=outcome.seconds,
        rate=round(outcome.operations / outcome.seconds) if outcome.seconds else 0,
    )  # fmt: skip
