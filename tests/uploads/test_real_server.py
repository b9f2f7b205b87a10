"""With a real granian: killed at any byte, cut off at any byte, sent too much, too slowly, too much at once."""

import hashlib
import os
import random
import socket
import threading
import time

import pytest
from django.db import connection

from qingkong.kernel.vault.pieces import Pieces
from tests.uploads.sending import checksum
from tests.uploads.serving import Remote, Server, county_copied, read

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's files; run it on SQLite"),
    pytest.mark.django_db(databases=["default", "passing"]),  # so that the databases to copy are made
]
SIZE = 24 * 2**20
STEP = 2**18


@pytest.fixture(scope="module")
def content():
    return random.Random(8).randbytes(SIZE)


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    (home / "vault").mkdir()
    with django_db_blocker.unblock(), county_copied(home) as facts:
        pass
    server = Server(home, SERVED_IDLE="1.5")
    server.facts = facts
    server.start()
    yield server
    server.kill()


@pytest.fixture
def remote(server):
    if server.process is None:
        server.start()
    return Remote(server.port, server.facts.cookie, server.facts.number)


def bytes_of(server, where):
    return (Pieces(server.home / "vault" / "pieces").root / where.rpartition("/")[2]).read_bytes()


def sent_until(line, body, until):
    """Send `until` bytes; how many went out before the line broke."""
    sent = 0
    try:
        while sent < until:
            piece = body[sent : min(sent + STEP, until)]
            line.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


def resumed_through_kills(server, remote, content, points):
    where = remote.begun(len(content))
    before = 0
    for point in points:
        offset = remote.offset(where)
        assert before <= offset, "what was safe is lost"
        before = offset
        line = remote.patching(where, offset, len(content) - offset)
        sent = sent_until(line, content[offset:], min(point, len(content) - offset - 1))
        server.kill()
        line.close()
        server.start()
        kept = remote.offset(where)
        assert offset <= kept <= offset + sent
        assert bytes_of(server, where) == content[:kept]
    offset = remote.offset(where)
    answer = remote.patch(where, offset, content[offset:])
    assert (answer.status, answer.headers["X-Content-SHA256"]) == (204, hashlib.sha256(content).hexdigest())


def test_after_the_server_is_killed_at_any_byte_the_upload_goes_on_with_nothing_lost_or_doubled(
    server, remote, content
):
    dice = random.Random(os.getpid())
    resumed_through_kills(server, remote, content, [dice.randrange(1, SIZE // 4) for _ in range(3)])


@pytest.mark.deep
def test_fifty_kills_of_the_server_lose_and_double_nothing(server, remote, content):
    dice = random.Random(os.getpid())
    for _ in range(10):
        resumed_through_kills(server, remote, content, [dice.randrange(1, SIZE // 3) for _ in range(5)])


@pytest.mark.deep
def test_after_the_server_is_killed_within_a_checked_piece_nothing_unchecked_stays(server, remote, content):
    where = remote.begun(SIZE)
    remote.patch(where, 0, content[:1000])
    line = remote.connect()
    head = {
        "Content-Length": SIZE - 1000, "Content-Type": "application/offset+octet-stream", "Upload-Offset": 1000,
        "Upload-Checksum": checksum(content[1000:]),
    }  # fmt: skip
    line.sendall(remote.head_of("PATCH", where, head))
    sent_until(line, content[1000:], SIZE // 2)
    until = time.monotonic() + 20
    while len(bytes_of(server, where)) <= 1000 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(bytes_of(server, where)) > 1000
    server.kill()
    line.close()
    server.start()
    assert remote.offset(where) == 1000
    assert bytes_of(server, where) == content[:1000]


def test_after_the_sender_is_cut_off_at_any_byte_what_came_counts_and_the_rest_follows(server, remote, content):
    dice = random.Random(os.getpid())
    where, offset, furthest = remote.begun(SIZE), 0, 0
    for _ in range(20):
        line = remote.patching(where, offset, SIZE - offset)
        furthest = max(furthest, offset + sent_until(line, content[offset:], dice.randrange(0, SIZE // 20)))
        line.close()
        kept = remote.offset(where)  # asking ends the request that waits for us
        assert offset <= kept <= furthest
        offset = kept
    answer = finished(remote, where, content)
    assert answer.headers["X-Content-SHA256"] == hashlib.sha256(content).hexdigest()


def finished(remote, where, content):
    """Go on from where the server says until it has all; a request of before may still come in between."""
    until = time.monotonic() + 30
    while True:
        offset = remote.offset(where)
        answer = remote.patch(where, offset, content[offset:])
        if answer.status == 204:
            return answer
        assert answer.status in (409, 423) and time.monotonic() < until, answer.body


def test_of_two_pieces_at_once_one_is_taken(server, remote, content):
    where, answers = remote.begun(SIZE), []
    lines = [remote.patching(where, 0, SIZE) for _ in range(2)]

    def go_on(line):
        sent_until(line, content, SIZE)
        try:
            answers.append(read(line).status)
        except OSError:
            answers.append(423)  # refused while it was still sending

    threads = [threading.Thread(target=go_on, args=[line]) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in ([204, 409], [204, 410], [204, 423])
    assert bytes_of(server, where) == content


def test_a_piece_in_chunks_is_taken_and_one_that_runs_over_is_refused(server, remote):
    where = remote.begun(10)
    with remote.patching(where, 0, None) as line:
        line.sendall(b"4\r\n0123\r\n0\r\n\r\n")
        assert read(line).status == 204
    with remote.patching(where, 4, None) as line:
        line.sendall(b"7\r\n4567890\r\n0\r\n\r\n")
        assert read(line).status == 413
    assert remote.offset(where) == 4


def test_what_is_sent_after_the_announced_length_is_no_part_of_the_piece(server, remote):
    where = remote.begun(10)
    with remote.patching(where, 0, 4) as line:
        line.sendall(b"0123" + b"4567890" * 100)
        assert read(line).status == 204
    assert remote.offset(where) == 4


def test_a_sender_who_trickles_is_cut_off_and_what_came_is_kept(server, remote):
    where = remote.begun(2**20)
    first = b"x" * 2**16
    with remote.patching(where, 0, 2**20) as line:
        line.sendall(first)
        line.settimeout(0.2)
        until, answer = time.monotonic() + 30, None
        while answer is None and time.monotonic() < until:
            line.sendall(b"y")
            try:
                answer = line.recv(12, socket.MSG_PEEK)
            except TimeoutError:
                continue
        assert answer == b"HTTP/1.1 408"
    assert remote.offset(where) >= len(first)


def test_senders_who_send_nothing_leave_the_pages_their_threads_and_are_cut_off(server, remote):
    lines = [remote.patching(remote.begun(2**20), 0, 2**20) for _ in range(12)]
    assert remote.ask("GET", "/health").status == 200
    assert {read(line).status for line in lines} == {408, 503}
    for line in lines:
        line.close()


def test_headers_without_end_are_refused(remote):
    with remote.connect() as line:
        try:
            line.sendall(remote.head_of("GET", "/health", {"X-Long": "a" * 2_000_000}))
            assert read(line).status == 431
        except OSError:
            pass  # cut off while it was still sending
    assert remote.ask("GET", "/health").status == 200


def test_the_instant_of_the_server_is_the_tests(remote):
    assert remote.ask("HEAD", remote.begun(5)).headers["Upload-Expires"].startswith("Wed, 25 Nov 2026")
