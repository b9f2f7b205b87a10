"""No page reads a growing table from end to end: what it asks has an index, on both databases."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.dossiers.tests import making as dossiers
from qingkong.domains.enforcement.property.tests import making as property_

pytestmark = pytest.mark.django_db(databases=["default", "passing"])

SMALL = {
    # table: why it may be read as a whole
    "identity_unit": "about thirty units",
    "identity_officer": "about three hundred officers",
    "identity_appointment": "an officer holds one or two posts",
    "places_division": "730 townships and villages",
    "clocks_timelimit": "the law's limits, about a hundred",
    "clocks_day": "the working calendar, 365 rows a year",
    "calls_kind": "the kinds of calls, about forty",
    "cases_ground": "the law's grounds, about a hundred",
    "cases_powerrow": "who may decide what, about thirty",
    "ledger_pending": "what waits for half a second",
    "ledger_cosigner": "a handful of outside bodies",
    "web_preference": "one row an officer",
    "django_content_type": "one row a model",
    "auth_permission": "one row a model and verb",
}
SAMPLE = ["officer", "bureau_leader"]
REST = [
    "dispatcher",
    "window",
    "legal_officer",
    "legal_section",
    "station_head",
    "custodian",
    "case_office",
    "inspector",
]
OPEN_TO_ALL = ["/", "/check/", "/status/", "/satisfaction/", "/disclosure/", "/board/", "/board/calls/"]
OF_ONE_SHAPE, MOST = 2, 150


@pytest.fixture
def filled(county):
    """A report under way, an open and a decided case, things seized in it, its file."""
    build.report(county)
    case = build.case(county)
    build.executed(county, case)
    property_.keep(county, property_.seize(county, case)[0])
    dossiers.submitted(county)
    return county


@pytest.mark.parametrize("post", SAMPLE)
def test_what_a_page_asks_has_an_index(filled, post):
    _visit_and_explain(filled, post)


@pytest.mark.deep
@pytest.mark.parametrize("post", REST)
def test_what_a_page_asks_has_an_index_for_every_post(filled, post):
    _visit_and_explain(filled, post)


def _visit_and_explain(county: Any, post: str) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(getattr(county.officers, post), backend="django.contrib.auth.backends.ModelBackend")
    reads: dict[str, set[str]] = {}
    pages = 0
    for page, asked in _pages(client):
        pages += 1
        for sql, params in asked.values():
            for read in whole_reads(sql, params):
                reads.setdefault(f"{read} — {_short(sql)}", set()).add(page)
    assert pages > 5, "nothing was visited"
    assert not reads, "\n".join(f"{read} ({', '.join(sorted(at)[:3])})" for read, at in sorted(reads.items()))


def _pages(client: Client) -> Iterator[tuple[str, dict[str, tuple[str, Any]]]]:
    """The pages that links lead to from My day, and those open to all, each with what it asked that none asked before."""
    todo, seen, shapes, known = ["/desk/", *OPEN_TO_ALL], set(), {}, set()
    while todo and len(seen) < MOST:
        address = todo.pop(0)
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", address.split("?")[0])
        shapes[shape] = shapes.get(shape, 0) + 1
        if address in seen or shapes[shape] > OF_ONE_SHAPE:
            continue
        seen.add(address)
        with listening() as asked:
            page = client.get(address)
        if page.status_code in (302, 303):
            todo.append(page["Location"])
        if page.status_code == 200 and "text/html" in page["Content-Type"] and not page.streaming:
            todo += [
                found.replace("&amp;", "&") for found in re.findall(r'href="(/desk/[^"#]*)"', page.content.decode())
            ]
        new = {key: statement for key, statement in asked.items() if key not in known}
        known |= new.keys()
        yield shape, new


@contextmanager
def listening() -> Iterator[dict[str, tuple[str, Any]]]:
    """The SELECT statements asked of the record inside, one of each shape."""
    asked: dict[str, tuple[str, Any]] = {}

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip("( ").upper().startswith(("SELECT", "WITH")) and not many and " FROM " in sql:
            asked.setdefault(re.sub(r"IN \((%s(, )?)+\)", "IN (…)", sql), (sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield asked


def whole_reads(sql: str, params: Any) -> list[str]:
    """The tables that a statement would read from end to end, and how."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return list(_on_sqlite(sql, [row[3] for row in cursor.fetchall()]))
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of ten rows is planned as one of a million
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = on")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return list(_on_postgres(plan[0]["Plan"]))


def _on_postgres(node: dict[str, Any]) -> Iterator[str]:
    table = node.get("Relation Name", "")
    if node["Node Type"] == "Seq Scan" and _grows(table):
        yield f"{table}: Seq Scan {node.get('Filter', '')}"
    for part in node.get("Plans", ()):
        yield from _on_postgres(part)


def _on_sqlite(sql: str, lines: list[str]) -> Iterator[str]:
    tables = set(connection.introspection.table_names())
    names = {alias: table for table, alias in re.findall(r'(?:FROM|JOIN) "(\w+)" (\w+)(?: |$|\))', sql)}
    for line in lines:
        if not (found := re.match(r"SCAN (\w+)(.*)", line)):
            continue
        table = names.get(found[1], found[1])
        if table in tables and _grows(table) and not ("USING" in found[2] and " LIMIT " in sql):
            yield f"{table}: {line}"


def _grows(table: str) -> bool:
    return table not in SMALL and not re.fullmatch(r"(auth|axes|account|mfa)_\w+|ledger_entry_(rest|\d{4}_\d\d)", table)


def _short(sql: str) -> str:
    return re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", sql)[:700]
