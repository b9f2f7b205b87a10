"""Whatever is typed, sent or left out, on every page: a sentence in Chinese, nothing half done, never a fault."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings

from qingkong.conftest import AT, POSTS, sit_down
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.tests import building as calling
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.domains.enforcement.cases.tests import build as casing
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk
from qingkong.domains.enforcement.dossiers.tests import making as filing
from qingkong.domains.enforcement.evidence.tests import building as proving
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.tests import making as seizing
from qingkong.kernel import access, notices, papers
from qingkong.kernel.text import zh
from qingkong.web.routes import routes_matrix

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
DOMAINS = ("calls", "cases", "evidence", "property", "dossiers", "disclosure", "satisfaction", "identity", "papers")
LATER = AT + timedelta(hours=3)
CONVERTER = re.compile(r"<(\w+):(\w+)>")
NAME = re.compile(r'<(?:input|select|textarea)[^>]*?\sname="([^"]+)"')
OWN = {"csrfmiddlewaretoken", "idempotency_key"}
BUTTONS = {"note", "act", "appointment", "stamp", "step", "language", "large", "next"}
ROOMS = ["calls", "cases/", "decisions", "reports", "approvals", "dossiers", "evidence", "exhibits", "rest"]


# --- a county in the middle of everything --------------------------------------------------------------------


@pytest.fixture
def world(county, tmp_path, settings):
    """What each argument of an address may name, by the argument's name or by `route argument`."""
    settings.QINGKONG_HOME = tmp_path
    made = {"officer_id": county.officers.officer.pk, "what": "view", "number": "B2026-000001", "kind": "cases.case"}
    made |= _calls(county) | _reports(county)
    case = casing.case(county)
    casing.party(county, case)
    made |= {"case_id": case.pk} | _decisions(county, case) | _things(county, case) | _files(county)
    made["item_id"] = proving.register(county, case).pk
    series = cases.open_series(title="系列", pattern="手法相同", actor=county.officer, at=AT)
    line = notices.tell(text=zh("看一看"), subject=case, at=AT, officer_id=county.officer.officer_id)
    return {**made, "key": case.pk, "series_id": series.pk, "line_id": line.pk, "finding_id": uuid.uuid4()}


def _calls(county):
    taken = calling.a_call(county)
    arrived = calling.a_response(county)
    for press in (calls.acknowledge, calls.depart, calls.arrive):
        press(response=arrived, actor=county.officer, at=AT)
    sent = calling.a_response(county)
    return {
        "call_id": sent.call_id, "desk:calls.dispatch call_id": taken.pk, "response_id": sent.pk, "desk:calls.report response_id": arrived.pk,
        "field:calls.report response_id": arrived.pk,
    }  # fmt: skip


def _reports(county):
    report, waiting = casing.report(county), casing.report(county, nature=Nature.CRIMINAL)
    team = {role: str(one.pk) for role, one in casing.team(county).items()}
    asked = cases.ask_approval(
        matter=Matter.FILE_CRIMINAL, report=waiting, asks={**team, "offence": "盗窃"}, reason="有犯罪事实",
        actor=county.officer, at=AT,
    )  # fmt: skip
    return {"report_id": report.pk, "approval_id": asked.pk}


def _decisions(county, case):
    told, defended = casing.proposal(county, case), casing.proposal(county, case)
    for one in (told, defended):
        cases.give_notice(decision=one, actor=county.officer, at=AT)
    cases.record_statement(
        decision=defended, statement="不是我", defended=True, hearing="", actor=county.officer, at=AT
    )
    reviewed = casing.proposal(county, case)
    cases.ask_review(decision=reviewed, actor=county.officer, at=AT)
    asked = casing.asked(county, case).pk
    decided = casing.decided(county, case)
    served = casing.decided(county, case)
    cases.serve(decision=served, party=served.party, way="direct", actor=county.officer, at=AT)
    return {
        "decision_id": casing.proposal(county, case).pk, "desk:cases.statement decision_id": told.pk,
        "desk:cases.answer decision_id": defended.pk, "desk:cases.review decision_id": reviewed.pk,
        "desk:cases.decide decision_id": asked, "desk:cases.return_proposal decision_id": asked,
        "desk:cases.serve decision_id": decided.pk, "desk:cases.execute decision_id": served.pk,
    }  # fmt: skip


def _things(county, case):
    taken, offered, kept = (seizing.seize(county, case)[0] for _ in range(3))
    seizing.hand_over(county, offered)
    seizing.keep(county, kept)
    made = taken.seizure_list
    asked = things.ask_to_seize(case=case, what="刀", reason="证据", actor=county.officer, at=AT)
    paper = papers.of(made)[0]
    return {
        "exhibit_id": kept.pk, "desk:property.hand_over exhibit_id": taken.pk, "list_id": made.pk,
        "desk:property.accept exhibit_id": offered.pk, "desk:property.refuse exhibit_id": offered.pk,
        "desk:property.approve approval_id": asked.pk, "desk:property.paper paper_id": paper.pk,
    }  # fmt: skip


def _files(county):
    compiled, returned = filing.a_dossier(county), filing.submitted(county)
    checked = filing.submitted(county)
    dossiers.return_dossier(
        dossier=returned, verdicts=filing.faulty("facts"), words="",
        faults=[Fault("facts", "没有说明", ReturnAsk.EXPLANATION, None)], actor=county.legal_officer, at=LATER,
    )  # fmt: skip
    fault = apps.get_model("dossiers", "ReturnedPoint").objects.get()
    return {
        "dossier_id": compiled.pk, "desk:dossiers.check dossier_id": checked.pk,
        "desk:dossiers.withdraw dossier_id": checked.pk, "paper_id": compiled.papers.first().pk, "fault_id": fault.pk,
    }  # fmt: skip


# --- what is sent --------------------------------------------------------------------------------------------


def garbage(names: set[str]) -> Iterator[tuple[str, dict[str, object]]]:
    """(what it is, the fields) for a page's fields."""
    yield "nothing", {}
    yield "spaces", dict.fromkeys(names, "   ")
    yield "ten kilobytes", dict.fromkeys(names, "长" * 3400)
    yield "NULs and controls", dict.fromkeys(names, "a\x00b\x1b[2J\u202e\ufeff")
    yield "somebody's id", dict.fromkeys(names, str(uuid.uuid4()))
    yield "numbers out of range", dict.fromkeys(names, "-99999999999999999999999")
    yield "not a number", dict.fromkeys(names, "NaN")
    yield "a day that isn't", dict.fromkeys(names, "2026-02-30T25:61")
    yield "markup", dict.fromkeys(names, "<script>alert(1)</script>' OR 1=1 --")
    yield (
        "a program named as a picture",
        {n: SimpleUploadedFile("照片.jpg", b"MZ\x90\x00 not a picture") for n in names},
    )
    yield "an empty file", {n: SimpleUploadedFile("../../etc/passwd", b"") for n in names}


class Sender:
    """Somebody in a post, whose every request is undone afterwards."""

    def __init__(self, actor):
        self.client, self.rows = Client(raise_request_exception=False), _rows()
        if actor is None:
            return
        sit_down(self.client, actor)

    def ask(self, method: str, where: str, fields=None):
        """(status, text, what changed in the tables of the rooms)"""
        cookies = dict(self.client.cookies)
        with transaction.atomic(), transaction.atomic(using="passing"):
            answer = getattr(self.client, method)(where, fields or {})
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            changed = {table: (self.rows[table], n) for table, n in _rows().items() if n != self.rows[table]}
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="passing")
        self.client.cookies.clear()
        self.client.cookies.update(cookies)
        return answer, text.decode(errors="replace"), changed


def _rows() -> dict[str, int]:
    """How many rows each table of the rooms holds, in one question."""
    tables = [model._meta.db_table for label in DOMAINS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables))
        return dict(zip(tables, cursor.fetchone(), strict=True))


def rows_of(room: str):
    """The routes of a room: those whose address begins with its words on any face; `rest` has what none has."""

    def belongs(path, word):
        return re.search(rf"^/(desk|field)/(cases/)?{word}", path) is not None

    for row in routes_matrix():
        found = [word for word in ROOMS[:-1] if belongs(row.path, word)]
        if row.face != "board" and (room == "rest" if not found else room == found[-1]):
            yield row


def faults_of(sender: Sender, where: str, title: str) -> Iterator[str]:
    page, text, _ = sender.ask("get", where)
    if page.status_code >= 500:
        yield f"GET {where}: {page.status_code}"
    names = set(NAME.findall(text)) - OWN or BUTTONS
    for what, fields in list(garbage(names))[: None if page.status_code == 200 else 3]:
        answer, text, changed = sender.ask("post", where, fields)
        if answer.status_code >= 500 or "Traceback" in text:
            yield f"{title} {what}: {answer.status_code}"
        elif answer.status_code < 300 and not answer.headers["Content-Type"].startswith("text/html"):
            continue  # a file was handed out
        elif answer.status_code not in (302, 303, 204):
            if changed:
                yield f"{title} {what}: {answer.status_code}, but {changed}"
            if not re.search("[一-鿿]{2}", text):
                yield f"{title} {what}: {answer.status_code} says {text[:80]!r}"


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_that_is_sent_ends_in_a_fault_or_half_done(room, county, world):
    senders: dict[str, Sender] = {}
    faults: list[str] = []
    with override_settings(QINGKONG_CLOCK=lambda: LATER):
        for row in rows_of(room):
            actors = {post: getattr(county, name) for name, _, post in reversed(POSTS)}
            who = APPROVERS.get(row.name) or next(
                (post for post in FIRST if row.face != "portal" and access.may(actors[post], row.needs)), ""
            )
            sender = senders.setdefault(who, Sender(actors.get(who)))
            named = {arg: world.get(f"{row.name} {arg}", world[arg]) for _, arg in CONVERTER.findall(row.path)}
            strange = {arg: uuid.uuid4() if kind == "uuid" else "x" for kind, arg in CONVERTER.findall(row.path)}
            for given in (named, strange) if named else (named,):
                where = CONVERTER.sub(lambda m, given=given: str(given[m[2]]), row.path)
                faults += faults_of(
                    sender, where, f"{who or 'public'} {row.name}{'' if given is named else ' (unknown id)'}"
                )
    assert not faults, "\n".join(faults)


APPROVERS = {"desk:cases.approve": "bureau_leader", "desk:cases.give_back": "bureau_leader"}
FIRST = ("officer", "dispatcher", "window", "legal_officer", "legal_section", "station_head", "custodian", "bureau_leader", "case_office", "inspector", "petitions_office", "supervisor", "administrator", "auxiliary", "brigade_head")  # fmt: skip


@pytest.mark.parametrize("given", ["\x00", "'", "9" * 400, "%", "<b>", "长" * 3000, "a,b,c", "=", "2026-02-30"])
def test_no_question_in_an_address_ends_in_a_fault(given, county):
    faults = []
    names = (
        "q",
        "after",
        "before",
        "state",
        "show",
        "kind",
        "unit",
        "tab",
        "call",
        "for",
        "to",
        "next",
        "code",
        "thread",
    )
    with override_settings(QINGKONG_CLOCK=lambda: LATER):
        sender = Sender(county.officer)
        for row in routes_matrix():
            if "<" in row.path or row.face == "board":
                continue
            answer, text, _ = sender.ask("get", row.path, dict.fromkeys(names, given))
            if answer.status_code >= 500 or "Traceback" in text:
                faults.append(f"{row.path}: {answer.status_code}")
    assert not faults, "\n".join(faults)
