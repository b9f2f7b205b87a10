"""nginx as a real process in front of a real granian, with the configuration that `deploy/` holds."""

import hashlib
import os
import random
import re
import socket
import threading
import time

import pytest
from django.db import connection

from tests.deploy.nginx import NGINX, SECRET, Nginx, Outside
from tests.uploads.sending import PIECE
from tests.uploads.serving import Server, county_copied, free_port, read

pytestmark = [
    pytest.mark.skipif(not NGINX, reason="no nginx on this machine: apt-get install nginx-light"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's files; run it on SQLite"),
    pytest.mark.django_db(databases=["default", "passing"]),
]
CONTENT = random.Random(9).randbytes(5 * 2**20)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Events:
    """Stands for the events process: one line at once, the next when the test says so."""

    def __init__(self):
        self.line, self.go = socket.create_server(("127.0.0.1", free_port())), threading.Event()
        self.port = self.line.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                end, _ = self.line.accept()
            except OSError:
                return
            with end:
                end.recv(65536)
                end.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
                self.go.wait(30)
                end.sendall(b"data: second\n\n")


@pytest.fixture(scope="module")
def front(django_db_setup, django_db_blocker, tmp_path_factory):
    data, home = tmp_path_factory.mktemp("behind"), tmp_path_factory.mktemp("nginx")
    (data / "vault").mkdir()
    with django_db_blocker.unblock(), county_copied(data) as facts:
        pass
    server = Server(
        data, QINGKONG_PROXY_SECRET=SECRET, QINGKONG_PROXY_BODIES=str(data / "vault" / "bodies"), QINGKONG_ACCEL="/vault/",
        QINGKONG_HTTPS="1", QINGKONG_PROXY="127.0.0.1", QINGKONG_LOG="json",
    )  # fmt: skip
    events = Events()
    nginx = Nginx(home, web=server.port, events=events.port, data=data)
    server.start()
    nginx.start()
    nginx.facts, nginx.server, nginx.events, nginx.data = facts, server, events, data
    yield nginx
    nginx.stop()
    server.kill()
    events.line.close()


@pytest.fixture
def outside(front):
    return Outside(front.port, front.facts.cookie, front.facts.number)


def bodies(front):
    return sorted(file.name for file in (front.data / "vault" / "bodies").rglob("*") if file.is_file())


def test_plain_http_leads_to_https_and_pages_come_with_their_protection(front, outside):
    with socket.create_connection(("127.0.0.1", front.plain_port)) as line:
        line.sendall(b"GET /desk/?q=x HTTP/1.1\r\nHost: qingkong.example\r\nConnection: close\r\n\r\n")
        answer = read(line)
    assert (answer.status, answer.headers["Location"]) == (301, "https://qingkong.example/desk/?q=x")
    answer = outside.ask("GET", "/desk/evidence/")
    assert answer.status == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_pieces_come_through_as_they_are_sent_and_what_came_is_kept_when_the_line_breaks(front, outside):
    where = outside.begun(len(CONTENT))
    line = outside.patching(where, 0, len(CONTENT))
    line.sendall(CONTENT[: 2**20])
    piece = front.data / "vault" / "pieces" / where.rpartition("/")[2]
    until = time.monotonic() + 20
    while not (piece.exists() and piece.stat().st_size >= 2**19):
        assert time.monotonic() < until, "nginx holds the body back"
        time.sleep(0.02)
    line.close()
    offset = 0
    while offset < 2**19 and time.monotonic() < until:
        offset = outside.offset(where)
    answer = outside.patch(where, offset, CONTENT[offset:])
    assert (answer.status, answer.headers["X-Content-SHA256"]) == (204, DIGEST)


def test_a_whole_file_is_written_by_nginx_and_renamed_into_its_place(front, outside):
    where = outside.begun(len(CONTENT))
    answer = outside.ask("PUT", where, CONTENT)
    assert (answer.status, answer.headers["X-Content-SHA256"]) == (204, DIGEST)
    assert (front.data / "vault" / "pieces" / where.rpartition("/")[2]).read_bytes() == CONTENT
    assert bodies(front) == []


def test_a_whole_file_that_is_refused_leaves_nothing_in_nginxs_folder(front, outside):
    where = outside.begun(10)
    assert outside.ask("PUT", where, CONTENT).status == 413
    assert outside.offset(where) == 0
    assert bodies(front) == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_a_client_claims_in_the_proxys_headers_is_dropped(front, outside, method):
    theirs = front.data / "vault" / "bodies" / "planted"
    theirs.write_bytes(b"0123456789")
    where = outside.begun(10)
    claimed = {"X_Qingkong_Body_File": str(theirs), "X_Qingkong_Proxy": SECRET, "X_Request_ID": "claimed-by-somebody"}
    answer = outside.ask(method, where, b"abcdefghij", Content_Type=PIECE, Upload_Offset=0, **claimed)
    assert answer.headers["X-Content-SHA256"] == hashlib.sha256(b"abcdefghij").hexdigest()
    assert answer.headers["X-Request-ID"] != "claimed-by-somebody"
    assert theirs.read_bytes() == b"0123456789"
    theirs.unlink()


def test_the_number_of_a_request_is_the_same_in_nginxs_log_and_in_ours(front, outside):
    number = outside.ask("GET", "/desk/evidence/?q=示例".encode().decode("latin-1")).headers["X-Request-ID"]
    until = time.monotonic() + 10
    while number not in (front.home / "logs" / "qingkong.log").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert number in front.server.log.read_text()


def test_nginxs_log_holds_no_address_no_query_and_no_page(front, outside):
    outside.ask("GET", "/desk/find/?q=370923199001011234")
    log = (front.home / "logs" / "qingkong.log").read_text()
    assert log and not re.search(r"127\.0\.0\.1|3709|/desk|find", log)


@pytest.fixture(scope="module")
def item(front):
    """A registered original; its page."""
    officer = Outside(front.port, front.facts.cookie, front.facts.number)
    where = officer.begun(len(CONTENT), filename="a.mp4")
    officer.patch(where, 0, CONTENT)
    fields = f"link={officer.number}&source=phone&arrived={where}&csrfmiddlewaretoken={officer.token}"
    answer = officer.ask(
        "POST", "/desk/evidence/register/", fields.encode(), Content_Type="application/x-www-form-urlencoded"
    )
    assert answer.status == 303, answer.body[-2000:]
    return answer.headers["Location"]


def test_an_original_is_sent_by_nginx_after_the_same_questions(front, outside, item):
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    token = f"csrfmiddlewaretoken={outside.token}".encode()
    with outside.connect() as line:
        line.sendall(
            outside.head_of(
                "POST", f"{item}download/", {"Content-Length": len(token), "Content-Type": form["Content_Type"]}
            )
            + token
        )
        import http.client

        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, answer.getheader("X-Accel-Redirect")) == (200, None)
        assert hashlib.sha256(answer.read()).hexdigest() == DIGEST
    stranger = Outside(front.port, "nobody", front.facts.number)
    assert stranger.ask("POST", f"{item}download/", token, **form).status in (302, 403)


def test_a_part_of_an_original_is_sent_by_nginx(front, outside, item):
    token = f"csrfmiddlewaretoken={outside.token}".encode()
    answer = outside.ask(
        "POST", f"{item}download/", token, Content_Type="application/x-www-form-urlencoded", Range="bytes=10-19"
    )
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes 10-19/{len(CONTENT)}"


def test_the_vault_has_no_address_of_its_own(front, outside, item):
    for path in (f"/vault/{DIGEST[:2]}/{DIGEST}", f"/vault/../vault/{DIGEST[:2]}/{DIGEST}", "/vault/"):
        assert outside.ask("GET", path).status == 404


@pytest.mark.parametrize("path", ["/metrics", "/ready"])
def test_figures_are_not_for_outside(outside, path):
    assert outside.ask("GET", path).status == 404


def test_live_pages_are_not_held_back(front, outside):
    with outside.connect() as line:
        line.sendall(outside.head_of("GET", "/live/stream", {}))
        seen = b""
        while b"first" not in seen:
            seen += line.recv(4096)
        assert b"second" not in seen
        front.events.go.set()
        while b"second" not in seen:
            seen += line.recv(4096)


def test_headers_without_end_are_refused_at_the_door(outside):
    assert outside.ask("GET", "/", X_Long="a" * 40_000).status == 400


def test_who_tries_passwords_too_fast_is_slowed_at_the_door(outside):
    answers = [outside.ask("GET", "/desk/sign-in/").status for _ in range(30)]
    assert answers[0] in (200, 302, 303) and 429 in answers


def test_the_ledgers_tiles_may_be_kept_by_caches(front, outside):
    tile = front.data / "tiles" / "tile" / "0"
    tile.mkdir(parents=True)
    (tile / "000").write_bytes(os.urandom(32))
    assert "immutable" in outside.ask("GET", "/ledger/tile/0/000").headers["Cache-Control"]


def test_styles_and_scripts_may_be_kept_by_caches(outside):
    answer = outside.ask("GET", "/static/qingkong/app.svg")
    assert answer.status in (200, 404)  # 404 where nothing was built
    if answer.status == 200:
        assert "max-age" in answer.headers["Cache-Control"]
