"""Somebody in a post at a browser or a program, whose every request is undone afterwards."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client

from qingkong.conftest import sit_down
from qingkong.kernel.access import Actor

TOKENS = re.compile(r"""(name="(?:csrfmiddlewaretoken|idempotency_key)" value="|"X-CSRFToken":")[^"]*""")
IDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[A-Z]20\d\d-\d{6}|\b[0-9a-f]{16}\b")
CONVERTER = re.compile(r"<(\w+):(\w+)>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers, and the text."""

    status: int
    headers: Any
    text: str

    @property
    def shape(self) -> tuple[int, str]:
        """The answer without what differs between any two: ids, numbers, tokens."""
        return self.status, IDS.sub("·", TOKENS.sub(r"\1", self.text))


class Asker:
    """An actor's own client; `Asker(None)` is somebody of the public."""

    def __init__(self, actor: Actor | None, **options: Any) -> None:
        self.actor = actor
        self.client = Client(raise_request_exception=False, **options)
        if actor is not None:
            sit_down(self.client, actor)

    def ask(self, method: str, where: str, data: Any = None, **more: Any) -> Answer:
        """Send a request, read the answer, and undo what it did."""
        kept = dict(self.client.cookies)
        with transaction.atomic(), transaction.atomic(using="passing"):
            answer = self._send(method, where, data, more)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="passing")
        self.client.cookies.clear()
        self.client.cookies.update(kept)
        return Answer(answer.status_code, answer.headers, body.decode(errors="replace"))

    def _send(self, method: str, where: str, data: Any, more: dict[str, Any]) -> Any:
        if data is None or isinstance(data, (bytes, str)):  # as it is
            return self.client.generic(method.upper(), where, data or "", **more)
        return getattr(self.client, method)(where, data, **more)
