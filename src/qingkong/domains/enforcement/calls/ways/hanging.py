"""What calls hang on the frames: menu lines, what is due, the finder, the phone's home, the wall."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.calls import queries
from qingkong.domains.enforcement.calls.ways import board as calls_board
from qingkong.kernel.access import Actor
from qingkong.kernel.text import zh
from qingkong.web import board, desk, field

MOST_HITS = 8


def hang() -> None:
    """Called once by the project's wiring."""
    desk.hang_menu("source", zh("警情"), "desk:calls.list", "calls.see", icon="phone-call", count=_open)
    desk.hang_menu("source", zh("当日未结"), "desk:calls.unclosed", "calls.see", icon="list-checks")
    desk.hang_menu("source", zh("现场取证流程图"), "desk:calls.scene", "calls.see", icon="route")
    desk.hang_subject("calls.call", route="desk:calls.call", arg="call_id")
    desk.hang_due(due)
    desk.hang_finder(find)
    field.hang_panel("home", "field/calls/mine.html", my_calls, needs="calls.stamp")
    board.hang_panel("wall", "calls/wall.html", calls_board.panel, needs="calls.board")


def _open(actor: Actor, at: datetime) -> int:
    return queries.open_count(actor=actor)


def due(actor: Actor, at: datetime) -> Iterable[desk.DueRow]:
    """The next stamp of each response in which the actor rides, by the bureau's own standard."""
    for response in queries.riding(actor=actor):
        stamp = queries.next_stamp(response.sent)
        if stamp is None:
            continue
        standard = queries.standards().get(stamp)
        yield desk.DueRow(
            sentence=zh(
                "{stamp}：{kind}，{place}",
                stamp=stamp.label,
                kind=str(response.call.kind),
                place=response.call.place_words,
            ),
            url=desk.subject_url(response.call.subject_key),
            reference=response.call.number,
            basis=queries.standard_in_words(standard) if standard else "",
            due_at=response.sent_at + standard.within if standard else None,
        )


def find(actor: Actor, text: str, at: datetime) -> Iterable[desk.Hit]:
    """Calls by number or place, for the command bar."""
    for call in queries.find_calls(actor=actor, text=text, size=MOST_HITS).calls[:MOST_HITS]:
        yield desk.Hit(
            label=f"{call.number} {call.kind}", note=call.place_words, url=desk.subject_url(call.subject_key),
            icon="phone-call",
        )  # fmt: skip


def my_calls(request: Any) -> dict[str, Any] | None:
    """The calls to which the actor was sent, for the phone's home."""
    riding = queries.riding(actor=request.actor)
    return {"riding": riding} if riding else None
