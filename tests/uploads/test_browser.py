"""In a real Chromium: a film in pieces with progress, paused, continued; one that is refused says why; without the script too."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connections

from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.web.tests.test_browser import CHROMIUM, chromium, nothing_left_open, page_of, violations

__all__ = ["chromium", "nothing_left_open", "page_of"]  # fixtures
PICTURES = os.environ.get("QINGKONG_PICTURES", "")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium"),
    pytest.mark.skipif(not finders.find("qingkong/uploads.js"), reason="scripts are not built: npm run build"),
    pytest.mark.django_db(transaction=True, databases=["default", "passing"]),
]


@pytest.fixture(scope="module", autouse=True)
def nothing_hidden() -> None:
    connections.close_all()


@pytest.fixture
def films(tmp_path: Path) -> list[str]:
    """Two files as a body camera names them."""
    made = []
    for number, size in enumerate((24, 3)):
        file = tmp_path / f"执法记录仪_{number + 1:04}.mp4"
        file.write_bytes(os.urandom(size * 2**20))
        made.append(str(file))
    return made


def until(page: Any, true: str) -> None:
    """Poll, as the page's own content policy forbids what Playwright would do."""
    end = time.monotonic() + 30
    while not page.evaluate(true):
        assert time.monotonic() < end, true
        page.wait_for_timeout(50)


def looks_sound(page: Any) -> None:
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")  # out from under the bar that stays on top
    page.wait_for_timeout(400)  # colours of focus and hover fade
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []


def picture(page: Any, name: str, width: int) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/upload-{name}-{width}.png", full_page=True)


def form(page: Any, number: str, files: list[str]) -> Any:
    page.goto(f"/desk/evidence/register/?for={number}")
    page.locator("[name=source]").select_option("body_camera")
    page.locator("input[type=file]").set_input_files(files)
    return page.get_by_role("button", name="收存并登记")


@pytest.mark.parametrize("width", [pytest.param(1440, marks=pytest.mark.deep), 360])
def test_films_are_sent_with_progress_paused_continued_and_registered(county, call, page_of, films, width):
    page = page_of(county.officer, width)
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    send = form(page, call.number, films)
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 4 * 2**20}
    slow.send("Network.emulateNetworkConditions", limits)
    send.click()
    row = page.locator(".qk-upload").first
    row.get_by_text("已传").wait_for()
    until(page, "document.querySelector('.qk-upload progress').position > 0.1")
    looks_sound(page)
    picture(page, "progress", width)
    row.get_by_role("button", name="暂停").click()
    assert "已暂停" in row.inner_text()
    looks_sound(page)
    picture(page, "paused", width)
    row.get_by_role("button", name="继续").click()
    until(page, "document.querySelector('.qk-upload').dataset.state === 'going'")
    picture(page, "resumed", width)
    slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    page.wait_for_url("**/?tab=evidence", timeout=60_000)
    assert EvidenceItem.objects.filter(call_number=call.number).count() == 2
    assert [said for said in page.problems if "CONNECTION_REFUSED" not in said] == []  # no events process runs here


@pytest.mark.parametrize("width", [1440, pytest.param(360, marks=pytest.mark.deep)])
def test_a_file_that_is_not_taken_says_why_and_what_to_do(county, call, page_of, films, width):
    page = page_of(county.officer, width)
    form(page, "J2026-999999", films[1:]).click()
    row = page.locator(".qk-upload[data-state=refused]")
    row.wait_for()
    assert "没有编号为“J2026-999999”的警情或案件" in row.inner_text()
    looks_sound(page)
    picture(page, "refused", width)
    page.locator("[name=link]").fill(call.number)
    page.get_by_role("button", name="收存并登记").click()
    page.wait_for_url("**/desk/evidence/*-*/", timeout=60_000)
    assert EvidenceItem.objects.get().call_number == call.number


def test_without_the_script_the_form_sends_the_files_itself(county, call, page_of, films):
    page = page_of(county.officer)
    page.route("**/uploads.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    form(page, call.number, films[1:]).click()
    page.wait_for_url("**/desk/evidence/*-*/", timeout=60_000)
    assert EvidenceItem.objects.get().size == 3 * 2**20


@pytest.mark.deep
def test_what_files_are_called_does_not_stay_in_the_browser(county, call, page_of, films):
    page = page_of(county.officer)
    form(page, call.number, films[:1]).click()
    page.locator(".qk-upload progress").wait_for()
    until(page, "Boolean(localStorage.getItem('qk-uploads')) || /evidence.[0-9a-f]{8}-/.test(location.href)")
    assert "执法记录仪" not in page.evaluate("JSON.stringify(localStorage)")
    page.wait_for_url("**/desk/evidence/*-*/", timeout=60_000)
