"""Visit pages in Chromium and listen: `python -m tests.security.walk ADDRESS CHROMIUM < plan`; prints what was wrong.

A process of its own, because a browser's event loop keeps Django's tests of the same process from the database.
"""

import json
import re
import sys
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
LISTEN = """document.addEventListener('securitypolicyviolation', e =>
    console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));"""


class Listener:
    """What a page says, asks for and misses."""

    def __init__(self, address: str, page: Any) -> None:
        self.heard: list[str] = []
        self.own = re.compile(r"^(?:data:|blob:|about:|" + re.escape(address.rpartition(":")[0]) + r":\d+/)")
        page.on("console", lambda said: self.heard.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
        page.on(
            "request", lambda asked: self.heard.append(f"asks {asked.url}") if not self.own.match(asked.url) else None
        )
        page.on("requestfailed", self._failed)
        page.on("response", lambda got: self.heard.append(f"{got.status} {got.url}") if got.status >= 400 else None)

    def _failed(self, request: Any) -> None:
        if "/live/" not in request.url and request.failure != "net::ERR_ABORTED":  # a stream ends with its page
            self.heard.append(f"failed {request.url}: {request.failure}")

    def taken(self) -> list[str]:
        heard, self.heard[:] = list(self.heard), []
        return heard


def context_of(browser: Any, address: str, appointment: str) -> Any:
    """A browser of its own, signed in by the demo's role picker."""
    context = browser.new_context(locale="zh-CN", base_url=address)
    context.add_init_script(LISTEN)
    if appointment:
        page = context.new_page()
        page.goto("/desk/demo/")
        token = page.locator('[name="csrfmiddlewaretoken"]').first.get_attribute("value")
        context.request.post(
            "/desk/demo/", form={"csrfmiddlewaretoken": token, "appointment": appointment}, headers={"Origin": address}
        )
        page.close()
    return context


def main(address: str, chromium: str) -> int:
    plan, wrong = json.load(sys.stdin), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        by_visitor: dict[str, list[list[str]]] = {}
        for visit in plan["visits"]:
            by_visitor.setdefault(visit[2], []).append(visit)
        for appointment, visits in by_visitor.items():
            context = context_of(browser, address, appointment)
            page = context.new_page()
            listener = Listener(address, page)
            for route, where, _ in visits:
                answer = page.goto(where, wait_until="load")
                page.wait_for_timeout(200)  # what the page does by itself once it is there
                heard = listener.taken()
                if answer is None or answer.status != 200:
                    heard.append(f"answered {answer and answer.status}")
                wrong += [f"{route}: {one}" for one in heard]
            context.close()
        planted = browser.new_context(base_url=address)
        planted.add_init_script(LISTEN)
        page = planted.new_page()
        listener = Listener(address, page)
        page.goto("/")
        page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = '1'; document.body.append(s); fetch('https://evil.example/').catch(() => 0); }"
        )
        page.wait_for_timeout(500)
        print(
            json.dumps(
                {"wrong": wrong, "visited": len(plan["visits"]), "planted": listener.taken()}, ensure_ascii=False
            )
        )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
