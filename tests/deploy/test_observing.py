"""What machines ask: is it alive, is it ready, how is it doing."""

import os
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from qingkong.conftest import AT
from qingkong.project import readiness

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.QINGKONG_HOME = tmp_path
    settings.QINGKONG_CLOCK = lambda: AT + timedelta(hours=1)
    (tmp_path / "vault").mkdir()
    readiness.forget()
    yield tmp_path
    readiness.forget()


@pytest.fixture
def stranger(client):
    """Somebody behind the proxy."""
    return Client(headers={"X-Forwarded-For": "192.0.2.7"})


def test_alive(client):
    assert client.get("/health").content == b"ok\n"


def test_an_instance_that_can_serve_is_ready_and_says_what_it_looked_at(client, county):
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert set(answer.json()) == {"ready", "database", "migrations", "ledger_triggers", "vault", "disk"}


def break_trigger(home):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry' LIMIT 1")
        cursor.execute(f"DROP TRIGGER {cursor.fetchone()[0]}")


def break_migrations(home):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'vault'")


def break_disk(home):
    readiness.ENOUGH = 2**62


@pytest.mark.skipif(connection.vendor != "sqlite", reason="breaks SQLite's triggers")
@pytest.mark.parametrize(
    ("thing", "breaks"), [("ledger_triggers", break_trigger), ("migrations", break_migrations), ("disk", break_disk)]
)
def test_what_is_amiss_makes_it_unready_and_strangers_are_not_told_what(
    client, stranger, county, home, monkeypatch, thing, breaks
):
    monkeypatch.setattr(readiness, "ENOUGH", readiness.ENOUGH)
    breaks(home)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["ready"], answer.json()[thing]) == (503, False, False)
    answer = stranger.get("/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_vault_that_cannot_be_written_makes_it_unready(client, county, home):
    (home / "vault").chmod(0o500)
    assert client.get("/ready").json()["vault"] is False


def test_figures_are_for_this_machine_or_for_the_token(client, stranger, county, settings):
    assert client.get("/metrics").status_code == 200
    assert stranger.get("/metrics").status_code == 404
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 404
    settings.QINGKONG_METRICS_TOKEN = "t" * 32
    assert stranger.get("/metrics", headers={"Authorization": "Bearer " + "t" * 32}).status_code == 200
    assert stranger.get("/metrics", headers={"Authorization": "Bearer guess"}).status_code == 404


LINE = re.compile(r'^[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? -?[0-9.e+-]+$')


def test_figures_are_in_prometheus_form_with_routes_by_name(client, county):
    client.get("/?name=示例某")
    client.get("/nowhere/示例某/")
    page = client.get("/metrics").content.decode()
    for line in page.splitlines():
        assert line.startswith("# ") or LINE.match(line), line
    assert 'route="portal:web.home",method="GET",status="2xx"' in page
    assert 'route="none"' in page
    assert "示例某" not in page
    for name in (
        "jobs_waiting",
        "ledger_pending",
        "cosigner_age_seconds",
        "clocks_overdue",
        "uploads_open",
        "disk_free_bytes",
    ):
        assert f"\nqingkong_{name} " in page


def test_figures_name_no_officer_and_no_unit(client, county):
    page = client.get("/metrics").content.decode()
    labels = set(re.findall(r"(\w+)=\"", page))
    assert labels <= {"route", "method", "status", "le"}


def test_what_waits_is_counted(client, county):
    from qingkong.kernel import ledger

    page = client.get("/metrics").content.decode()
    pending = int(re.search(r"\nqingkong_ledger_pending (\d+)", page).group(1))
    ledger.record(actor=county.system, at=AT, act="access.refused", subject="web.page:x", facts={"reason": "x"})
    page = client.get("/metrics").content.decode()
    assert f"\nqingkong_ledger_pending {pending + 1}\n" in page
    assert "qingkong_cosigner_age_seconds -1\n" in page
