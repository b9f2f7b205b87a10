"""Journeys: people at their screens. One county for all, a browser a file, a context of its own for each visitor.

After each step a visitor looks at the page as a whole: nothing that axe calls serious, no error in the console (a
breach of the content security policy is one), nothing that scrolls sideways, no answer of 500 or more.
"""

import http.client
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
DESK, PHONE = 1440, 360
READY_WITHIN = 180.0  # seconds, on a busy machine
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(absent)


# --- the county, served --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an instance of its own answers, with officers and no events yet."""
    home = tmp_path_factory.mktemp("county")
    port, events_port = _free_ports(2)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGKONG_", "DJANGO_"))}
    with open(home / "said.txt", "w+", encoding="utf-8") as said:
        server = subprocess.Popen(
            [sys.executable, str(HERE / "county.py"), str(port), str(events_port)],
            env={**kept, **_elsewhere(), "QINGKONG_HOME": str(home / "var")}, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _await(server, port, said.name)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)
    shutil.rmtree(home, ignore_errors=True)


def _elsewhere() -> dict[str, str]:
    """The database to use instead of SQLite, where one is named: an empty one, for one process of tests."""
    address = os.environ.get("QINGKONG_JOURNEYS_DATABASE_URL")
    return {"QINGKONG_DATABASE_URL": address} if address else {}


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def _await(server: subprocess.Popen[bytes], port: int, said: str) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)  # polling a process that starts, not a test that waits
        finally:
            connection.close()
    server.kill()
    pytest.fail(f"the county isn't served:\n{Path(said).read_text()[-1500:]}", pytrace=False)


# --- what people bring ---------------------------------------------------------------------------------------


@pytest.fixture
def photo() -> Callable[..., dict[str, Any]]:
    """A picture as a camera gives it; another seed, another picture."""

    def take(seed: int = 0) -> dict[str, Any]:
        image = Image.new("RGB", (640, 480), (110, 140, (150 + seed) % 256))
        ImageDraw.Draw(image).ellipse((220, 140, 420, 340), fill="#f5f8fb")
        content = io.BytesIO()
        image.save(content, "JPEG")
        return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}

    return take


def text_of(pdf: bytes) -> str:
    """What a PDF says; fails where it isn't one."""
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages).replace(" ", "")  # spaced letters


@pytest.fixture
def report(officer: Callable[..., "Visitor"]) -> Callable[..., tuple[str, str]]:
    """Register a report at the window and hand out its receipt: (number, query code)."""

    def register(subject: str, *, nature: str = "public_order", phone: str = "19900002222") -> tuple[str, str]:
        window = officer("窗口民警").go("/desk/reports/register/")
        window.fill(subject=subject, nature=nature, way="window", place="沙河站镇前河涯村村委会门前")
        window.fill(account="示例甲称在村委会门前遇到此事。", reporter_name="示例甲", reporter_phone=phone)
        window.fill(is_victim=True, evidence_taken="门诊病历一份").click("登记", within="main").sees("现在出具回执")
        number = window.number("B")
        receipt = text_of(window.follow("出具回执", within="main").download("打印回执"))
        assert number in receipt
        return number, re.search(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{4}", receipt).group()  # type: ignore[union-attr]

    return register


# --- visitors ------------------------------------------------------------------------------------------------


class Visitor:
    """Somebody at a screen. Every move ends with a look at the whole page."""

    def __init__(self, context: Any, width: int, name: str) -> None:
        self.context, self.width, self.name = context, width, name
        self.called = ""  # the officer's own name
        self.page = context.new_page()
        self.problems: list[str] = []
        self.offline = False
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)

    def _heard(self, said: Any) -> None:
        if said.type == "error" and not self.offline and "Failed to load resource" not in said.text:
            self.problems.append(f"console: {said.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} {response.request.method} {response.url}")
        kind = response.request.resource_type
        if response.status == 404 and kind in ("stylesheet", "script", "image", "font", "media"):
            self.problems.append(f"missing: {response.url}")

    def go(self, where: str, *, status: int = 200) -> "Visitor":
        """Open an address and look."""
        response = self.page.goto(where)
        assert response is None or response.status == status, f"{self.name}: {where} answered {response.status}"
        return self.look()

    def click(self, name: str, *, role: str = "button", within: str = "body", nth: int = 0) -> "Visitor":
        """Press a button or follow a link by its words, and look where it leads."""
        with self.page.expect_navigation(wait_until="load"):
            self.part(name, role=role, within=within, nth=nth).click()
        return self.look()

    def follow(self, name: str, *, within: str = "body", nth: int = 0) -> "Visitor":
        return self.click(name, role="link", within=within, nth=nth)

    def part(self, name: str, *, role: str = "button", within: str = "body", nth: int = 0) -> Any:
        return self.page.locator(within).get_by_role(role, name=re.compile(re.escape(name))).nth(nth)

    def fill(self, **values: Any) -> "Visitor":
        """Fill fields by their names as a person would: text, a choice, a tick."""
        for name, value in values.items():
            self._fill(self.page.locator(f'main [name="{name}"]:not([type=hidden])'), value)
        return self

    def _fill(self, fields: Any, value: Any) -> None:
        first = fields.first
        kind = first.evaluate("e => e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()")
        if kind == "select":
            options = first.locator("option")
            known = options.evaluate_all("all => all.map(o => o.value)")
            first.select_option(
                value if value in known else options.filter(has_text=value).first.get_attribute("value")
            )
        elif kind == "radio":
            fields.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox":
            (first if value is True else fields.and_(self.page.get_by_label(value))).check()
        elif kind == "file":
            first.set_input_files(value)
        else:
            first.fill(str(value))

    def sees(self, *words: str) -> "Visitor":
        """The page says each of these, where a reader sees it."""
        text = self.page.locator("body").inner_text()
        for word in words:
            assert word in text, f"{self.name} doesn't see {word!r} at {self.page.url}:\n{text[:3000]}"
        return self

    def download(self, name: str, *, role: str = "button", within: str = "main") -> bytes:
        """Press what hands out a file; its bytes."""
        with self.page.expect_download() as download:
            self.part(name, role=role, within=within).click()
        return Path(download.value.path()).read_bytes()

    def reads(self, name: str, *, within: str = "main") -> str:
        """What the PDF behind a link says."""
        answer = self.context.request.get(self.part(name, role="link", within=within).get_attribute("href"))
        assert answer.ok, f"{self.name}: {name} answered {answer.status}"
        return text_of(answer.body())

    def until(self, words: str, tries: int = 60) -> "Visitor":
        """Look again until the page says so: for what a job makes beside the page."""
        for _ in range(tries):
            if words in self.page.locator("body").inner_text():
                return self.look()
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"{self.name} waited in vain for {words!r} at {self.page.url}")

    def doesnt_see(self, *words: str) -> "Visitor":
        text = self.page.content()
        for word in words:
            assert word not in text, f"{self.name} sees {word!r} at {self.page.url}"
        return self

    def look(self) -> "Visitor":
        """Nothing wrong on this page."""
        where = f"{self.name} at {self.page.url}"
        found = axe.Axe().run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response
        grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert not grave, f"{where}: " + "; ".join(f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in grave)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{where} is {wide} wide on a screen of {self.width}"
        assert not self.problems, f"{where}: {self.problems}"
        return self

    @property
    def path(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def number(self, series: str) -> str:
        """The first number of a series that the page shows, e.g. J2026-000001."""
        found = re.search(rf"\b{series}\d{{4}}-\d{{6}}\b", self.page.locator("main").inner_text())
        assert found, f"{self.name} sees no {series} number at {self.page.url}"
        return found.group()


@pytest.fixture(scope="module")  # while it is open, its loop keeps Django's tests of this process from the database
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Any, address: str) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: `visitor("residents", width=360)`. Their contexts end with the test."""
    contexts: list[Any] = []

    def make(name: str, width: int = DESK, **options: Any) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=address,
            accept_downloads=True, **options,
        )  # fmt: skip
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Visitor(context, width, name)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def officer(visitor: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Step into a post by the role picker: `officer("接警员")`, `officer("民警", unit="派出所", width=360)`."""

    def enter(post: str, unit: str = "", width: int = DESK) -> Visitor:
        made = visitor(post, width)
        made.go("/desk/demo/")
        label = re.compile(rf"^\s*{post}\s*[^·]*{unit}[^·]*·")
        button = made.page.get_by_role("button", name=label).first
        made.called = button.locator("small").inner_text().rpartition("·")[2].strip()
        with made.page.expect_navigation():
            button.click()
        return made.look()

    return enter
