"""Alarms: each rung of each clock rings once, whoever asks and however often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor, system
from qingkong.kernel.clocks import rungs, running
from qingkong.kernel.clocks.models import Clock, ClockRung
from qingkong.kernel.clocks.queries import ClockView, view

AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Rang:
    """A clock that rang: which rung, and whom it concerns. `over`: its time has run out."""

    clock: ClockView
    rung: str
    over: bool
    unit_id: UUID | None
    officer_id: UUID | None
    thread: str
    at: datetime


Handler = Callable[[Rang], None]
_handlers: list[Handler] = []


def on_ring(handler: Handler) -> None:
    """Call `handler(rang)` in the transaction of each ringing; if it fails, the clock rings again later."""
    if handler not in _handlers:
        _handlers.append(handler)


def ring(at: datetime, *, actor: Actor | None = None) -> list[Rang]:
    """Ring every rung that is due at `at`, each in its own transaction, each once.

    After a pause a clock may have missed several: all are entered, and the last, the most urgent, is told.
    """
    actor = actor or system("clocks")
    rang: list[Rang] = []
    while waiting := list(_due(at).values_list("pk", flat=True)[:AT_A_TIME]):
        for pk in waiting:
            if result := _ring_one(pk, at=at, actor=actor):
                rang.append(result)
    return rang


def _due(at: datetime):  # type: ignore[no-untyped-def]
    return Clock.objects.filter(stopped_at=None, next_rung_at__lte=at).order_by("next_rung_at")


@transaction.atomic
def _ring_one(pk: UUID, *, at: datetime, actor: Actor) -> Rang | None:
    # Whoever comes second waits for the lock here and then finds the next rung in the future.
    clock = _due(at).select_for_update(of=("self",)).select_related("limit").filter(pk=pk).first()
    if clock is None:
        return None
    turn = running.round_of(clock)
    done = set(clock.rungs.filter(round=turn).values_list("rung", flat=True))
    now = [rung for rung, instant in running.ladder_of(clock) if instant <= at and rung not in done]
    ClockRung.objects.bulk_create([ClockRung(clock=clock, rung=rung, round=turn, at=at) for rung in now])
    running.refresh(clock)
    if not now:
        return None
    rang = Rang(view(clock), now[-1], now[-1] == rungs.END, clock.unit_id, clock.officer_id, clock.thread, at)
    ledger.record(
        actor=actor,
        at=at,
        act="clocks.rung",
        subject=clock.subject_key,
        thread=clock.thread,
        facts={"limit": clock.code, "rungs": now, "due": clock.due_at},
    )
    for handler in _handlers:
        handler(rang)
    return rang
