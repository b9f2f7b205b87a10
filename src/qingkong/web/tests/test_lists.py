"""Lists by keyset: every row once, whatever the cursor says."""

import pytest
from django.test import RequestFactory

from qingkong.kernel.identity.models import Unit
from qingkong.web import desk
from qingkong.web.hanging import DueRow, Hangings, Hit, Tile, add
from qingkong.web.paging import page_of
from qingkong.web.tests.gallery import AT

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


@pytest.mark.parametrize("order", [("-id",), ("name", "id"), ("-kind", "-id"), ("kind", "code")])
def test_pages_show_every_row_once_in_order(county, order):
    rows, query = [], ""
    while True:
        page = page_of(Unit.objects.all(), RequestFactory().get(f"/{query}"), order=order, size=5)
        rows += page.rows
        if not page.next_query:
            break
        query = page.next_query
    assert rows == list(Unit.objects.order_by(*order))


def test_a_page_keeps_the_filters(county):
    page = page_of(Unit.objects.all(), RequestFactory().get("/?kind=station&q=沙"), size=3)
    assert page.next_query.startswith("?kind=station&q=%E6%B2%99&after=")


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "W10", "bnVsbA", "WyJ4Il0", "WyJ4Iiwi", "%ff", "eyJhIjoxfQ"])
def test_a_cursor_that_is_none_gives_the_first_page(county, cursor):
    page = page_of(Unit.objects.all(), RequestFactory().get("/", {"after": cursor}), size=3)
    assert len(page) in (0, 3)


def test_what_is_hung_twice_hangs_once():
    hung = Hangings()
    tile = Tile("查进展", "", "portal:web.home")
    add(hung.tiles, tile)
    add(hung.tiles, Tile("查进展", "", "portal:web.home"))
    assert hung.tiles == [tile]


def test_my_day_is_in_the_order_of_the_clocks(signed_in, county, monkeypatch):
    from datetime import timedelta

    rows = [
        DueRow("后天的事", "/desk/", "A1", "条", AT + timedelta(days=2)),
        DueRow("没有期限的事", "/desk/", "A4", "条"),
        DueRow("超期的事", "/desk/", "A2", "条", AT - timedelta(hours=14, minutes=5)),
        DueRow("今天的事", "/desk/", "A3", "条", AT + timedelta(hours=2)),
    ]
    monkeypatch.setattr(desk.hung, "due", [lambda actor, at: rows])
    page = signed_in(county.officer).get("/desk/").content.decode()
    places = [page.index(word) for word in ("超期的事", "今天的事", "后天的事", "没有期限的事")]
    assert places == sorted(places)
    assert "已超 14 小时 5 分" in page and page.count("qk-row--overdue") == 1


def test_one_hit_is_opened_and_several_are_listed(signed_in, county, monkeypatch):
    hits = [Hit("A2026-000418", "殴打他人", "/desk/gallery/"), Hit("A2026-000419", "盗窃", "/desk/gallery/word/")]
    monkeypatch.setattr(desk.hung, "finders", [lambda actor, text, at: [h for h in hits if text in h.label]])
    browser = signed_in(county.officer)
    assert browser.get("/desk/find/?q=000418").headers["Location"] == "/desk/gallery/"
    page = browser.get("/desk/find/?q=A2026").content.decode()
    assert "殴打他人" in page and "盗窃" in page
    assert "请至少输入两个字" in browser.get("/desk/find/?q=A").content.decode()
    assert "不能按姓名查人" in browser.get("/desk/find/?q=张三").content.decode()


def test_the_menu_shows_what_the_post_may_and_marks_where_one_is(signed_in, county, monkeypatch):
    from qingkong.kernel.text import zh
    from qingkong.web.hanging import MenuLine

    lines = [
        MenuLine("source", zh("样张"), "desk:web.find", "web.sign_in", count=lambda actor, at: 12),
        MenuLine("house", zh("账号"), "desk:web.menu", "accounts.manage"),
    ]
    monkeypatch.setattr(desk.hung, "menu", lines)
    page = signed_in(county.officer).get("/desk/find/").content.decode()
    assert "第一关 案件源头" in page and "样张" in page and "账号</span>" not in page
    assert '<a href="/desk/find/" aria-current="page">' in page
    assert ">12</b>" in signed_in(county.officer).get("/desk/menu/").content.decode()


def test_a_page_of_the_frame_asks_few_questions_of_the_database(signed_in, county, django_assert_max_num_queries):
    browser = signed_in(county.officer)
    browser.get("/desk/find/")
    with django_assert_max_num_queries(6):
        browser.get("/desk/gallery/word/")
