"""In a real Chromium: what was taken in is seen and played, on a wide screen and on a phone, and nothing scrolls sideways."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connections

from qingkong.domains.enforcement.evidence.tests.building import a_film, a_jpeg, drawn, needs_ffmpeg, register
from qingkong.web.tests.test_browser import CHROMIUM, chromium, nothing_left_open, page_of, violations

__all__ = ["chromium", "nothing_left_open", "page_of"]  # fixtures
WIDTHS = [1440, 360]
PLAYED = """async () => {
  const film = document.querySelector("#content video");
  film.muted = true;
  await film.play();
  await new Promise((played) => film.addEventListener("timeupdate", played, { once: true }));
  return [film.error, film.videoWidth];
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium"),
    pytest.mark.skipif(not finders.find("qingkong/desk.js"), reason="scripts are not built: npm run build"),
    pytest.mark.django_db(transaction=True, databases=["default", "passing"]),
]


@pytest.fixture(scope="module", autouse=True)
def nothing_hidden() -> None:
    """Close what tests before left open: Playwright's loop would hide it, and the database is replaced under it."""
    connections.close_all()


def looks_sound(page: Any) -> None:
    """Nothing scrolls sideways, axe finds no barrier, the console is quiet."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    assert page.problems == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_photo_is_seen_once_it_is_opened(county, call, page_of, width):
    item = drawn(county, register(county, call, a_jpeg(size=(3000, 2000)), note="停放位置概貌"))
    page = page_of(county.officer, width)
    page.goto(f"/desk/evidence/{item.pk}/")
    assert page.locator("#content img").count() == 0
    looks_sound(page)
    page.get_by_role("button", name="打开查看").click()
    page.locator("#content img").wait_for()
    assert page.evaluate("document.querySelector('#content img').naturalWidth") == 1920
    looks_sound(page)


@needs_ffmpeg
@pytest.mark.parametrize("width", WIDTHS)
def test_a_film_that_browsers_cannot_play_is_played_by_its_preview(county, call, page_of, width, tmp_path):
    item = drawn(county, register(county, call, a_film(tmp_path), name="录像.mov"))
    page = page_of(county.officer, width)
    page.goto(f"/desk/evidence/{item.pk}/")
    page.get_by_role("button", name="打开查看").click()
    page.locator("#content video").wait_for()
    assert page.evaluate(PLAYED) == [None, 320]
    looks_sound(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "address", ["/desk/evidence/", "/desk/evidence/register/", "/field/capture/?for={number}&kind=photo"]
)
def test_lists_and_forms_fit_wide_screens_and_phones(county, call, page_of, address, width):
    register(county, call, note="门锁撬痕")
    page = page_of(county.officer, width)
    page.goto(address.format(number=call.number))
    looks_sound(page)
