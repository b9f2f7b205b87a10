"""What stands in the log after people have used the system: routes, times, numbers; nothing of anybody."""

import json
import logging
import sys
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from qingkong.project import logs
from tests.uploads.serving import Remote, Server, county_copied

SECRETS = {
    "name": "欧阳示例丙", "phone": "19912345678", "id": "370923199001011234", "plate": "鲁J7Q8W9", "search": "找走失的示例丁",
    "account": "示例丙称昨晚在家中", "password": "wrong-password-7731", "police": "P778899", "file": "欧阳示例丙的口供.mp4",
    "host": "evil-host.example", "query": "code=QK77-1234", "agent": "示例丙的手机",
}  # fmt: skip

served = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's files; run it on SQLite"),
    pytest.mark.django_db(databases=["default", "passing"]),
]


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    home = tmp_path_factory.mktemp("logged")
    (home / "vault").mkdir()
    with django_db_blocker.unblock(), county_copied(home) as facts:
        pass
    server = Server(home, QINGKONG_LOG="json", DJANGO_SETTINGS_MODULE="tests.deploy.faulty")
    server.facts = facts
    server.start()
    yield server
    server.kill()


def lines_of(server):
    return [json.loads(line) for line in server.log.read_text().splitlines()]


class Browser(Remote):
    def post(self, where, **fields):
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}).encode()
        return self.ask(
            "POST", where, body, Content_Type="application/x-www-form-urlencoded", User_Agent=quote(SECRETS["agent"])
        )

    def get(self, where, **headers):
        return self.ask("GET", where, **headers)


@pytest.fixture
def browser(server):
    return Browser(server.port, server.facts.cookie, server.facts.number)


def journey(browser):
    """People at work, and mistakes that they, their programs and strangers make."""
    s = SECRETS
    browser.get(f"/desk/find/?q={quote(s['search'])}")
    browser.get(f"/desk/find/?q={s['id']}")
    browser.post("/desk/calls/take/", caller_name=s["name"], phone=s["phone"], account=s["account"], place=s["name"])
    browser.post("/desk/reports/register/", reporter_name=s["name"], reporter_phone=s["phone"], id_number=s["id"])
    browser.post("/desk/sign-in/", username=s["police"], password=s["password"])
    browser.get(f"/progress/?{s['query']}&phone={s['phone']}")
    browser.get(f"/nowhere/{quote(s['name'])}/?{s['query']}")
    browser.get("/", Host=s["host"])
    browser.ask("POST", "/desk/sign-in/", urlencode({"username": s["police"]}).encode(), X_CSRFToken="wrong")
    browser.ask("POST", "/api/v1/calls/", json.dumps({"caller": s["name"]}).encode(), Content_Type="application/json")
    browser.begun(5, filename=s["file"])
    browser.get(f"/desk/evidence/?after={s['plate'].encode().hex()}&q={quote(s['plate'])}")


@pytest.mark.usefixtures("db")
class TestServed:
    pytestmark = served

    def test_nothing_of_anybody_stands_in_the_log(self, server, browser):
        journey(browser)
        for page in ("python", "database"):
            assert browser.post(f"/break/{page}/", name=SECRETS["name"]).status == 500
        said = server.log.read_text()
        routes = {line.get("route") for line in lines_of(server)}
        assert {"desk:web.find", "desk:calls.take", "tests.deploy.faulty_urls.break_in_python", "none"} <= routes, (
            routes
        )
        faults = [line for line in lines_of(server) if "faults" in line]
        assert {fault["faults"][0]["type"] for fault in faults} >= {
            "builtins.ValueError", "django.db.utils.OperationalError",
        }  # fmt: skip
        for what, secret in SECRETS.items():
            for form in (secret, quote(secret), json.dumps(secret)[1:-1]):
                assert form not in said, (what, [line for line in said.splitlines() if form in line][:1])
        assert server.facts.cookie not in said

    def test_the_error_page_shows_the_number_under_which_the_fault_is_found(self, server, browser):
        answer = browser.post("/break/python/", name=SECRETS["name"])
        number = answer.headers["X-Request-ID"]
        assert f"<code>{number}</code>" in answer.body
        found = [line for line in lines_of(server) if line.get("request") == number]
        assert {"qingkong.web", "qingkong.requests"} <= {line["logger"] for line in found}
        assert any(
            "faulty_urls.py" in line for entry in found for fault in entry.get("faults", ()) for line in fault["lines"]
        )

    def test_a_refusal_shows_its_number_too(self, server, browser):
        answer = browser.get("/desk/evidence/01a20d85-b58a-7651-b46f-92a2b1f2bfcd/")
        assert answer.status == 404
        assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.body

    def test_a_number_from_outside_is_not_taken_over(self, browser):
        answer = browser.get("/health", X_Request_ID="somebody-elses-number")
        assert answer.headers["X-Request-ID"] != "somebody-elses-number"

    def test_each_line_says_when_which_route_how_it_ended_and_how_long_it_took(self, server, browser):
        number = browser.get("/desk/evidence/").headers["X-Request-ID"]
        (line,) = [line for line in lines_of(server) if line.get("request") == number]
        assert (line["route"], line["method"], line["status"]) == ("desk:evidence.list", "GET", 200)
        assert line["ms"] > 0
        assert set(line) == {"at", "level", "logger", "event", "request", "route", "method", "status", "ms"}


# --- the formatter by itself ---------------------------------------------------------------------------------


def record_of(name, message, *args, fault=None, **extra):
    logger = logging.getLogger(name)
    info = (type(fault), fault, fault.__traceback__) if fault else None
    return logger.makeRecord(name, logging.ERROR, "x.py", 7, message, args, info, extra=extra)


@pytest.mark.parametrize("form", [logs.Plain(), logs.Json()])
@pytest.mark.parametrize(
    "record",
    [
        record_of("django.request", "Not Found: %s", "/张三/"),
        record_of("axes", "AXES: New login failure by 张三"),
        record_of("some.library", {"name": "张三"}),
        record_of("django", "x", fault=ValueError("张三")),
        record_of("qingkong.web", "fault", 张三="x", name_of_person="张三"),
    ],
)
def test_values_of_other_programs_and_words_of_exceptions_are_withheld(form, record):
    said = form.format(record)
    assert "张三" not in said
    assert record.name in said


def test_our_own_messages_are_told_in_full():
    assert "recurring job clocks.ring failed" in logs.Plain().format(
        record_of("qingkong.jobs", "recurring job %s failed", "clocks.ring")
    )


def test_the_causes_of_a_fault_are_told_by_type_and_place():
    try:
        try:
            int("张三")
        except ValueError as cause:
            raise RuntimeError("张三") from cause
    except RuntimeError:
        told = logs.facts_of(
            logging.getLogger("qingkong.web").makeRecord("qingkong.web", 40, "", 1, "x", (), sys.exc_info())
        )
    assert [fault["type"] for fault in told["faults"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert "test_logs.py" in told["faults"][0]["lines"][-1]
