"""Cut the lines of senders who went silent: the server gives no time limit for a body, and its read can't be woken.

One thread a process looks twice a second. Where a body has stopped, it cuts the lines from its sender's address on which
nothing went out and hardly anything came in for as long as a sender may be silent: such a line carries the stopped
body, or nothing that anybody waits for. Linux; elsewhere the proxy's limit counts.
"""

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

LOOK = 0.5  # seconds
ENOUGH = 65_536  # bytes that must come within the time
LAST_SENT, RECEIVED = 44, 128  # where tcp_info has the milliseconds since data went out, and the bytes that came in


@dataclass(slots=True, eq=False)
class Line:
    """The connection of a request, as far as the server tells: who is at the other end, and our port."""

    address: str
    port: int
    last: float = field(default_factory=time.monotonic)
    was_cut: bool = False

    def moved(self) -> None:
        self.last = time.monotonic()


@dataclass(slots=True)
class _Sample:
    """What had come in on a connection at an instant."""

    at: float
    received: int


_live: dict[Line, float] = {}
_lock = threading.Lock()
_watching = False


@contextmanager
def watched(line: Line, *, idle: float) -> Iterator[None]:
    """Have the line cut where hardly anything comes for `idle` seconds; `was_cut` says that it was."""
    global _watching
    with _lock:
        _live[line] = idle
        if not _watching and sys.platform == "linux":
            _watching = True
            threading.Thread(target=_watch, name="upload-lines", daemon=True).start()
    try:
        yield
    finally:
        with _lock:
            del _live[line]


def _watch() -> None:
    global _watching
    samples: dict[tuple[object, ...], _Sample] = {}
    while True:
        time.sleep(LOOK)
        with _lock:
            if not _live:
                _watching = False
                return
            stopped = [(line, idle) for line, idle in _live.items() if time.monotonic() - line.last > LOOK]
        if not stopped:
            samples.clear()
            continue
        for end in _connections():
            with end, suppress(OSError):  # closed meanwhile
                _look_at(end, stopped, samples)


def _connections() -> Iterator[socket.socket]:
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # closed meanwhile
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            end = socket.socket(fileno=os.dup(int(name)))
            if end.type == socket.SOCK_STREAM and end.family in (socket.AF_INET, socket.AF_INET6):
                yield end
            else:
                end.close()


def _look_at(end: socket.socket, stopped: list[tuple[Line, float]], samples: dict[tuple[object, ...], _Sample]) -> None:
    port, peer = end.getsockname()[1], end.getpeername()
    ours = [(line, idle) for line, idle in stopped if line.port == port and line.address == _plain(peer[0])]
    if not ours:
        return
    facts = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    sent_ago = struct.unpack_from("I", facts, LAST_SENT)[0] / 1000
    received = struct.unpack_from("Q", facts, RECEIVED)[0] if len(facts) >= RECEIVED + 8 else 0
    now, idle = time.monotonic(), min(idle for _, idle in ours)
    sample = samples.setdefault(peer, _Sample(now, received))
    if received - sample.received >= ENOUGH or sent_ago < idle:
        samples[peer] = _Sample(now, received)
    elif now - sample.at >= idle:
        for line, limit in ours:
            line.was_cut = line.was_cut or now - line.last >= limit
        end.shutdown(socket.SHUT_RD)
        del samples[peer]


def _plain(address: str) -> str:
    return address.removeprefix("::ffff:")
