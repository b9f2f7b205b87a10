"""Who watches over the bureau reads the ledger: all that was done, and for an outsider nothing of what was in it."""

import pytest

from qingkong.conftest import AT
from qingkong.kernel import ledger
from qingkong.kernel.ledger.cosigning import cosign
from qingkong.web import ledger_pages

pytestmark = pytest.mark.django_db(databases=["default", "passing"])

LEDGER = "/desk/ledger/"


def read(client, query=""):
    answer = client.get(f"{LEDGER}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_supervisor_reads_what_was_done_and_nothing_of_what_was_in_it(as_officer, county, call):
    page = read(as_officer("supervisor"))
    assert call.number in page and "反馈：……" in page and "已存证，尚未联署" in page
    for hidden in ("双方同意", county.officer.name, county.dispatcher.name, f"/desk/calls/{call.pk}/"):
        assert hidden not in page.partition('id="main"')[2]


def test_an_inspector_reads_the_content_and_is_led_to_the_subject(as_officer, call):
    page = read(as_officer("inspector"))
    assert "反馈：双方同意各让一步。" in page and f"/desk/calls/{call.pk}/" in page


@pytest.mark.parametrize("name", ["officer", "station_head", "bureau_leader", "administrator"])
def test_nobody_else_reads_it(as_officer, name):
    assert as_officer(name).get(LEDGER).status_code == 403


def test_a_thread_is_found_by_its_number_and_another_number_finds_nothing(as_officer, call):
    supervisor = as_officer("supervisor")
    page = read(supervisor, f"?thread={call.number}")
    assert page.count('data-label="序号"') == len(ledger.timeline(call.number))
    assert "没有这个编号的记录" in read(supervisor, "?thread=J1999-000001")


def test_pages_hold_every_entry_once_the_highest_number_first(as_officer, call, monkeypatch):
    supervisor, numbers, query = as_officer("supervisor"), [], ""
    while True:
        page = supervisor.get(f"{LEDGER}{query}").context["page"]
        numbers += [row.number for row in page]
        if not (query := page.next_query):
            break
    assert numbers == list(range(len(numbers)))[::-1] and len(numbers) > 50


@pytest.mark.parametrize("name", ["supervisor", "inspector"])
def test_the_page_asks_at_most_fifteen_questions(as_officer, call, name, django_assert_max_num_queries):
    client = as_officer(name)
    with django_assert_max_num_queries(15):
        read(client)


def test_what_is_countersigned_says_so_on_the_ledger_and_on_the_timeline(as_officer, call, tmp_path):
    assert "已存证 · 尚未联署" in as_officer("inspector").get(f"/desk/calls/{call.pk}/").content.decode()
    cosign(tmp_path, name="procuratorate/370923", at=AT)
    assert "已存证 · 已联署核验" in as_officer("inspector").get(f"/desk/calls/{call.pk}/").content.decode()
    assert "联署：procuratorate/370923" in read(as_officer("supervisor"))


def test_refusals_are_counted_by_what_was_asked_for_and_why(as_officer, call):
    officer = as_officer("officer")
    for _ in range(2):
        assert officer.get(LEDGER).status_code == 403
    page = as_officer("supervisor").get(LEDGER)
    counted = [(one.what, one.why, one.count) for one in page.context["refused"]]
    assert counted == [("查阅存证", ledger_pages.Why.POST, 2)]
    assert "岗位无权" in page.content.decode()


@pytest.mark.parametrize(("name", "home"), [("supervisor", LEDGER), ("administrator", "/desk/accounts/")])
def test_a_post_without_due_things_begins_at_its_own_page(as_officer, name, home):
    answer = as_officer(name).get("/desk/", follow=True)
    assert answer.status_code == 200 and answer.redirect_chain == [(home, 303)]
    assert "我的一天" not in answer.content.decode()
