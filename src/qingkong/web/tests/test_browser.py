"""In a real browser: the phone without a network, the keyboard at the desk, and what assistive technology meets."""

import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.signals import request_finished, request_started
from django.db import connections

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip

PAGES = ["/desk/", "/desk/gallery/", "/desk/find/?q=A2026", "/", "/gallery/", "/field/", "/field/gallery/", "/field/queue/", "/board/gallery/", "/desk/nowhere/"]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium"),
    pytest.mark.skipif(not finders.find("qingkong/desk.js"), reason="scripts are not built: npm run build"),
    pytest.mark.django_db(transaction=True, databases=["default", "passing"]),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    connections.close_all()  # Playwright's loop hides what tests before left open, and the database is replaced under it
    with pytest.MonkeyPatch.context() as patch, sync_api.sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def nothing_left_open(transactional_db: None, chromium: Any) -> Iterator[None]:
    """The server's threads let go of the database after each request: it is put back after the test."""
    for alias in connections:
        connections.settings[alias]["CONN_MAX_AGE"] = 0
    running = Running()
    yield
    for context in chromium.contexts:
        context.close()
    running.end()


class Running:
    """The requests that the server is answering, so that a test ends after the last of them."""

    def __init__(self) -> None:
        self.count, self.changed = 0, threading.Condition()
        request_started.connect(self.begun)
        request_finished.connect(self.done)

    def begun(self, **_: Any) -> None:
        with self.changed:
            self.count += 1

    def done(self, **_: Any) -> None:
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.count <= 0, timeout=20)
        request_started.disconnect(self.begun)
        request_finished.disconnect(self.done)


@pytest.fixture
def page_of(chromium: Any, live_server: Any, signed_in: Any, county: Any) -> Any:
    """A page signed in as an actor, on a screen of a width. Problems the browser speaks of stand in `page.problems`."""

    def page(actor: Any, width: int = 1440) -> Any:
        session = signed_in(actor).cookies["sessionid"].value
        context = chromium.new_context(
            viewport={"width": width, "height": 860}, locale="zh-CN", base_url=live_server.url
        )
        for name, value in (("sessionid", session), ("language", "zh-hans")):
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        made = context.new_page()
        made.problems = []
        made.on("pageerror", lambda error: made.problems.append(str(error)))
        made.on("console", lambda said: made.problems.append(said.text) if _amiss(said) else None)
        return made

    return page


def _amiss(said: Any) -> bool:
    """An error, but not that no stream of live events is served here: the page goes on by asking."""
    return said.type == "error" and "/live/stream" not in (said.location or {}).get("url", "")


def violations(page: Any) -> list[str]:
    """What axe objects to, of WCAG 2.2 AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in axe.run(page, options=options).response["violations"]]


@pytest.mark.parametrize("width", [1440, 360])
def test_pages_have_no_barrier_and_never_scroll_sideways(page_of, county, width):
    page = page_of(county.officer, width)
    for address in PAGES:
        page.goto(address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert [problem for problem in page.problems if "404" not in problem] == [], address


def test_errors_take_the_focus_and_lead_to_their_field(page_of, county):
    page = page_of(county.officer)
    page.goto("/desk/gallery/word/")
    page.get_by_role("button", name="收下").click()
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert violations(page) == []
    page.get_by_role("link", name="请填写词。").click()
    assert page.evaluate("document.activeElement.id") == "word"


def test_the_slash_finds_and_j_and_k_walk(page_of, county, monkeypatch):
    from qingkong.web import desk
    from qingkong.web.hanging import DueRow, Hit

    rows = [DueRow(f"第{n}件", f"/desk/gallery/word/?n={n}", "A1", "条") for n in range(3)]
    monkeypatch.setattr(desk.hung, "due", [lambda actor, at: rows])
    monkeypatch.setattr(
        desk.hung, "finders", [lambda actor, text, at: [Hit("A2026-000418", "殴打他人", "/desk/gallery/")]]
    )
    page = page_of(county.officer)
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "第0件"
    page.keyboard.press("/")
    page.keyboard.type("A2026")
    page.get_by_role("link", name="A2026-000418").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/gallery/")
    assert page.problems == []


def test_what_is_submitted_without_a_network_waits_and_arrives_once(page_of, county, gallery, live_server):
    page = page_of(county.officer, 390)
    page.goto("/field/gallery/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.fill("#word", "离线")
    page.get_by_role("button", name="存下").click()
    page.get_by_text("还在手机里的").wait_for()
    page.get_by_text("等待网络").wait_for()
    assert "离线 · 1 份待传" in page.locator("[data-net]").inner_text()
    assert gallery.done_words == []
    page.context.set_offline(False)
    page.get_by_text("都传完了。").wait_for()
    page.goto("/field/")
    assert gallery.done_words == ["离线"]


def test_a_page_opened_before_can_be_opened_without_a_network(page_of, county):
    page = page_of(county.officer, 390)
    page.goto("/field/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/field/gallery/")
    page.goto("/field/gallery/")
    page.context.set_offline(True)
    page.goto("/field/gallery/")
    assert "电动自行车被盗" in page.content()


def test_a_draft_outlives_the_page_and_ends_with_its_submit(page_of, county, gallery):
    page = page_of(county.officer, 390)
    page.goto("/field/gallery/")
    page.fill("#word", "半句")
    page.locator("form[data-kept]").wait_for()
    page.reload()
    sync_api.expect(page.locator("#word")).to_have_value("半句")
    page.get_by_role("button", name="存下").click()
    page.get_by_text("已存。").wait_for()
    assert gallery.done_words == ["半句"] and page.input_value("#word") == ""


def test_what_the_server_refuses_at_once_is_shown_where_it_was_typed(page_of, county, gallery):
    page = page_of(county.officer, 390)
    page.goto("/field/gallery/")
    page.fill("#word", "太" * 30)
    page.get_by_role("button", name="存下").click()
    page.get_by_text("最多 20 个字").first.wait_for()
    assert page.input_value("#word") == "太" * 30 and gallery.done_words == []
    page.goto("/field/queue/")
    page.get_by_text("都传完了。").wait_for()


def test_what_the_server_refuses_later_stays_on_the_phone_with_its_reason(page_of, county, gallery):
    page = page_of(county.officer, 390)
    page.goto("/field/gallery/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.fill("#word", "太" * 30)
    page.get_by_role("button", name="存下").click()
    page.get_by_text("等待网络").wait_for()
    page.context.set_offline(False)
    page.get_by_text("没有收下：").wait_for()
    assert "最多 20 个字" in page.content() and gallery.done_words == []
    page.get_by_role("button", name="删去这一份").click()
    page.get_by_role("button", name="再点一次确认删去").click()
    page.get_by_text("都传完了。").wait_for()


def test_the_portal_works_without_any_script(chromium, live_server, gallery):
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN", base_url=live_server.url)
    page = context.new_page()
    page.goto("/gallery/")
    page.get_by_role("button", name="大字版").click()
    assert page.get_by_role("button", name="标准字").is_visible()
    page.fill("#word", "留言")
    page.get_by_role("button", name="给办案民警留言").click()
    assert page.get_by_text("收到了，谢谢您。").is_visible()
    assert page.get_by_role("link", name="快速离开").is_visible()
