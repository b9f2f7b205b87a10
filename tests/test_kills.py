"""SIGKILL inside every kind of write: what was being done is there whole, entry and all, or not at all.

A child does the work and is killed before a statement, before its commit or after it, at points spread over the
whole work (the sample of `make test` is tests/faults/test_kills.py). What the tables hold afterwards is what they held before, or what the finished work adds.
"""

import re
from collections import Counter

import pytest
from django.apps import apps

from qingkong.conftest import AT
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.dossiers import operations as dossiers
from qingkong.domains.enforcement.dossiers.tests import making as files
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.tests import making as exhibits
from qingkong.domains.trust.satisfaction import operations as satisfaction
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.kernel import access, notices, papers
from qingkong.kernel.papers import issuing
from qingkong.killing import killed_at

STRIDE, LONGEST = 5, 2000
SEALING = {"ledger.Pending", "ledger.Leaf", "ledger.Tile", "ledger.Checkpoint"}  # come after the commit, at any time
HOUR = build.HOUR


def rows() -> Counter:
    """How many rows each of our tables holds."""
    own = [m for m in apps.get_models() if m.__module__.startswith("qingkong.") and m._meta.label not in SEALING]
    return Counter({model._meta.label: model._default_manager.count() for model in own if model._meta.managed})


def registering(county):
    return lambda: build.report(county, receipt=False)


def handing_a_receipt(county):
    report = build.report(county, receipt=False)
    return lambda: cases.hand_receipt(report=report, actor=county.window, at=AT)


def filing(county):
    report = build.report(county)
    return lambda: cases.file_case(
        report=report, kind=CaseKind.ADMINISTRATIVE, offence="殴打他人", division_code=build.VILLAGE, actor=county.officer,
        at=AT, **build.team(county),
    )  # fmt: skip


def deciding(county):
    decision = build.asked(county, build.case(county))
    return lambda: cases.decide(decision=decision, actor=county.station_head, at=AT)


def seizing(county):
    case = exhibits.open_case(county)
    return lambda: exhibits.seize(county, case)


def taking_in(county):
    one = exhibits.seize(county, exhibits.open_case(county))[0]
    one = exhibits.hand_over(county, one)
    return lambda: things.accept_exhibit(exhibit=one, place="一库 1 架", actor=county.custodian, at=AT + 6 * HOUR)


def checking(county):
    one = files.submitted(county)
    return lambda: dossiers.pass_check(
        dossier=one, verdicts=files.faulty(), words="看过", actor=county.legal_officer, at=AT + 8 * HOUR
    )


def answering(county, sent=Counter()):  # noqa: B006  numbers go on
    sent["n"] += 1
    satisfaction.invite(
        about=About.CALL, number=f"J2026-9{sent['n']:05}", unit_id=county.station.pk, phone="19900000001",
        actor=access.system("satisfaction"), at=AT,
    )  # fmt: skip
    code = re.search(r"([A-Z0-9]{4}-){3}[A-Z0-9]{4}", notices.outbox(limit=1)[0].text).group()
    return lambda: satisfaction.answer(code=code, grade="4", told="no", comment="", actor=county.person, at=AT)


@pytest.fixture
def typeset(monkeypatch):
    """Papers come from a page that was typeset before: the typesetter's threads don't live on in a forked child, and it
    writes nothing. What is killed is what keeps the paper: vault, row and entry."""

    def render(kind, facts, **where):
        return b"%PDF-1.7 " + f"{kind} {where}".encode()

    monkeypatch.setattr(issuing, "render", render)
    monkeypatch.setattr(papers, "render", render, raising=False)


@pytest.mark.deep
@pytest.mark.parametrize(
    "prepare", [registering, handing_a_receipt, filing, deciding, seizing, taking_in, checking, answering]
)
def test_work_that_is_killed_is_there_whole_or_not_at_all(transactional_db, county, settings, typeset, prepare):
    settings.QINGKONG_DEMO = True  # so that the code of an invitation can be read
    prepare(county)()  # once in peace: first numbers of a year, and what else is made only once
    added = []
    for point in range(0, LONGEST, STRIDE):
        work = prepare(county)
        before = rows()
        killed = killed_at(point, work)
        change = {label: n - before[label] for label, n in rows().items() if n != before[label]}
        if change:
            added.append(change)
        if not killed:
            break
    else:
        raise AssertionError("there are more steps than were tried")
    assert added, "the work that was let live added nothing"
    assert added[-1].get("ledger.Entry", 0) >= 1
    assert [one for one in added if one != added[-1]] == []
