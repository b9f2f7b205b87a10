"""One big recording, sent as a browser sends a file: made as it goes, so that nothing is kept here."""

import http.client
import json
import os
import time
from collections.abc import Iterator

from tests.load.visitor import Visitor

PIECE = os.urandom(2**20)
BOUNDARY = "qingkong-load"


def send(port: int, officer: Visitor, link: str, mebibytes: int) -> dict[str, object]:
    """Register a file of so many MiB for a call; status, seconds, MiB a second."""
    fields = {"link": link, "source": "body_camera"}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\n'
    begin, end = head.encode() + b"\x00\x00\x00\x18ftypisom" + os.urandom(20), f"\r\n--{BOUNDARY}--\r\n".encode()
    length = len(begin) + mebibytes * len(PIECE) + len(end)

    def body() -> Iterator[bytes]:
        yield begin
        for _ in range(mebibytes):
            yield PIECE
        yield end

    officer.get("my day", "/desk/")
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
    headers = {
        "Cookie": "; ".join(f"{k}={v}" for k, v in officer.cookies.items()), "X-CSRFToken": officer.cookies["csrftoken"],
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length),
    }  # fmt: skip
    begun = time.monotonic()
    wire.request("POST", "/api/v1/evidence/", body(), headers)
    answer = wire.getresponse()
    said = answer.read()
    took = time.monotonic() - begun
    good = answer.status in (200, 201) and json.loads(said)["size"] >= mebibytes * len(PIECE)
    return {
        "mib": mebibytes, "status": answer.status, "seconds": round(took, 1), "mib_a_second": round(mebibytes / took, 1),
        "fault": "" if good else said.decode(errors="replace")[:300],
    }  # fmt: skip
