"""The events process as an ASGI application: `GET /live/stream`, server-sent events (WHATWG HTML §9.2).

A message's data is `{"topic": …, "subject": …}` and its id the announcement's: no content, and only of subjects that
the officer may see. `event: reload` means: too much was missed to give again, ask for everything anew. `event: over`
means: the session has ended; it comes within seconds of signing out. A stream ends after ten minutes and the browser,
coming back by itself, is checked again.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any

from qingkong.kernel.events.stream import Announced
from qingkong.project.serve.hub import MOST_CLIENTS, Client, Hub
from qingkong.project.serve.visitors import is_ours, may_read_from, officer_behind

PATH = "/live/stream"
HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 600.0
COME_BACK_AFTER_MS = 2000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Streams:
    """The application. `clock` gives the instant at which a session is judged."""

    def __init__(self, clock: Callable[[], datetime], hub: Hub | None = None) -> None:
        self.clock = clock
        self.hub = hub or Hub(clock)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        following = asyncio.create_task(self.hub.follow())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        self.hub.end_all()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if scope["path"] == "/health":
            return await _refuse(send, 200)
        if scope["path"] != PATH or scope["method"] != "GET":
            return await _refuse(send, 404)
        if not is_ours(host) or (origin and not may_read_from(origin, host)):
            return await _refuse(send, 403)
        cookie = headers.get("cookie", "")
        actor = await self.hub.ask(lambda: officer_behind(cookie, at=self.clock()))
        if actor is None:
            return await _refuse(send, 401, origin)
        if len(self.hub.clients) >= MOST_CLIENTS:
            return await _refuse(send, 503, origin)
        last_seen = headers.get("last-event-id", "")
        client, missed, complete = await self.hub.join(
            actor, int(last_seen) if last_seen.isdecimal() and len(last_seen) < 19 else None, cookie=cookie
        )
        try:
            await _start(send, 200, origin, [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")])
            await _write(send, f"retry: {COME_BACK_AFTER_MS}\n\n" if complete else "event: reload\ndata: {}\n\n")
            for announced in missed:
                await _write(send, as_text(announced))
            await _pass_on(client, receive, send)
        finally:
            self.hub.leave(client)
        return None


def as_text(announced: Announced) -> str:
    """One announcement as the stream writes it."""
    data = json.dumps({"topic": announced.topic, "subject": announced.subject_key}, ensure_ascii=False)
    return f"id: {announced.id}\ndata: {data}\n\n"


async def _pass_on(client: Client, receive: Receive, send: Send) -> None:
    """Write what comes until the page goes, is sent away, or has been here long enough."""
    gone = asyncio.create_task(_until_gone(receive))
    ends_at = time.monotonic() + LONGEST_SECONDS
    try:
        while not gone.done() and time.monotonic() < ends_at:
            coming = asyncio.create_task(client.waiting.get())
            await asyncio.wait({coming, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                if not gone.done():
                    await _write(send, ": still here\n\n")
            elif (announced := coming.result()) is None:
                if client.over:
                    await _write(send, "event: over\ndata: {}\n\n")
                break
            elif announced.id not in client.given:
                await _write(send, as_text(announced))
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, status: int, origin: str, more: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"cache-control", b"no-store"), (b"vary", b"origin"), (b"x-content-type-options", b"nosniff"), *more]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        ]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _refuse(send: Send, status: int, origin: str = "") -> None:
    await _start(send, status, origin, [(b"content-length", b"0")])
    await send({"type": "http.response.body", "body": b""})


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
