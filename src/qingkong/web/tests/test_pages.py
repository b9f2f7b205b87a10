"""What reaches the browser: templates, content policy, weight, language."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import Client

from qingkong.project import catalogue
from qingkong.web import icons

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
WEB = Path(__file__).resolve().parents[1]
SOURCE = WEB.parent
PAGES = [path for path in SOURCE.rglob("templates/**/*.html") if "tests" not in path.parts]
BUILT = finders.find("qingkong/portal.css")
built = pytest.mark.skipif(not BUILT, reason="styles are not built: npm run build")
LIMIT = 60_000


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_template_compiles(path):
    engines["django"].from_string(path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_template_carries_style_or_script_of_its_own(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_the_content_policy_allows_nothing_unsafe(signed_in, county):
    policy = signed_in(county.officer).get("/desk/gallery/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "*" not in policy


def test_officers_pages_are_not_kept_by_the_browser(signed_in, county):
    assert signed_in(county.officer).get("/desk/gallery/").headers["Cache-Control"] == "no-store"


@built
@pytest.mark.parametrize("address", ["/", "/gallery/"])
def test_a_page_of_the_portal_weighs_no_more_than_sixty_kilobytes(gallery, address):
    page = Client().get(address).content
    names = set(re.findall(rb"/static/(qingkong/[a-z.]+)", page))
    assert b"<script" not in page
    weight = len(gzip.compress(page)) + sum(
        len(gzip.compress(Path(finders.find(n.decode())).read_bytes())) for n in names
    )
    assert weight <= LIMIT


@built
def test_every_listed_icon_is_in_the_sprite():
    sprite = Path(finders.find("qingkong/icons.svg")).read_text()
    assert set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite)) == icons.names()


def test_every_icon_a_template_names_is_listed():
    used = {name for path in PAGES for name in re.findall(r'\{% icon "([a-z0-9-]+)"', path.read_text())}
    assert used <= icons.names()


def test_large_type_is_a_cookie_and_a_class(gallery):
    browser = Client()
    answer = browser.post("/large-type/", {"large": "1", "next": "/gallery/"})
    assert answer.headers["Location"] == "/gallery/"
    assert "qk-large" in browser.get("/gallery/").content.decode()
    browser.post("/large-type/", {"large": "0", "next": "/"})
    assert "qk-large" not in browser.get("/gallery/").content.decode()


def test_the_way_out_is_on_every_page_of_the_portal(gallery):
    for address in ("/", "/gallery/", "/nowhere/"):
        assert "快速离开" in Client().get(address).content.decode()


def test_the_wall_asks_again_by_itself_and_says_how_old_it_is(signed_in, county):
    answer = signed_in(county.officer).get("/board/gallery/")
    assert answer.headers["Refresh"] == "30" and "数据时间" in answer.content.decode()


@built
def test_the_service_worker_knows_what_to_keep(signed_in, county):
    answer = signed_in(county.officer).get("/field/sw.js")
    script = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert re.search(r"const KEPT = \['/field/queue/', '/static/qingkong/field\.css\?v=[0-9a-f]{12}'", script)


def test_the_page_still_on_the_phone_holds_nothing_of_anybody(signed_in, county):
    named = signed_in(county.officer).get("/field/queue/").content.decode()
    assert county.officer.name not in named


def test_every_sentence_of_the_frames_has_its_english():
    known = {m.id for m in catalogue.read(WEB) if m.id and m.string}
    assert {message for _, message in catalogue.sentences(WEB) if message} <= known


def test_the_lock_names_no_address():
    lock = Path(settings.BASE_DIR if hasattr(settings, "BASE_DIR") else SOURCE.parents[1]) / "package-lock.json"
    if lock.exists():
        assert "://" not in lock.read_text()
