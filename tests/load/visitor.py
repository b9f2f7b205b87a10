"""Somebody at a browser: keeps a connection and cookies, reads a form before sending it, and times every answer."""

import http.client
import re
import time
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
Seen = Callable[[str, float, str], None]  # step, seconds, what went wrong or nothing


class Wrong(Exception):
    """The answer isn't the one that a person would go on from."""


class Visitor:
    """One browser. `seen(step, seconds, fault)` is called after each answer."""

    def __init__(self, port: int, seen: Seen) -> None:
        self.wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.seen = seen
        self.cookies: dict[str, str] = {}

    def enter(self, appointment: str) -> None:
        """Step into a post by the demo's role picker. Not measured."""
        page = self._send("GET", "/desk/demo/")[1]
        self._send("POST", "/desk/demo/", {**hidden(page), "appointment": appointment})

    def get(self, step: str, where: str, *, htmx: bool = False) -> str:
        """A page's text. Raises Wrong."""
        return self._measured(step, "GET", where, None, htmx, (200,))

    def post(self, step: str, where: str, page: str, **fields: str | list[str]) -> str:
        """Send a form that `page` showed; the address it led to. Raises Wrong."""
        return self._measured(step, "POST", where, {**hidden(page), **fields}, False, (302, 303))

    def _measured(
        self,
        step: str,
        method: str,
        where: str,
        fields: dict[str, str | list[str]] | None,
        htmx: bool,
        fine: Iterable[int],
    ) -> str:
        begun = time.perf_counter()
        try:
            status, text = self._send(method, where, fields, htmx=htmx)
        except (OSError, http.client.HTTPException) as fault:
            self.wire.close()
            self.seen(step, time.perf_counter() - begun, type(fault).__name__)
            raise Wrong(step) from fault
        fault = "" if status in fine else f"{status} {where}"
        self.seen(step, time.perf_counter() - begun, fault)
        if fault:
            raise Wrong(fault)
        return text

    def _send(
        self, method: str, where: str, fields: dict[str, str | list[str]] | None = None, *, htmx: bool = False
    ) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept-Encoding": "identity"}
        if htmx:
            headers["HX-Request"] = "true"
        body = None
        if fields is not None:
            body = urlencode({k: v for k, v in fields.items() if k != "next"}, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if method == "POST":
            self.wire.close()  # what is sent once gets a connection that nobody has just closed
        try:
            self.wire.request(method, where, body, headers)
            answer = self.wire.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if method == "POST":
                raise
            self.wire.close()  # the server had ended an idle connection: a browser asks again
            self.wire.request(method, where, body, headers)
            answer = self.wire.getresponse()
        text = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers.get("Location", "") if method == "POST" else text


def hidden(page: str) -> dict[str, str | list[str]]:
    """The hidden fields of a page; of several forms the last one's, which is the page's own."""
    return dict(HIDDEN.findall(page))
