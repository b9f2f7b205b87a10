"""One poller, many open pages: what the poller finds goes to every page that may hear it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import Q

from qingkong.kernel.access import Actor
from qingkong.kernel.events.seeing import hearers
from qingkong.kernel.events.stream import Announced, oldest_id, read
from qingkong.kernel.events.tail import Tail
from qingkong.project.serve.visitors import officer_behind, session_of, still_there

POLL_SECONDS = 0.5
MOST_CLIENTS = 2000
MOST_WAITING = 200  # announcements a slow page may be behind before it is sent away
MOST_MISSED = 1000  # announcements given again to a page that comes back
MOST_LOOKED_AT = 5000  # of all, to find those that concern it
SIGNED_OUT_SECONDS = 2.0  # how soon a stream ends after its session has
JUDGED_SECONDS = 30.0  # how soon after the officer's post, or the session's time, has

T = TypeVar("T")
log = logging.getLogger("qingkong.events")


@dataclass(eq=False, slots=True)
class Client:
    """An open page: whose it is, and what it has not been sent yet. None ends it."""

    actor: Actor
    cookie: str = ""
    given: set[int] = field(default_factory=set)  # at its joining; what was written late may come again
    over: bool = False  # its session has ended: it need not come back
    waiting: asyncio.Queue[Announced | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING + 1))

    def offer(self, announced: Announced) -> None:
        if self.waiting.qsize() >= MOST_WAITING:
            self.end()
        else:
            self.waiting.put_nowait(announced)

    def end(self, *, over: bool = False) -> None:
        """Send it away; the browser comes back and says how far it got, unless its session is over."""
        self.over = self.over or over
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


class Hub:
    """Holds the open pages and the one thread that talks to the database."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clients: set[Client] = set()
        self.clock = clock
        self._swept = self._judged = 0.0
        self._turn = asyncio.Lock()  # of polling or joining, so that nothing is given twice or not at all
        self._database = ThreadPoolExecutor(1, "database")
        self._tail: Tail | None = None

    async def ask(self, question: Callable[..., T], *args: Any) -> T:
        """Call a blocking function in the database thread."""

        def work() -> T:
            close_old_connections()
            return question(*args)

        return await asyncio.get_running_loop().run_in_executor(self._database, work)

    async def follow(self, pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(POLL_SECONDS)) -> None:
        """Poll for ever. A database that is away is waited for."""
        while True:
            with contextlib.suppress(_Away):
                await self.poll_once()
                await self.end_the_signed_out(time.monotonic())
            await pause()

    async def poll_once(self) -> None:
        """Look once, and hand out what is new."""
        try:
            async with self._turn:
                tail = await self._following()
                found = await self.ask(tail.poll, time.monotonic())
                there = list(self.clients)  # who joins while the rooms are asked is given it by its joining
        except DatabaseError as fault:
            raise _away(fault) from fault
        actors = {client.actor for client in there}
        if not found or not actors:
            return
        try:
            heard = await self.ask(_heard, found, actors)
        except DatabaseError as fault:
            self.end_all()  # they come back, say how far they got, and are given it then
            raise _away(fault) from fault
        for announced, by in zip(found, heard, strict=True):
            for client in there:
                if client.actor in by:
                    client.offer(announced)

    async def _following(self) -> Tail:
        if self._tail is None:
            self._tail = await self.ask(Tail)
        return self._tail

    async def end_the_signed_out(self, now: float) -> None:
        """End the streams of sessions that have ended, or whose officer holds another post by now."""
        if self.clock is None or not self.clients or now - self._swept < SIGNED_OUT_SECONDS:
            return
        self._swept = now
        cookies = {client.cookie for client in self.clients}
        try:
            there = await self.ask(still_there, {session_of(cookie) for cookie in cookies})
            actors: dict[str, Actor | None] = {}
            if now - self._judged >= JUDGED_SECONDS:
                self._judged, at = now, self.clock()
                actors = {cookie: await self.ask(lambda c=cookie: officer_behind(c, at=at)) for cookie in cookies}
        except DatabaseError as fault:
            raise _away(fault) from fault
        for client in list(self.clients):
            actor = actors.get(client.cookie, client.actor)
            if session_of(client.cookie) not in there or actor != client.actor:
                client.end(over=actor is None or session_of(client.cookie) not in there)

    async def join(
        self, actor: Actor, last_seen: int | None, *, cookie: str = ""
    ) -> tuple[Client, list[Announced], bool]:
        """Open a page: its client, what it missed since `last_seen`, and whether that is all of it."""
        async with self._turn:
            tail = await self._following()
            client, reached = Client(actor, cookie), tail.last
            self.clients.add(client)
        if last_seen is None or last_seen >= reached:
            return client, [], True
        since = Q(id__gt=last_seen, id__lte=reached)
        all_of_them = await self.ask(lambda: read(since, limit=MOST_LOOKED_AT + 1))
        if len(all_of_them) > MOST_LOOKED_AT or last_seen < await self.ask(oldest_id) - 1:
            return client, [], False
        heard = await self.ask(_heard, all_of_them, {actor})
        missed = [announced for announced, by in zip(all_of_them, heard, strict=True) if by]
        client.given = {announced.id for announced in missed}
        return (client, missed, True) if len(missed) <= MOST_MISSED else (client, [], False)

    def leave(self, client: Client) -> None:
        self.clients.discard(client)

    def end_all(self) -> None:
        for client in self.clients:
            client.end()

    def close(self) -> None:
        self._database.submit(connections.close_all)
        self._database.shutdown()


class _Away(Exception):
    """The database could not be asked now."""


def _away(fault: DatabaseError) -> _Away:
    log.warning("database away: %s", type(fault).__name__)
    return _Away(type(fault).__name__)


def _heard(found: list[Announced], actors: set[Actor]) -> list[set[Actor]]:
    """Who of the actors may hear of each."""
    return [hearers(announced, actors) for announced in found]
