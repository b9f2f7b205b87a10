"""Whether the property books balance: every thing that came in is held or went out, by its movements, its row and the
ledger alike (`qingkong check --deep`)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count

from qingkong.domains.enforcement.property import paperwork, rules
from qingkong.domains.enforcement.property.models import Exhibit, Handback, Movement, SeizureApproval, SeizureList
from qingkong.kernel.identity.models import Unit
from qingkong.kernel.ledger.trails import trails, without_row
from qingkong.kernel.numbering.auditing import form_gaps, plain_gaps
from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.text import Sentence, zh

CHAIN = zh("{number}：移动记录接不上，“{before}”之后记着从“{state}”{move}。")
LAST = zh("{number}：现在是“{state}”，最后一次移动之后应是“{after}”。")
NEVER_MOVED = zh("{number}：没有一条移动记录。")
BOOKS = zh("账不平：收进 {came} 件，应等于现有 {held} 件加已处理 {gone} 件。")
ROOM = zh("{room}的账不平：接收 {came} 件，应等于在库 {held} 件加出库 {gone} 件。")
KIND_OF_LIST = {paperwork.SEIZURE: SeizureList, paperwork.HANDBACK: Handback}


def disagreements() -> Iterator[Sentence]:
    yield from _exhibits()
    yield from _books()
    yield from _rooms()
    for model, acts in (
        (SeizureList, {"property.list_made": 1}), (Handback, {"property.handed_back": 1}),
    ):  # fmt: skip
        for trail in trails(model.objects.values_list("pk", "number")):
            if trail.row is None:
                yield without_row(trail, model)
            else:
                yield from trail.differs(trail.row[1], acts)
    yield from _approvals()
    yield from plain_gaps("E", Exhibit.objects.values_list("number", flat=True))
    units = dict(Unit.objects.values_list("code", "short"))
    for row in Serial.objects.filter(series__contains=":").order_by("series", "year"):
        kind, _, unit = row.series.partition(":")
        if kind in KIND_OF_LIST and unit in units:
            numbers = KIND_OF_LIST[kind].objects.values_list("number", flat=True)
            yield from form_gaps(row, form=paperwork.FORMS[kind], unit=units[unit], numbers=numbers)


def _exhibits() -> Iterator[Sentence]:
    """Each thing's movements are a chain that ends where its row stands, and each has its entry."""
    moved = Movement.objects.order_by("exhibit", "id").values_list("exhibit", "move", "state_before", "state_after")
    chains = _Chains(groupby(moved.iterator(chunk_size=2000), key=lambda row: row[0]))
    for trail in trails(Exhibit.objects.values_list("pk", "number", "state", "disposition")):
        if trail.row is None:
            yield without_row(trail, Exhibit)
            continue
        key, number, state, disposition = trail.row
        chain = chains.of(key)
        yield from _broken(number, state, chain)
        moves = Counter(move for _, move, _, _ in chain)
        yield from trail.differs(number, {f"property.{move.value}": moves[move.value] for move in rules.Move})
        if disposition and not trail.acts["property.decided"]:
            yield from trail.differs(number, {"property.decided": 1})


def _broken(number: str, state: str, chain: list[tuple[Any, str, str, str]]) -> Iterator[Sentence]:
    if not chain:
        yield NEVER_MOVED.fill(number=number)
        return
    now = ""
    for _, move, before, after in chain:
        first = not now and rules.MOVES.get((None, rules.Move(move))) == after
        if not (first or before == now and rules.MOVES.get((rules.State(now), rules.Move(move))) == after):
            yield CHAIN.fill(number=number, before=_label(now), state=_label(before), move=rules.Move(move).label)
        now = after
    if now != state:
        yield LAST.fill(number=number, state=_label(state), after=_label(now))


def _books() -> Iterator[Sentence]:
    """In = held + out: what came in by its movements, what is held by its row, what went out by its movement."""
    came = Movement.objects.filter(move__in=[rules.Move.SEIZED, rules.Move.REGISTERED]).count()
    held = Exhibit.objects.open().count()
    gone = Movement.objects.filter(move__in=set(rules.ENDS.values())).count()
    if came != held + gone:
        yield BOOKS.fill(came=came, held=held, gone=gone)


def _rooms() -> Iterator[Sentence]:
    """The same for each exhibit room: accepted = on the shelf + out of the door."""
    came = _by_room(Movement.objects.filter(move=rules.Move.ACCEPTED), "exhibit__room__name")
    gone = _by_room(Movement.objects.filter(state_before=rules.State.KEPT), "exhibit__room__name")
    held = _by_room(Exhibit.objects.filter(state=rules.State.KEPT), "room__name")
    for room in sorted(came.keys() | gone.keys() | held.keys(), key=str):
        if came[room] != held[room] + gone[room]:
            yield ROOM.fill(room=room, came=came[room], held=held[room], gone=gone[room])


def _by_room(rows: Any, column: str) -> Counter[str]:
    return Counter(dict(rows.order_by().values_list(column).annotate(Count("pk"))))


def _approvals() -> Iterator[Sentence]:
    for trail in trails(SeizureApproval.objects.values_list("pk", "case__number", "state")):
        if trail.row is None:
            yield without_row(trail, SeizureApproval)
            continue
        _, number, state = trail.row
        answered = int(state != rules.ApprovalState.ASKED)
        yield from trail.differs(number, {"property.approval_asked": 1, "property.approval_answered": answered})


def _label(state: str) -> object:
    return rules.State(state).label if state else "—"


class _Chains:
    """Movements beside the exhibits they belong to, both in the order of keys."""

    def __init__(self, groups: Iterable[tuple[Any, Iterable[Any]]]) -> None:
        self._groups = iter(groups)
        self._key: Any = None
        self._rows: list[Any] = []
        self._next()

    def of(self, key: Any) -> list[Any]:
        while self._key is not None and self._key < key:
            self._next()
        return self._rows if self._key == key else []

    def _next(self) -> None:
        self._key, rows = next(self._groups, (None, []))
        self._rows = list(rows)
