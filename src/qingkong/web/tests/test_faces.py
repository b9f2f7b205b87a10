"""Pages, permissions, refusals, errors: what the frame promises every domain."""

import json

import pytest
from django.test import Client

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Entry
from qingkong.web.routes import routes_matrix

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def acts() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("act", flat=True))


def refusals() -> int:
    return acts().count("access.refused")


def test_an_officer_sees_the_page_in_the_frame(signed_in, county):
    page = signed_in(county.officer).get("/desk/gallery/").content.decode()
    assert county.officer.name in page and "11 月 24 日 星期二" in page and "跳到正文" in page


def test_nobody_signed_in_is_sent_to_sign_in_and_back(gallery):
    answer = Client().get("/desk/gallery/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/desk/sign-in/?next=/desk/gallery/"


def test_an_officer_without_a_post_is_sent_to_choose_one(gallery, county):
    browser = Client()
    officer = county.officers.officer
    officer.appointments.update(until_on="2026-01-01")
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/desk/gallery/").headers["Location"].startswith("/desk/role/")


def test_a_page_of_another_post_is_refused_and_the_refusal_is_entered(signed_in, county):
    before = refusals()
    answer = signed_in(county.officer).get("/desk/gallery/none/")
    assert answer.status_code == 403
    assert "这件事不归您的岗位" in answer.content.decode()
    entry = Entry.objects.filter(act="access.refused").order_by("id").last()
    assert refusals() == before + 1
    assert (entry.actor_name, entry.subject) == (county.officer.name, "web.page:desk:web.none")


def test_a_refusal_on_post_comes_back_as_the_forms_error_and_is_entered_once(signed_in, county, gallery):
    before = refusals()
    answer = signed_in(county.officer).post("/desk/gallery/word/", {"word": "refused"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'href="#word">这个词今天不收。换一个词。' in page and 'value="refused"' in page
    assert refusals() == before + 1 and gallery.done_words == []


def test_what_was_refused_stands_in_the_entrys_facts(signed_in, county):
    signed_in(county.officer).post("/desk/gallery/word/", {"word": "refused"})
    line = ledger.timeline("web.page:desk:web.word")[0]
    assert line.act == "access.refused" and line.actor_name == county.officer.name


def test_a_closed_gate_says_all_that_failed_and_leaves_its_findings(signed_in, county):
    from qingkong.kernel import gates

    answer = signed_in(county.officer).post("/desk/gallery/word/", {"word": "gate"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "缺第1件。木棍 1 根。补上第1件。" in page and "缺第2件。" in page
    assert sorted(found.check_id for found in gates.open_findings("gallery.thing:1")) == ["gallery.1", "gallery.2"]
    assert acts().count("gates.found") >= 2


def test_a_program_reads_each_failed_check(gallery, rf):
    from qingkong.web import errors

    request = rf.get("/api/v1/gallery/")
    body = json.loads(errors.refusal(request, gallery.closed_gate()).content)
    assert [one["check"] for one in body["failed"]] == ["gallery.1", "gallery.2"]
    assert body["failed"][0] == {
        "check": "gallery.1", "reason": "缺第1件。木棍 1 根。", "how": "补上第1件。", "article": "程序规定第一百九十条",
    }  # fmt: skip


def test_the_real_addresses_show_our_own_error_pages(db):
    answer = Client().get("/no/such/page/")
    assert answer.status_code == 404 and "快速离开" in answer.content.decode()


def test_a_slip_of_the_pen_is_no_refusal(signed_in, county):
    before = refusals()
    answer = signed_in(county.officer).post("/desk/gallery/word/", {"word": "字" * 30})
    assert answer.status_code == 200 and "最多 20 个字，现在有 30 个。" in answer.content.decode()
    assert refusals() == before


def test_done_leads_on_and_says_so(signed_in, county, gallery):
    browser = signed_in(county.officer)
    answer = browser.post("/desk/gallery/word/", {"word": "晴"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/gallery/word/")
    assert "收下：晴" in browser.get("/desk/gallery/word/").content.decode()


def test_a_program_gets_refusals_as_json(signed_in, county):
    answer = signed_in(county.officer).get("/desk/gallery/refused/", headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert json.loads(answer.content) == {
        "title": "这件事不归您的岗位",
        "reason": "这一页不给人看。",
        "how": "回去吧。",
    }


def test_a_wrong_address_says_what_and_what_next(signed_in, county):
    answer = signed_in(county.officer).get("/desk/nowhere/")
    page = answer.content.decode()
    assert answer.status_code == 404 and "没有这个页面" in page and "怎么办" in page


def test_a_fault_shows_a_number_and_no_trace(signed_in, county):
    browser = signed_in(county.officer, raise_request_exception=False)
    answer = browser.post("/desk/gallery/word/", {"word": "fault"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "编号" in page and "ZeroDivisionError" not in page and "Traceback" not in page


def test_a_form_from_elsewhere_is_answered_in_words(signed_in, county):
    browser = signed_in(county.officer, enforce_csrf_checks=True)
    answer = browser.post("/desk/gallery/word/", {"word": "晴"})
    assert answer.status_code == 403 and "打开太久" in answer.content.decode()


@pytest.mark.parametrize("body", [b"--x\r\nnothing", b"\xff\xfe\x00", b""])
def test_a_broken_body_is_never_a_fault(signed_in, county, body):
    answer = signed_in(county.officer).generic(
        "POST", "/desk/gallery/word/", body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code < 500


@pytest.mark.parametrize("query", ["?after=x", "?after=WzFd", "?before=zz", "?tab=../../x", "?q=%00%ff", "?lang=%F0"])
def test_a_broken_query_is_never_a_fault(signed_in, county, query):
    for address in ("/desk/", "/desk/find/", "/desk/menu/", "/"):
        assert signed_in(county.officer).get(address + query).status_code < 500


def test_the_portal_never_knows_an_officer(signed_in, county):
    page = signed_in(county.officer).get("/gallery/").content.decode()
    assert county.officer.name not in page


def test_every_route_of_every_face_has_a_permission_and_one_name():
    rows = routes_matrix()
    assert {row.face for row in rows} == {"desk", "portal", "field", "board"}
    assert all(row.needs and row.path.startswith("/") for row in rows)
    assert len({row.name for row in rows}) == len(rows)
    assert not [row for row in rows if "gallery" in row.path]


def test_my_day_is_there_for_every_post_of_the_bureau(signed_in, county):
    for actor in (county.officer, county.dispatcher, county.station_head, county.inspector):
        answer = signed_in(actor).get("/desk/")
        assert answer.status_code == 200 and "我的一天" in answer.content.decode()


def test_the_language_switch_turns_the_page_english(signed_in, county):
    browser = signed_in(county.officer)
    browser.post("/desk/language/", {"language": "en", "next": "/desk/"})
    page = browser.get("/desk/").content.decode()
    assert '<html lang="en"' in page and "My day" in page


def test_a_preference_never_leads_away(signed_in, county):
    answer = signed_in(county.officer).post("/desk/language/", {"language": "en", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/desk/"
