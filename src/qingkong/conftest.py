"""What tests share: a county with its units and one officer for each post, and a database that is put back.

Tests that need real transactions (`transactional_db`) work on the database file itself; afterwards it is
restored from a copy, because the ledger's triggers refuse what Django's flush would do.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SINCE = date(2020, 1, 1)

POSTS = [
    # name in the fixture, unit code, post
    ("dispatcher", "002", "dispatcher"),
    ("second_dispatcher", "002", "dispatcher"),
    ("officer", "104", "officer"),
    ("second_officer", "104", "officer"),
    ("third_officer", "104", "officer"),
    ("auxiliary", "104", "auxiliary"),
    ("window", "104", "window"),
    ("legal_officer", "104", "legal_officer"),
    ("station_head", "104", "station_head"),
    ("stranger", "105", "officer"),
    ("strange_head", "105", "station_head"),
    ("brigade_officer", "006", "officer"),
    ("second_brigade_officer", "006", "officer"),
    ("brigade_legal_officer", "006", "legal_officer"),
    ("brigade_head", "006", "brigade_head"),
    ("legal_section", "003", "legal_section"),
    ("case_office", "004", "case_office"),
    ("inspector", "005", "inspector"),
    ("custodian", "010", "custodian"),
    ("second_custodian", "010", "custodian"),
    ("bureau_leader", "001", "bureau_leader"),
    ("petitions_office", "012", "petitions_office"),
    ("supervisor", "090", "supervisor"),
    ("administrator", "001", "administrator"),
]


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Each test begins in Chinese: a request in English leaves its language behind in this process."""
    with translation.override("zh-hans"):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who asks for the county asks for the database: said at collection, because that is when it is set up."""
    for item in items:
        if "county" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(transaction="in_parallel" in item.fixturenames))


def load_county() -> None:
    """Load the data every instance has, and one invented officer for each post (plainly so: 示例…)."""
    from django.db import transaction

    from qingkong.kernel import access
    from qingkong.kernel.access.accounts import appoint, make_account
    from qingkong.kernel.identity.models import Officer, Unit
    from qingkong.kernel.identity.posts import Post
    from qingkong.project import data

    if Officer.objects.exists():  # both conftest files ask for it
        return
    actor = access.system("tests")
    with transaction.atomic():
        data.load(actor=actor, at=AT)
        units = {unit.code: unit for unit in Unit.objects.all()}
        for number, (_, unit, post) in enumerate(POSTS):
            officer = make_account(
                username=f"T{number:03}", name=f"示例{Post(post).label.source}{number}", actor=actor, at=AT
            )
            appoint(officer=officer, unit=units[unit], post=Post(post), since=SINCE, actor=actor, at=AT)


SERVING = os.environ.get("QINGKONG_TEST_ROLE", "")
"""On PostgreSQL: as whom the tests act. Who makes the tables stands in QINGKONG_DATABASE_URL."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    owner = connection.settings_dict["USER"]
    if SERVING and owner == SERVING:  # the other conftest file was here before
        yield
        return
    with django_db_blocker.unblock():
        load_county()
        if SERVING:
            from qingkong.project.postgres import granting

            with connection.cursor() as cursor:
                granting.grant(cursor, SERVING)
        _keep()
        connections.close_all()  # a browser's event loop would hide this connection from whoever closes it later
    if SERVING:
        connection.settings_dict["USER"] = SERVING
    yield
    if SERVING:
        connection.settings_dict["USER"] = owner


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, the database is asked as who made the tables: for tests that play its administrator. Not in a transaction."""
    if not SERVING:
        yield
        return
    serving = connection.settings_dict["USER"]
    connections.close_all()
    connection.settings_dict["USER"] = owner_name()
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["USER"] = serving


def owner_name() -> str:
    """Who made the tables of the tests' database."""
    return urlsplit(os.environ.get("QINGKONG_DATABASE_URL", "")).username or ""


def _file() -> Path | None:
    return Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else None


def _kept() -> str:
    return f"{connection.settings_dict['NAME']}_kept"


def _keep() -> None:
    """Keep the loaded database, to restore it after each test that commits."""
    if file := _file():
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(file, _kept())
    else:
        name = connection.settings_dict["NAME"]
        _on_postgres(f'DROP DATABASE IF EXISTS "{_kept()}"', f'CREATE DATABASE "{_kept()}" TEMPLATE "{name}"')


def _restore(self: Any) -> None:
    if file := _file():
        connections.close_all()
        with closing(sqlite3.connect(_kept())) as kept, closing(sqlite3.connect(file, timeout=60)) as live:
            kept.backup(live)  # page by page under SQLite's own locks: a server's thread may still hold the file open
    else:
        name = connection.settings_dict["NAME"]
        _on_postgres(f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{_kept()}"')


def _on_postgres(*statements: str) -> None:
    import psycopg

    settings = connection.settings_dict
    connections.close_all()
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=owner_name(),
        password=settings["PASSWORD"] or None, dbname="postgres", autocommit=True,
    ) as server:  # fmt: skip
        for statement in statements:
            server.execute(statement.encode())


TransactionTestCase._fixture_teardown = _restore  # type: ignore[method-assign]


@pytest.fixture
def county(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The county: an Actor for each post (`county.dispatcher`…), its two stations, the instant AT."""
    request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
    from qingkong.kernel import access
    from qingkong.kernel.identity.models import Appointment, Unit

    actors, officers = {}, {}
    running = {a.officer.username: a for a in Appointment.objects.select_related("officer", "unit")}
    for number, (name, _, _) in enumerate(POSTS):
        appointment = running[f"T{number:03}"]
        actors[name] = access.actor_for(appointment)
        officers[name] = appointment.officer
    units = {unit.code: unit for unit in Unit.objects.all()}
    return SimpleNamespace(
        **actors,
        officers=SimpleNamespace(**officers),
        station=units["104"],
        other_station=units["105"],
        brigade=units["006"],
        units=units,
        system=access.system("tests"),
        person=access.person(),
        at=AT,
    )


@pytest.fixture
def at() -> datetime:
    return AT


def sit_down(client: Client, actor: Any, *, language: str = "zh-hans") -> Client:
    """Give a client an actor's session, in the actor's post. Without a language, its requests say which."""
    from qingkong.kernel.identity.models import Appointment

    held = Appointment.objects.select_related("officer").get(
        officer_id=actor.officer_id, unit_id=actor.unit_id, post=actor.post
    )
    client.force_login(held.officer, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["appointment"] = str(held.pk)
    session.save()
    if language:
        client.cookies["language"] = language
    return client


_CLOCK = {"now": AT}


@pytest.fixture
def signed_in(county: SimpleNamespace) -> Iterator[Callable[..., Client]]:
    """A browser signed in as an actor, on the tests' clock: `signed_in(county.officer)`, with a Client's options."""

    def browser(actor: Any, language: str = "zh-hans", **options: Any) -> Client:
        return sit_down(Client(**options), actor, language=language)

    _CLOCK["now"] = AT
    with override_settings(QINGKONG_CLOCK=lambda: _CLOCK["now"]):
        yield browser


@pytest.fixture
def clock(signed_in: Any) -> Callable[[datetime], None]:
    """Put the pages' clock to an instant: `clock(AT + timedelta(hours=1))`."""
    return lambda at: _CLOCK.update(now=at)


@pytest.fixture
def in_parallel(transactional_db: None) -> Iterator[Callable[..., Future[Any]]]:
    """Start a call in a thread with its own connection: `future = in_parallel(f, …)`."""
    with ThreadPoolExecutor(8) as pool:

        def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
            def work() -> Any:
                try:
                    return function(*args, **kwargs)
                finally:
                    connections.close_all()

            return pool.submit(work)

        yield run


def outcome(future: Future[Any]) -> Any:
    """What a parallel call gave, or the Refusal it raised; anything else fails the test."""
    from qingkong.kernel.refusals import Refusal

    try:
        return future.result(timeout=60)
    except Refusal as refusal:
        return refusal


def ledger_acts(subject: Any) -> list[str]:
    """The acts entered about a subject, the oldest first."""
    from qingkong.kernel import ledger
    from qingkong.kernel.records import subject_key

    return [line.act for line in reversed(ledger.timeline(subject_key(subject), limit=500))]
