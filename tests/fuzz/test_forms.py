"""Whatever a form is sent, on every page of every face: a sentence, never a fault, never a trace of the program."""

import re
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qingkong.conftest import POSTS
from qingkong.kernel import access
from qingkong.web.routes import routes_matrix
from tests.security.asking import CONVERTER, Asker
from tests.security.conftest import asker, stations

__all__ = ["asker", "stations"]
pytestmark = pytest.mark.django_db(databases=["default", "passing"])
FIELD = re.compile(r'<(?:input|select|textarea)[^>]*?\sname="([^"]+)"')
OWN = {"csrfmiddlewaretoken", "idempotency_key"}
SHORT, LONG = 1, 30  # examples a page
FIRST = [name for name, unit, _ in POSTS if unit == "104"] + [
    name for name, unit, _ in POSTS if unit not in ("104", "105")
]
QUIET = partial(
    settings,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TRACES = ("Traceback", "File &quot;/", "site-packages", "sqlite3.", "psycopg", "django.", "SELECT ", "0x7f")

CONTROLS = "\x00\x01\x07\x08\x0b\x0c\x1b\x7f\x85"
DIRECTIONS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2069\u200f\ufeff\u200b\u2028\u2029"
STRANGE = [
    "", " ", "\t\r\n", "\x00", "null", "None", "undefined", "NaN", "-0", "1e400", "9" * 40, "-1", "0x10", "٣", "½", "²", "１２", "true",
    "2026-02-30", "2026-11-24T25:61", "0000-00-00", "99999-01-01", "'; DROP TABLE x; --", "<script>alert(1)</script>", "{{ 7*7 }}",
    "${7*7}", "%s%n%d", "../../etc/passwd", "\\\\server\\share", "=1+1", "@SUM(A1)", "+8613800000000", "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe\xfd", b"\xc0\x80", b"\xed\xa0\x80", "a" + "\u0301" * 500, "👩‍👩‍👧‍👦", "\U0010ffff", "长" * 20_000, "a" * 100_000, "[]", "{}", "[" * 2000,
]  # fmt: skip


def values(ids: list[str]) -> Any:
    text = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(CONTROLS + DIRECTIONS)), max_size=40)
    return st.one_of(
        st.sampled_from(STRANGE),
        text,
        st.binary(max_size=20),
        st.sampled_from(ids),
        st.uuids().map(str),
        st.integers().map(str),
    )


@st.composite
def submits(draw: Any, names: list[str], ids: list[str]) -> dict[str, list[Any]]:
    """Fields of a page: some missing, some twice, some that it doesn't have."""
    taken = draw(st.lists(st.sampled_from(names), unique=True)) if draw(st.booleans()) else list(names)
    one = values(ids)
    sent = {name: draw(st.lists(one, min_size=1, max_size=2)) for name in taken}
    if draw(st.booleans()):
        sent[draw(st.sampled_from(["is_active", "unit_id", "id", "__class__", "state", "at", "actor", "a" * 300]))] = [
            draw(one)
        ]
    return sent


def encoded(fields: dict[str, list[Any]]) -> bytes:
    """As a browser, or something worse, would send it: bytes that may be no text at all."""
    from urllib.parse import quote_from_bytes

    def quoted(value: Any) -> str:
        return quote_from_bytes(value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass"))

    return "&".join(f"{quoted(name)}={quoted(one)}" for name, many in fields.items() for one in many).encode()


def fault_of(answer: Any) -> str:
    if answer.status >= 500:
        return str(answer.status)
    if any(trace in answer.text for trace in TRACES) and answer.headers.get("Content-Type", "").startswith(
        ("text/", "application/json")
    ):
        return next(trace for trace in TRACES if trace in answer.text)
    refused = answer.status >= 400 and answer.status != 405
    return f"{answer.status} without a sentence" if refused and not re.search("[一-鿿]{4}", answer.text) else ""


def pages(stations: Any, asker: Any, face: str) -> Any:
    """(route, address, its client, its fields) for the first post that may open it and finds its thing."""
    for row in routes_matrix():
        if row.face != face:
            continue
        named = {name: str(stations.mine.of(row.name, name)) for _, name in CONVERTER.findall(row.path)}
        where = CONVERTER.sub(lambda m, named=named: named[m[2]], row.path)
        candidates = [getattr(stations.here, name) for name in FIRST] if face != "portal" else [None]
        for actor in candidates:
            if actor is not None and not access.may(actor, row.needs):
                continue
            client: Asker = asker(actor)
            page = client.ask("get", where)
            if page.status not in (403, 404):
                break
        yield (
            row.name,
            where,
            client,
            sorted(set(FIELD.findall(page.text)) - OWN) or ["act", "note", "appointment", "language", "next"],
        )


def throw(stations: Any, asker: Any, face: str, examples: int) -> tuple[int, list[str]]:
    """How many submits were sent to a face's pages, and what was wrong with the answers."""
    ids = [str(v) for v in {**stations.mine.named, **stations.theirs.named}.values()] + [
        *stations.theirs.numbers.values()
    ]
    thrown, faults = 0, []
    for name, where, client, names in pages(stations, asker, face):
        sent, found = throw_at(client, where, submits(names, ids), examples)
        thrown += sent
        faults += [f"{name}: {fault}" for fault in found]
    return thrown, faults


def throw_at(client: Asker, where: str, strategy: Any, examples: int) -> tuple[int, list[str]]:
    thrown, faults = 0, []

    @given(sent=strategy)
    @QUIET(max_examples=examples)
    def one(sent: dict[str, list[Any]]) -> None:
        nonlocal thrown
        thrown += 1
        answer = client.ask("post", where, encoded(sent), content_type="application/x-www-form-urlencoded")
        if fault := fault_of(answer):
            faults.append(f"{fault} for {str(sent)[:300]}")

    one()
    return thrown, faults


@pytest.mark.parametrize("face", ["desk", "field", "portal"])
def test_a_few_strange_submits_to_every_page_end_in_no_fault(stations, asker, face):
    thrown, faults = throw(stations, asker, face, SHORT)
    assert thrown >= 10 and not faults, "\n".join(faults[:20])


@pytest.mark.deep
@pytest.mark.parametrize("face", ["desk", "field", "portal", "board"])
def test_many_strange_submits_to_every_page_end_in_no_fault(stations, asker, face):
    thrown, faults = throw(stations, asker, face, LONG)
    assert thrown and not faults, "\n".join(faults[:20])


BODIES = {
    "no boundary": ("multipart/form-data", b"x"),
    "another boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\n"),
    "an open part": ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="note"\r\n\r\nx'),
    "a part of nothing": ("multipart/form-data; boundary=a", b"--a\r\n\r\n\r\n--a--"),
    "a wrong coding": ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="f"; filename="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--a--'),
    "a wrong charset": ("application/x-www-form-urlencoded; charset=utf-99", b"note=x"),
    "UTF-16": ("application/x-www-form-urlencoded; charset=utf-16", "note=长".encode("utf-16")),
    "JSON": ("application/json", b'{"note": '),
    "percent": ("application/x-www-form-urlencoded", b"%=%zz&=&%ff=%fe"),
    "a very long boundary": ("multipart/form-data; boundary=" + "a" * 500, b"x"),
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_form_ends_in_no_fault(county, asker, what):
    kind, body = BODIES[what]
    for where in (
        "/desk/evidence/register/",
        "/desk/calls/take/",
        "/desk/language/",
        "/progress/",
        "/field/reports/register/",
        "/desk/sign-in/",
    ):
        answer = asker(county.officer).ask("post", where, body, content_type=kind)
        assert not fault_of(answer), (where, answer.status, answer.text[:300])


@pytest.mark.parametrize("name", ["a\x00b.jpg", "长" * 300 + ".jpg", "\u202egpj.exe", "a/b\\c"])
def test_a_file_with_any_name_ends_in_no_fault(county, asker, name):
    file = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + bytes(10))
    file.name = name
    for where in ("/desk/evidence/register/", "/field/capture/"):
        answer = asker(county.officer).ask("post", where, {"link": "J2026-000001", "upload": file})
        assert not fault_of(answer), (where, answer.status, answer.text[:300])
