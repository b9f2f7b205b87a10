"""One poller, many open pages: what the poller finds goes to every page that may hear it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import Q

from qingkong.kernel.events.stream import Announced, oldest_id, read
from qingkong.kernel.events.tail import Tail

POLL_SECONDS = 0.5
MOST_CLIENTS = 2000
MOST_WAITING = 200  # announcements a slow page may be behind before it is sent away
MOST_MISSED = 200  # announcements given again to a page that comes back

T = TypeVar("T")
log = logging.getLogger("qingkong.events")


@dataclass(eq=False, slots=True)
class Client:
    """An open page: the unit it may hear, and what it has not been sent yet. None ends it."""

    unit_id: UUID | None
    waiting: asyncio.Queue[Announced | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING + 1))

    def offer(self, announced: Announced) -> None:
        if not announced.may_be_heard_by(self.unit_id):
            return
        if self.waiting.qsize() >= MOST_WAITING:
            self.end()
        else:
            self.waiting.put_nowait(announced)

    def end(self) -> None:
        """Send it away; the browser comes back and says how far it got."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


class Hub:
    """Holds the open pages and the one thread that talks to the database."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
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
            await pause()

    async def poll_once(self) -> None:
        """Look once, and hand out what is new."""
        try:
            if self._tail is None:
                self._tail = await self.ask(Tail)
            found = await self.ask(self._tail.poll, time.monotonic())
        except DatabaseError as fault:
            log.warning("database away: %s", type(fault).__name__)
            raise _Away from fault
        for announced in found:
            for client in list(self.clients):
                client.offer(announced)

    async def join(self, unit_id: UUID | None, last_seen: int | None) -> tuple[Client, list[Announced], bool]:
        """Open a page: its client, what it missed since `last_seen`, and whether that is all of it."""
        if self._tail is None:
            self._tail = await self.ask(Tail)
        client, reached = Client(unit_id), self._tail.last
        self.clients.add(client)
        if last_seen is None or last_seen >= reached:
            return client, [], True
        mine = Q(unit_id=None) | Q(unit_id=unit_id)
        missed = await self.ask(lambda: read(mine & Q(id__gt=last_seen, id__lte=reached), limit=MOST_MISSED + 1))
        complete = len(missed) <= MOST_MISSED and last_seen >= await self.ask(oldest_id) - 1
        return client, missed if complete else [], complete

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
