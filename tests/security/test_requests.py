"""Where a request comes from and leads to: hosts, redirects, headers, addresses; and what is asked of others: nothing."""

import ast
from pathlib import Path

import pytest
from django.test import Client, override_settings

from qingkong.conftest import AT
from qingkong.kernel.access.accounts import set_password
from tests.security.asking import sit_down

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
SOURCE = Path(__file__).resolve().parents[2] / "src"
ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "javascript:alert(1)", "data:text/html,x", "/desk/\r\nSet-Cookie: a=b", "http://testserver@evil.example/", " //evil.example",
    "/\t/evil.example", "https://testserver.evil.example/",
]  # fmt: skip
MAY_ASK = {
    "qingkong/project/supervisor.py": "asks its own child on loopback whether it answers",
    "qingkong/kernel/vault/": "asks the S3 store whose address stands in the environment, and nothing else",
    "qingkong_verify/": "runs at the cosigner's, and asks the address its operator names",
}
"""Modules that open a connection as a client, and why. None takes an address from a request or a row."""
CLIENTS = {"urllib.request", "http.client", "httpx", "requests", "aiohttp", "urllib3", "smtplib", "ftplib", "telnetlib", "socketserver", "boto3"}  # fmt: skip


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "testserver:80@evil.example", "", "a b", "["]
)
def test_another_host_name_is_refused_and_never_written_into_a_page(host):
    answer = Client(raise_request_exception=False).get("/", headers={"host": host})
    assert answer.status_code == 400 and "evil.example" not in answer.content.decode()


def test_a_forwarded_host_is_not_believed(client):
    page = client.get("/desk/", headers={"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"})
    assert page.status_code == 302 and "evil.example" not in page.headers["Location"]


@pytest.mark.parametrize("where", ELSEWHERE)
def test_no_sign_in_and_no_choice_leads_to_another_site(client, county, settings, where):
    settings.QINGKONG_DEMO = True  # without a second factor; the way on is the same
    set_password(officer=county.officers.officer, password="a long passphrase", actor=county.administrator, at=AT)
    client.get("/desk/sign-in/", {"next": where})
    answer = client.post(
        "/desk/sign-in/", {"username": county.officers.officer.username, "password": "a long passphrase"}
    )
    assert answer.headers["Location"] == "/desk/role/"
    onward = client.get("/desk/role/").headers["Location"]
    assert onward == "/desk/" or onward.startswith("/desk/%0D%0A")  # a page of ours that doesn't exist
    for face in ("/desk/language/", "/field/language/", "/language/", "/large-type/"):
        chosen = client.post(face, {"next": where, "language": "en", "large": "1"})
        assert chosen.headers["Location"].startswith("/") and "evil" not in chosen.headers["Location"], (
            face,
            chosen.headers["Location"],
        )
        assert "a=b" not in str(chosen.cookies)


def test_an_address_of_ours_is_remembered_over_the_sign_in(client, county, settings):
    settings.QINGKONG_DEMO = True
    set_password(officer=county.officers.officer, password="a long passphrase", actor=county.administrator, at=AT)
    client.get("/desk/sign-in/", {"next": "/desk/calls/"})
    client.post("/desk/sign-in/", {"username": county.officers.officer.username, "password": "a long passphrase"})
    assert client.get("/desk/role/").headers["Location"] == "/desk/calls/"


def test_no_header_is_made_of_what_was_typed_without_being_encoded(client, county):
    sit_down(client, county.officer)
    for value in ("a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\x00b", "长\r\n"):
        for where in ("/desk/calls/", "/desk/find/", "/desk/reports/", "/desk/cases/"):
            answer = client.get(where, {"q": value, "after": value, "tab": value})
            assert "X-Injected" not in answer.headers and answer.status_code < 500


@pytest.mark.parametrize(
    "named, believed", [(["127.0.0.1"], "10.9.8.7"), ([], "127.0.0.1"), (["10.0.0.1"], "127.0.0.1")]
)
def test_a_visitors_address_is_taken_from_a_proxy_that_is_named_and_from_nobody_else(rf, named, believed):
    from qingkong.web import visits

    request = rf.get("/", headers={"x-real-ip": "10.9.8.7", "x-forwarded-for": "6.6.6.6"}, REMOTE_ADDR="127.0.0.1")
    with override_settings(QINGKONG_PROXY=named):
        visits.mind_the_proxy(request)
    assert request.META["REMOTE_ADDR"] == believed


def test_what_a_proxy_passes_on_that_is_no_address_is_not_believed(rf):
    from qingkong.web import visits

    request = rf.get("/", headers={"x-real-ip": "1' OR 1=1"}, REMOTE_ADDR="127.0.0.1")
    with override_settings(QINGKONG_PROXY=["127.0.0.1"]):
        visits.mind_the_proxy(request)
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"


def imported(file):
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours():
    return [f for f in SOURCE.rglob("*.py") if "tests" not in f.parts and f.name != "conftest.py"]


def test_no_module_asks_another_machine_but_those_that_are_named():
    asking = {str(f.relative_to(SOURCE)) for f in ours() if CLIENTS & set(imported(f))}
    assert {name for name in asking if not name.startswith(tuple(MAY_ASK))} == set()
    assert any(name == "qingkong/project/supervisor.py" for name in asking)  # the search finds what there is


def test_no_module_runs_text_as_code_or_takes_objects_from_bytes():
    forbidden = {
        "pickle",
        "marshal",
        "shelve",
        "yaml",
        "xml.sax",
        "xml.dom",
        "xml.etree",
        "lxml",
        "telnetlib",
        "jinja2",
    }
    for file in ours():
        assert not {name for name in imported(file) if name in forbidden or name.rpartition(".")[0] in forbidden}, file
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__"}, f"{file}:{node.lineno}"


TABLES = {"csv.writer", "csv.DictWriter", "xlsxwriter", "openpyxl"}
NEUTRALISES: dict[str, str] = {}
"""Modules that write tables for a spreadsheet, and the test that shows `=`, `+`, `-`, `@`, tab and return come out as text."""


def test_no_table_for_a_spreadsheet_is_written_but_where_formulas_are_made_harmless():
    writing = set()
    for file in ours():
        text = file.read_text(encoding="utf-8")
        if any(name in text for name in (*TABLES, 'content_type="text/csv')):
            writing.add(str(file.relative_to(SOURCE)))
    assert writing == set(NEUTRALISES), "name its test in NEUTRALISES: a cell that begins with = is a program"
