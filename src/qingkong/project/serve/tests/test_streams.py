"""The events process's application, spoken to as granian speaks to it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.tests.building import a_call, a_response
from qingkong.kernel import access, events
from qingkong.kernel.events.models import Announcement
from qingkong.kernel.events.sweeping import KEPT_FOR, sweep
from qingkong.kernel.identity.models import Appointment
from qingkong.project.serve.hub import MOST_MISSED, MOST_WAITING, Client, Hub
from qingkong.project.serve.streams import Streams
from qingkong.project.serve.visitors import may_read_from
from qingkong.web.edge import SESSION_KEY as CHOSEN_POST

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "passing"])]


class Page:
    """A browser's page: opens the stream, reads what comes, goes away."""

    def __init__(
        self, app: Streams, *, cookie: str, last_seen: int | None = None, origin: str = "", host: str = "127.0.0.1:8001"
    ) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.received: asyncio.Queue[Any] = asyncio.Queue()
        headers = {"host": host, "cookie": cookie, "origin": origin}
        if last_seen is not None:
            headers["last-event-id"] = str(last_seen)
        scope = {
            "type": "http", "method": "GET", "path": "/live/stream",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items() if v],
        }  # fmt: skip
        self.running = asyncio.create_task(app(scope, self.received.get, self.sent.put))

    async def status(self) -> int:
        start = await self.sent.get()
        self.headers = {k.decode(): v.decode() for k, v in start["headers"]}
        return start["status"]

    async def next(self) -> str:
        return (await self.sent.get())["body"].decode()

    async def leave(self) -> None:
        await self.received.put({"type": "http.disconnect"})
        await self.running


@pytest.fixture
def cookie(county: SimpleNamespace, transactional_db: None) -> str:
    """The desk's session cookie of an officer of the station."""
    officer = county.officers.officer
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(officer.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
    session[CHOSEN_POST] = str(Appointment.objects.get(officer=officer).pk)
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@pytest.fixture
def speak() -> Callable[[Callable[[Streams], Awaitable[None]]], None]:
    """Run a conversation with a fresh application, and close its database thread after."""

    def run(conversation: Callable[[Streams], Awaitable[None]]) -> None:
        app = Streams(clock=lambda: AT)

        async def whole() -> None:
            await asyncio.wait_for(conversation(app), 20)

        try:
            asyncio.run(whole())
        finally:
            app.hub.close()

    return run


def announce(*topics: str, unit_id: Any = None) -> None:
    for topic in topics:
        events.announce(topic, "test:1", unit_id)
    connections.close_all()


def topic(message: str) -> str:
    return json.loads(message.split("data: ")[1])["topic"]


def test_an_open_page_hears_what_is_announced_to_its_unit(cookie, speak, county):
    async def conversation(app: Streams) -> None:
        page = Page(app, cookie=cookie)
        assert await page.status() == 200
        assert page.headers["content-type"] == "text/event-stream"
        assert await page.next() == "retry: 2000\n\n"
        await app.hub.ask(lambda: announce("theirs", unit_id=county.other_station.pk))
        await app.hub.ask(lambda: announce("ours", unit_id=county.station.pk))
        await app.hub.ask(lambda: announce("everybody"))
        await app.hub.poll_once()
        assert [topic(await page.next()), topic(await page.next())] == ["ours", "everybody"]
        await page.leave()
        assert not app.hub.clients

    speak(conversation)


def test_a_page_that_comes_back_gets_what_it_missed_and_no_more(cookie, speak):
    async def conversation(app: Streams) -> None:
        await app.hub.poll_once()
        await app.hub.ask(lambda: announce("one", "two", "three"))
        await app.hub.poll_once()
        first = await app.hub.ask(events.last_id) - 2
        page = Page(app, cookie=cookie, last_seen=first)
        assert await page.status() == 200
        await page.next()
        assert [topic(await page.next()), topic(await page.next())] == ["two", "three"]
        await app.hub.ask(lambda: announce("four"))
        await app.hub.poll_once()
        assert topic(await page.next()) == "four"
        await page.leave()

    speak(conversation)


def test_a_page_that_missed_too_much_is_told_to_load_anew(cookie, speak):
    async def conversation(app: Streams) -> None:
        await app.hub.ask(lambda: announce("first"))
        first = await app.hub.ask(events.last_id)
        await app.hub.ask(lambda: announce(*["many"] * (MOST_MISSED + 1)))
        page = Page(app, cookie=cookie, last_seen=first)
        await page.status()
        assert (await page.next()).startswith("event: reload\n")
        await page.leave()

    speak(conversation)


def test_a_page_that_comes_back_after_the_sweeping_is_told_to_load_anew(cookie, speak):
    async def conversation(app: Streams) -> None:
        await app.hub.ask(lambda: announce(*["old"] * 5))
        last = await app.hub.ask(events.last_id)
        await app.hub.ask(lambda: Announcement.objects.update(at=AT - 2 * KEPT_FOR))
        await app.hub.ask(lambda: sweep(at=AT))
        await app.hub.ask(lambda: announce("new"))
        page = Page(app, cookie=cookie, last_seen=last - 3)
        await page.status()
        assert (await page.next()).startswith("event: reload\n")
        await page.leave()
        page = Page(app, cookie=cookie, last_seen=last)
        await page.status()
        assert [await page.next(), topic(await page.next())] == ["retry: 2000\n\n", "new"]
        await page.leave()

    speak(conversation)


def test_a_page_hears_only_of_calls_that_its_officer_may_see(cookie, speak, county):
    """The cookie is a station officer's: a call is theirs once their unit is sent, another station's never is."""

    async def conversation(app: Streams) -> None:
        page = Page(app, cookie=cookie)
        await page.status()
        await page.next()
        await app.hub.poll_once()
        nobodys = await app.hub.ask(lambda: a_call(county))  # the command centre alone sees it
        ours = await app.hub.ask(lambda: a_response(county).call)
        theirs = await app.hub.ask(lambda: a_call(county, unit_id=county.other_station.pk))
        await app.hub.ask(lambda: announce("end"))
        await app.hub.poll_once()
        heard = [await page.next()]
        while topic(heard[-1]) != "end":
            heard.append(await page.next())
        assert f'{{"topic": "calls", "subject": "{ours.subject_key}"}}' in heard[0]
        assert not any(one.subject_key in message for one in (nobodys, theirs) for message in heard)
        await page.leave()

    speak(conversation)


def test_a_stream_ends_within_seconds_of_signing_out(cookie, speak):
    async def conversation(app: Streams) -> None:
        page = Page(app, cookie=cookie)
        await page.status()
        await page.next()
        await app.hub.end_the_signed_out(10.0)
        assert len(app.hub.clients) == 1
        await app.hub.ask(sign_out)
        await app.hub.end_the_signed_out(20.0)
        assert await page.next() == "event: over\ndata: {}\n\n"
        await page.running
        assert not app.hub.clients
        assert await Page(app, cookie=cookie).status() == 401

    speak(conversation)


def test_a_stream_ends_when_the_shift_is_over(cookie, speak):
    async def conversation(app: Streams) -> None:
        page = Page(app, cookie=cookie)
        await page.status()
        await page.next()
        app.hub.clock = lambda: AT + timedelta(days=20 * 365)
        await app.hub.ask(lambda: Appointment.objects.update(until_on=AT.date()))
        await app.hub.end_the_signed_out(100.0)
        assert await page.next() == "event: over\ndata: {}\n\n"
        await page.running

    speak(conversation)


def sign_out() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects.all().delete()
    connections.close_all()


def test_a_stranger_without_a_session_gets_nothing(speak):
    async def conversation(app: Streams) -> None:
        for cookie in ("", "sessionid=guessed", "sessionid="):
            assert await Page(app, cookie=cookie).status() == 401

    speak(conversation)


def test_a_session_ended_by_a_new_password_opens_nothing(cookie, speak, county):
    county.officers.officer.password = "another"
    county.officers.officer.save()

    async def conversation(app: Streams) -> None:
        assert await Page(app, cookie=cookie).status() == 401

    speak(conversation)


def test_only_pages_of_the_same_host_may_read(cookie, speak):
    async def conversation(app: Streams) -> None:
        same = Page(app, cookie=cookie, origin="http://127.0.0.1:8000")
        assert await same.status() == 200
        assert same.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert same.headers["access-control-allow-credentials"] == "true"
        await same.leave()
        assert await Page(app, cookie=cookie, origin="http://evil.example").status() == 403
        assert await Page(app, cookie=cookie, host="evil.example:8001").status() == 403

    speak(conversation)


def test_hosts_are_compared_without_their_ports():
    assert may_read_from("http://localhost:8000", "localhost:8001")
    assert not may_read_from("http://localhost.evil:8000", "localhost:8001")
    assert not may_read_from("null", "localhost:8001")


def test_a_page_too_slow_to_read_is_sent_away_and_not_waited_for():
    client = Client(access.system("test"))
    for number in range(MOST_WAITING + 1):
        client.offer(events.Announced(number, "t", "s", None))
    assert client.waiting.get_nowait() is None


def test_the_hub_goes_on_when_the_database_is_back(monkeypatch):
    from django.db import OperationalError

    hub = Hub()
    tries = []

    def away(*args: object) -> None:
        tries.append(1)
        raise OperationalError

    async def conversation() -> None:
        await hub.poll_once()
        monkeypatch.setattr(hub._tail, "poll", away)
        following = asyncio.create_task(hub.follow(pause=lambda: asyncio.sleep(0)))
        while len(tries) < 3:
            await asyncio.sleep(0)
        monkeypatch.undo()
        assert not following.done()
        following.cancel()

    try:
        asyncio.run(asyncio.wait_for(conversation(), 20))
    finally:
        hub.close()
