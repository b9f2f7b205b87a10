"""A desk's end of the stream, as a browser keeps it: reads messages, comes back with the last id it saw."""

import asyncio
import contextlib
import json
import time

COME_BACK = 0.3  # seconds; browsers are told two


class Desk:
    """One open page. `heard` holds (id, topic, subject, when) of every message, in the order it came."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.heard: list[tuple[int, str, str, float]] = []
        self.last: str | None = None
        self.opened = self.reloads = 0

    async def sit(self) -> None:
        """Stay on the page until cancelled."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):  # the stream broke off
                await self._listen()
            await asyncio.sleep(COME_BACK)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            asked = ["GET /live/stream HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Cookie: {self.cookie}"]
            asked += [f"Last-Event-ID: {self.last}"] if self.last else []
            writer.write("\r\n".join([*asked, "Accept: text/event-stream", "", ""]).encode())
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise ValueError(head)
            self.opened += 1
            text = b""
            while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
                text += (await reader.readexactly(size + 2))[:-2]
                while b"\n\n" in text:
                    message, _, text = text.partition(b"\n\n")
                    self._take(message.decode())
        finally:
            writer.close()

    def _take(self, message: str) -> None:
        fields = dict(line.split(": ", 1) for line in message.split("\n") if ": " in line and line[0] != ":")
        self.reloads += fields.get("event") == "reload"
        if "id" in fields:
            data = json.loads(fields["data"])
            self.last = fields["id"]
            self.heard.append((int(fields["id"]), data["topic"], data["subject"], time.time()))
