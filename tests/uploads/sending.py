"""A tus client of a few lines, over Django's test client."""

import hashlib
from base64 import b64encode
from typing import Any

PIECE = "application/offset+octet-stream"
NAME = "示例姓名的录像.mp4"


def told(**pairs: str) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}".strip() for key, value in pairs.items())


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {b64encode(hashlib.new(algorithm, content).digest()).decode()}"


class Sender:
    """Somebody who sends files for one call."""

    def __init__(self, browser: Any, number: str) -> None:
        self.browser, self.number = browser, number

    def ask(self, method: str, where: str, body: bytes = b"", **headers: str) -> Any:
        headers = {"Tus-Resumable": "1.0.0", **{k.replace("_", "-"): v for k, v in headers.items()}}
        kind = headers.pop("Content-Type", PIECE if body or method == "PATCH" else "")
        return self.browser.generic(method, where, body, kind, headers={k: v for k, v in headers.items() if v})

    def begin(self, length: Any, *, name: str = NAME, **more: Any) -> Any:
        headers = {k: more.pop(k) for k in list(more) if k[0].isupper()}
        body = more.pop("body", b"")
        pairs = {"filename": name, "use": "evidence", "reference": self.number, **more}
        return self.ask(
            "POST", "/uploads/", body,
            **{"Upload_Length": str(length), "Upload_Metadata": told(**pairs), **headers},
        )  # fmt: skip

    def begun(self, length: int, **more: Any) -> str:
        answer = self.begin(length, **more)
        assert answer.status_code == 201, answer.content.decode()
        return answer["Location"]

    def patch(self, where: str, offset: int, body: bytes, **headers: str) -> Any:
        return self.ask("PATCH", where, body, Upload_Offset=str(offset), **headers)

    def offset(self, where: str) -> int:
        answer = self.ask("HEAD", where)
        assert answer.status_code == 200, answer.status_code
        return int(answer["Upload-Offset"])

    def sent(self, content: bytes, **more: Any) -> str:
        """The whole content in one piece; where it is."""
        where = self.begun(len(content), **more)
        answer = self.patch(where, 0, content)
        assert answer.status_code == 204, answer.content.decode()
        return where
