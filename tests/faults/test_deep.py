"""`qingkong check --deep` names what doesn't agree, by number, and is silent where all is well."""

import argparse
import json
import os
import subprocess
import sys

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.models import Call, Caller, Response
from qingkong.domains.enforcement.cases.models import Approval, Case, Decision, Report
from qingkong.domains.enforcement.dossiers.models import Dossier, DossierPaper
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.property.models import Exhibit, SeizureApproval
from qingkong.domains.trust.satisfaction.models import Invitation
from qingkong.kernel import ledger
from qingkong.kernel.clocks.models import Clock, Suspension
from qingkong.kernel.gates.models import Finding
from qingkong.kernel.identity.models import Officer
from qingkong.kernel.notices.models import Message
from qingkong.kernel.numbering.models import Serial
from qingkong.kernel.papers.models import Paper
from qingkong.kernel.records import uuid7
from qingkong.kernel.vault import reading
from qingkong.project import commands, wiring
from tests.faults import works
from tests.faults.conftest import problems

pytestmark = pytest.mark.django_db(databases=["default", "passing"])

FILLED = [
    works.settling, works.linking, works.stamping, works.filing, works.serving, works.asking, works.handing_back,
    works.seizing, works.approving_a_seizure, works.passing, works.registering_evidence, works.answering, works.opening_an_account,
]  # fmt: skip


@pytest.fixture
def filled(county, typeset):
    """A county in which each kind of record stands."""
    for prepare in FILLED:
        prepare(county)()
    return county


def room_problems():
    """What the rooms themselves find: the ledger and the database's own files aren't asked."""
    return [str(problem) for _, question, grave in wiring.audits() if grave for problem in question(AT)]


def first(model, **which):
    return model.objects.filter(**which).order_by("pk").first()


def taken_away():
    """A number was given out and its row is gone."""
    Serial.objects.filter(series="J").update(last=Serial.objects.get(series="J").last + 1)


def given_a_number_nobody_gave():
    Call.objects.filter(pk=first(Call).pk).update(number="J2026-000900")


def answered_twice():
    Invitation.objects.filter(spent_on=None).update(spent_on=AT.date())


def suspended_silently():
    clock = first(Clock, stopped_at=None)
    Suspension.objects.create(clock=clock, since_at=AT, reason="示例")


def clock_of_nothing():
    one = first(Clock, stopped_at=None)
    Clock.objects.filter(pk=one.pk).update(subject_key=f"cases.case:{uuid7()}")


def moved_without_a_movement():
    Exhibit.objects.filter(state="taken").update(state="registered")


def an_exhibit_of_nowhere():
    one = first(Exhibit, state="taken")
    one.pk, one.number, one._state.adding = uuid7(), "E2026-000777", True
    one.save(force_insert=True)


def reopened():
    Call.objects.filter(state="closed").update(state="reported", closed_at=None, result="")


TAMPERED = [
    ("a call is made back into an open one", reopened, "结警"),
    ("a stamp is filled in afterwards", lambda: Response.objects.filter(departed_at=None).update(departed_at=AT + works.HOUR), "出警"),
    ("a unit's coming is struck out", lambda: Response.objects.filter(reported_at__isnull=False).update(reported_at=None), "反馈"),
    ("a call's link is undone", lambda: Call.objects.update(linked_to=None), "应当有 0 条"),
    ("a number is left out", taken_away, "发出了，却没有一行用它"),
    ("a number is invented", given_a_number_nobody_gave, "J2026-000900 没有发过"),
    ("a report is declined in the table", lambda: Report.objects.filter(state="registered").update(state="declined", answered_at=AT, answer_ground="x"), "不予"),
    ("an approval is answered in the table", lambda: Approval.objects.filter(state="waiting").update(state="approved"), "应当有 1 条"),
    ("a case is closed in the table", lambda: Case.objects.filter(state="investigating", kind="administrative").update(state="closed", over_at=AT, over_by_name="x", over_ground="258-1"), "存证里结束过 0 次"),
    ("a decision loses its number's paper", lambda: Decision.objects.update(number="东公(沙)行罚决字〔2026〕99号"), "却没有决定书"),
    ("a paper's bytes are others", lambda: Paper.objects.update(sha256="0" * 64), "不在原件库的登记里"),
    ("an exhibit's state is changed", moved_without_a_movement, "最后一次移动之后应是"),
    ("an exhibit is invented", an_exhibit_of_nowhere, "没有一条移动记录"),
    ("an approval to seize is unanswered again", lambda: SeizureApproval.objects.update(state="asked", answered_at=None, answered_by=None), "应当有 0 条"),
    ("a dossier's digest is another", lambda: Dossier.objects.exclude(catalogue_digest="").update(catalogue_digest="0" * 64), "校验值不一致"),
    ("a code is spent without an answer", answered_twice, "三者应当相等"),
    ("a clock stands still without a reason", suspended_silently, "中止的记载"),
    ("a clock ends at another instant", lambda: Clock.objects.filter(stopped_at=None, due_at__isnull=False).update(due_at=AT), "按规则应是"),
    ("a clock belongs to nothing", clock_of_nothing, "不存在的"),
    ("a finding is waived in the table", lambda: Finding.objects.update(state="waived", settled_at=AT, settled_by="x", reason="x"), "放行"),
    ("an account is opened in the table", lambda: Officer(username="X1", name="示例").save(), "X1"),
    ("a message waits for nobody", lambda: Message.objects.update(state="queued"), "却没有任务会发它"),
]  # fmt: skip


def test_what_somebody_changes_behind_the_rooms_is_named(filled):
    assert problems() == []
    unseen = []
    for what, tamper, named in TAMPERED:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    tamper()
                found = room_problems()
            except IntegrityError as refused:
                found = [str(refused)]
            if not any(named in line for line in found):
                unseen.append((what, found))
            transaction.set_rollback(True)
    assert not unseen, json.dumps(unseen, ensure_ascii=False, indent=1)


def test_an_original_whose_file_is_gone_is_named(county, typeset):
    works.registering_evidence(county)()
    reading.path(first(EvidenceItem).original_id).unlink()
    assert any("缺失" in line for line in problems())


def test_an_entry_whose_row_is_gone_is_named(filled):
    call = first(Call, state="taken", caller__isnull=False, repeats=None, responses=None)
    Caller.objects.filter(call=call).delete()
    Call.objects.filter(pk=call.pk).delete()
    assert any(f"calls.call:{call.pk}" in line for line in problems())


def test_a_paper_of_a_file_that_the_vault_doesnt_know_is_named(county, typeset):
    works.submitting(county)()
    DossierPaper.objects.update(sha256="1" * 64)
    assert any("卷内材料" in line for line in problems())


@pytest.mark.django_db(transaction=True, databases=["default", "passing"])
def test_a_job_that_should_have_run_is_said_and_doesnt_fail_the_check(county, typeset):
    works.asking_for_progress(county)()
    later = AT + 30 * works.HOUR
    ledger.integrate()
    assert problems(at=later) == []
    assert any("disclosure.send_digits 有 1 次早该运行" in line for line in problems(at=later, grave_only=False))


@pytest.mark.django_db(transaction=True, databases=["default", "passing"])
def test_an_entry_that_never_joined_the_tree_is_named(county):
    works.integrating(county)
    assert problems() == []
    assert any("没有进树" in line for line in problems(at=AT + 2 * works.HOUR))


def test_the_command_says_a_line_each_and_fails_where_something_disagrees(filled, capsys):
    args = argparse.Namespace(deep=True, json=False)
    commands.check(args)
    assert "✓ 涉案财物：没有问题" in capsys.readouterr().err
    reopened()
    assert commands.check(args) == 1
    assert "✗ 警情：" in capsys.readouterr().err
    assert commands.check(argparse.Namespace(deep=False, json=False)) == commands.check(
        argparse.Namespace(deep=False, json=True)
    )


@pytest.mark.deep
@pytest.mark.parametrize("deep", [[], ["--deep"]])
def test_the_command_says_a_line_each_and_json_where_asked(tmp_path, deep):
    home = {
        **os.environ,
        "QINGKONG_HOME": str(tmp_path / "home"),
        "DJANGO_SETTINGS_MODULE": "qingkong.project.settings",
    }
    command = [sys.executable, "-m", "qingkong.project.cli"]
    subprocess.run([*command, "make"], env=home, check=True, capture_output=True)
    told = subprocess.run([*command, "check", *deep, "--json"], env=home, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    lines = json.loads(told.stdout)
    assert ({"存证", "涉案财物", "警情"} <= {line["what"] for line in lines}) == bool(deep)
    assert all(line["ok"] for line in lines if line["grave"])
