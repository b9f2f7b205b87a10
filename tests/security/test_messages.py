"""Where one request ends and the next begins: the server we ship answers an ambiguous message with an error, once."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(number), "--log-level", "error", "--workers-kill-timeout", "2s", "tests.security.echo:application"],
        cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", number, timeout=5)
                connection.request("GET", "/ready")
                assert connection.getresponse().status == 200
                break
            except OSError:
                assert time.monotonic() < until and server.poll() is None, "the server didn't start"
                time.sleep(0.05)  # polling a process that starts
        yield number
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:  # a half message still holds a worker
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def sent(port, message):
    """Everything that comes back until the server closes or is silent for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
        wire.sendall(message)
        answer = b""
        with contextlib.suppress(OSError):
            while piece := wire.recv(65536):
                answer += piece
    return answer


AMBIGUOUS = {
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a length that is no number": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + SMUGGLED,
    "an unknown coding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk size that is no number": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    + SMUGGLED,
    "a space before the colon": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c: d\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
}

FOUND_WHILE_READING = {"a chunk size that is no number"}  # the application has begun to answer; the connection ends


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_an_ambiguous_message_is_refused_and_hides_no_second_request(port, what):
    answer = sent(port, AMBIGUOUS[what])
    assert b"/smuggled" not in answer, answer
    assert answer.count(b"HTTP/1.1 ") <= 1 and (b"HTTP/1.1 200" not in answer or what in FOUND_WHILE_READING), answer


def test_with_both_a_length_and_chunks_the_chunks_count_and_nothing_behind_them_is_a_request_of_its_own(port):
    """RFC 9112 §6.3: either refused, or the length is overridden. A body of `0` chunk and a request behind it."""
    body = b"0\r\n\r\n" + SMUGGLED
    both = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(body)
    answer = sent(port, both + body)
    assert answer.count(b"/smuggled") == 0 or answer.startswith(b"HTTP/1.1 200"), answer
    assert b"Connection: close" in answer or b"HTTP/1.1 400" in answer or answer.count(b"HTTP/1.1 200") <= 2


def test_two_plain_requests_on_one_connection_are_two(port):
    one = b"POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    answer = sent(port, one + b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 2 and b"/first b'hello'" in answer and b"/second" in answer
