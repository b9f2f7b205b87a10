"""The status page says how far history is beyond anybody's reach, and shows no content."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.kernel import ledger
from qingkong.kernel.ledger import looking
from qingkong.kernel.ledger.cosigning import cosign
from qingkong.kernel.text import zh
from qingkong.web import desk
from qingkong.web.desk import StatusLine

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
STATUS = "/desk/status/"


@pytest.fixture
def call(county):
    intake = calls.Intake(kind="dispute", division_code="370923101201", what="买卖没有谈拢", place_text="集市南头")
    taken = calls.take_call(intake=intake, actor=county.dispatcher, at=AT).call
    ledger.integrate()
    return taken


def read(client):
    answer = client.get(STATUS)
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", " ", answer.content.decode().partition('id="main"')[2])


@pytest.mark.parametrize("name", ["administrator", "inspector", "supervisor"])
def test_who_watches_over_the_machine_reads_it_without_content(as_officer, call, name):
    page = read(as_officer(name))
    assert "外部还没有见过的存证" in page and "没有外部单位联署" in page and "后台任务进程" in page
    assert call.number not in page and "集市南头" not in page


@pytest.mark.parametrize("name", ["officer", "bureau_leader", "window"])
def test_nobody_else_reads_it(as_officer, name):
    assert as_officer(name).get(STATUS).status_code == 403


def test_it_names_the_cosigner_and_says_how_much_came_since(as_officer, call, tmp_path):
    cosign(tmp_path, name="procuratorate/370923", at=AT)
    before = ledger.exposure(AT)
    assert (before.entries, before.open, before.cosigned_size) == (0, False, before.size)
    client = as_officer("inspector")
    page = read(client)
    assert "procuratorate/370923" in page and "最新的存证都已联署" in page
    looking.enter(looking.look(), at=AT)
    assert ledger.exposure(AT).entries == 1
    assert "1 条" in read(client)


def test_the_window_has_the_age_of_its_oldest_entry(county, call, tmp_path):
    cosign(tmp_path, name="procuratorate/370923", at=AT)
    for minutes in (5, 9):
        intake = calls.Intake(kind="dispute", division_code="370923101201", what="争吵", place_text="北头")
        calls.take_call(intake=intake, actor=county.dispatcher, at=AT + timedelta(minutes=minutes))
    waiting = ledger.exposure(AT + timedelta(hours=1))
    assert (waiting.pending, waiting.oldest_at) == (waiting.entries, AT + timedelta(minutes=5))
    ledger.integrate()
    window = ledger.exposure(AT + timedelta(hours=1))
    assert (window.pending, window.oldest_at) == (0, AT + timedelta(minutes=5))
    assert window.age == timedelta(minutes=55)


def test_the_last_verification_stands_there_with_its_verdict(as_officer, call):
    looking.enter(looking.look(rows=True), at=AT)
    assert "完好" in read(as_officer("inspector"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_officer SET name = '别人' WHERE username = 'T004'")
    verdict = looking.look(rows=True)
    assert [problem.column for problem in verdict.problems] == ["name"]
    looking.enter(verdict, at=AT + timedelta(minutes=1))
    assert "有问题：1 处" in read(as_officer("inspector"))


def test_another_room_hangs_its_own_card(as_officer, call):
    hung = list(desk.hung.status)
    desk.hang_status("spare", zh("备件"), lambda at: [StatusLine(zh("备用的锁"), "三把", "ok")])
    try:
        page = read(as_officer("administrator"))
    finally:
        desk.hung.status[:] = hung
    assert "备用的锁" in page and "三把" in page


def test_the_page_asks_little_however_long_the_ledger(as_officer, call):
    client = as_officer("inspector")
    read(client)
    with CaptureQueriesContext(connection) as asked:
        read(client)
    assert len(asked) <= 15
