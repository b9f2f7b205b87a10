"""What every page says to the browser: run nothing that isn't ours, keep nothing, be framed by nobody."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from qingkong.conftest import POSTS
from qingkong.kernel import access
from qingkong.web.routes import routes_matrix
from tests.security.asking import CONVERTER

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
OWN_SOURCES = re.compile(r"'(?:self|none)'|data:|blob:|http://(?:127\.0\.0\.1|localhost):\d+")
ONLY = {"connect-src": r"http://", "img-src": "data:|blob:", "media-src": "blob:"}
NEEDED = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "base-uri": "'none'",
    "frame-ancestors": "'none'", "form-action": "'self'",
}  # fmt: skip
LEADS_OUT = {"https://www.baidu.com/"}  # the quick way out of the portal
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src", "use": "href", "form": "action"}  # fmt: skip


class Page(HTMLParser):
    """What a page would run or load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loads: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.inline += [f"{tag} {name}" for name in said if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in said and said.get("type") != "application/json"):
            self.inline.append(tag)
        if tag in LOADS and said.get(LOADS[tag]):
            self.loads.add(said[LOADS[tag]])
        if tag == "a" and said.get("href"):
            self.links.add(said["href"])
        if (said.get("href") or "").strip().lower().startswith(("javascript:", "data:")):
            self.inline.append(f"{tag} {said['href'][:40]}")


def policy_of(answer):
    return {
        name: sources
        for name, *sources in (
            part.split() for part in answer.headers["Content-Security-Policy"].split(";") if part.strip()
        )
    }


def faults_of(answer):
    """What a page says or does wrong."""
    said = policy_of(answer) if "Content-Security-Policy" in answer.headers else {}
    for name, source in NEEDED.items():
        if said.get(name) != [source] and said != {"sandbox": [], "default-src": ["'none'"]}:
            yield f"{name} is {said.get(name)}"
    for name, sources in said.items():
        for source in sources:
            if not OWN_SOURCES.fullmatch(source) or (source[0] != "'" and not re.match(ONLY.get(name, "$"), source)):
                yield f"{name} allows {source}"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "may be sniffed"
    if answer.headers.get("X-Frame-Options") != "DENY" or answer.headers.get("Referrer-Policy") != "same-origin":
        yield "may be framed, or tells where it came from"
    if answer.headers.get("Cross-Origin-Opener-Policy") != "same-origin":
        yield "may be opened by others"
    kind = answer.headers.get("Content-Type", "")
    if answer.text and kind.startswith("text/") and "charset=utf-8" not in kind.lower():
        yield f"has no charset: {kind}"
    if kind.startswith("text/html"):
        page = Page(answer.text)
        yield from page.inline
        yield from (f"loads {url}" for url in page.loads if urlsplit(url).netloc)
        yield from (f"leads to {url}" for url in page.links if urlsplit(url).netloc and url not in LEADS_OUT)


def visits(stations, asker):
    """(route, its answer) of every page, as the first post that may open it and finds its thing."""
    actors = [getattr(stations.here, name) for name, unit, _ in POSTS if unit != "105"]
    actors.sort(key=lambda actor: actor.unit_code != "104")
    for row in routes_matrix():
        named = {name: str(stations.mine.of(row.name, name)) for _, name in CONVERTER.findall(row.path)}
        where = CONVERTER.sub(lambda m, named=named: named[m[2]], row.path)
        for actor in [a for a in actors if access.may(a, row.needs)] if row.face != "portal" else [None]:
            answer = asker(actor).ask("get", where)
            if answer.status not in (403, 404):
                break
        yield row, answer


def test_every_page_keeps_the_browser_strict_and_keeps_nothing_in_it(stations, asker, settings):
    settings.QINGKONG_DEMO = True
    found, seen = [], 0
    for row, answer in visits(stations, asker):
        seen += answer.status == 200
        found += [f"{row.name} ({answer.status}): {fault}" for fault in faults_of(answer)]
        if row.face != "portal" and row.needs != "public" and "no-store" not in answer.headers["Cache-Control"]:
            found.append(f"{row.name}: may be kept: {answer.headers['Cache-Control']}")
    assert not found, "\n".join(found)
    assert seen > 100


def test_what_went_wrong_is_answered_just_as_strictly(county, asker):
    officer, nobody = asker(county.officer), asker(None)
    answers = {
        "unknown": officer.ask("get", "/desk/nothing/"), "not permitted": officer.ask("get", "/desk/accounts/"),
        "method": officer.ask("delete", "/desk/"), "host": nobody.ask("get", "/", headers={"host": "evil.example"}),
        "api": nobody.ask("get", "/api/v1/calls/"), "token": asker(None, enforce_csrf_checks=True).ask("post", "/progress/"),
        "sign-in": nobody.ask("get", "/desk/"), "health": nobody.ask("get", "/health"), "schema": nobody.ask("get", "/api/openapi.json"),
    }  # fmt: skip
    assert [a.status for a in answers.values()] == [404, 403, 405, 400, 401, 403, 302, 200, 200]
    assert {name: list(faults_of(answer)) for name, answer in answers.items() if list(faults_of(answer))} == {}


def test_whoever_has_a_session_at_the_portal_leaves_no_page_behind_on_a_shared_computer(db, client):
    assert client.get("/progress/").headers["Cache-Control"] == "no-cache"
    client.post("/progress/", {"code": "7K3M-9QXA-AAAA-BBBB", "phone": "19900000001"})
    for where in ("/progress/code/", "/progress/mine/", "/progress/looks/", "/"):
        assert client.get(where).headers["Cache-Control"] == "no-store", where


def test_signing_out_clears_what_the_browser_has_cached(county, asker):
    assert asker(county.officer).ask("post", "/desk/sign-out/", {}).headers["Clear-Site-Data"] == '"cache"'


def test_the_policy_of_this_test_sees_a_breach():
    page = Page(
        '<a href="javascript:x">a</a><p style="x" onclick="y"></p><script>z</script><img src="//evil.example/">'
    )
    assert sorted(page.inline) == ["a javascript:x", "p onclick", "p style", "script"]
    assert page.loads == {"//evil.example/"}
