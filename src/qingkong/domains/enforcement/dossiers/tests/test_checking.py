"""The last check, the answers to a return, and the frozen list, with the database's own refusals."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from qingkong.conftest import as_owner, ledger_acts, outcome
from qingkong.domains.enforcement.dossiers import operations, queries, rules
from qingkong.domains.enforcement.dossiers.models import DossierPaper, LastCheck, ReturnedPoint
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk, State, Verdict
from qingkong.domains.enforcement.dossiers.tests.making import (
    HOUR,
    SOUND,
    a_dossier,
    faulty,
    passed,
    scan,
    submitted,
)
from qingkong.domains.enforcement.property.tests.making import open_case
from qingkong.kernel.refusals import NotPermitted

pytestmark = pytest.mark.django_db


def returned(county, *faults, one=None):
    """A file returned with these faults by its legal officer."""
    one = submitted(county, one)
    operations.return_dossier(
        dossier=one, verdicts=faulty(*{fault.point for fault in faults}), faults=faults, actor=county.legal_officer,
        at=county.at + 2 * HOUR,
    )  # fmt: skip
    return one.fresh()


REPEAT = Fault("facts", "辨认没有混杂", ReturnAsk.REPEAT)
EXPLAIN = Fault("procedure", "现场录像中断三分钟", ReturnAsk.EXPLANATION)


def test_an_empty_file_isnt_submitted(county):
    one = operations.open_dossier(case=open_case(county), actor=county.officer, at=county.at)
    with pytest.raises(operations.CannotMove) as refused:
        operations.submit(dossier=one, actor=county.officer, at=county.at)
    assert refused.value.reason is rules.EMPTY


def test_the_legal_officer_of_the_case_passes_it_and_the_digest_is_entered(county):
    one = passed(county)
    assert one.state == State.PASSED
    assert one.catalogue_digest == rules.catalogue_digest(one.case.number, queries.catalogue(one))
    assert "dossiers.passed" in ledger_acts(one)
    assert queries.passed(one.case)


def test_nobody_else_makes_the_last_check(county):
    one = submitted(county)
    for actor in (county.legal_section, county.brigade_legal_officer):
        with pytest.raises(operations.CannotCheck) as refused:
            operations.pass_check(dossier=one, verdicts=SOUND, actor=actor, at=county.at + 2 * HOUR)
        assert refused.value.reason is rules.NOT_LEGAL_OFFICER
    for actor in (county.officer, county.second_officer, county.station_head, county.bureau_leader, county.inspector):
        with pytest.raises(NotPermitted):
            operations.pass_check(dossier=one, verdicts=SOUND, actor=actor, at=county.at + 2 * HOUR)


def test_a_legal_officer_who_once_approved_something_in_the_case_doesnt_check_it(county):
    case = open_case(county)
    one = submitted(county, a_dossier(county, case))
    case.approvals.create(
        matter="close", unit=county.station, reason="x", asked_at=county.at, asked_by=county.officers.officer,
        state="approved", answered_at=county.at, answered_by=county.officers.legal_officer,
    )  # fmt: skip
    with pytest.raises(operations.CannotCheck) as refused:
        operations.pass_check(dossier=one, verdicts=SOUND, actor=county.legal_officer, at=county.at + 2 * HOUR)
    assert refused.value.reason is rules.TOOK_PART


def test_the_database_itself_refuses_a_check_by_who_handles_the_case(county):
    one = submitted(county)
    for officer in (county.officers.officer, county.officers.second_officer):
        with pytest.raises(IntegrityError), transaction.atomic():
            LastCheck.objects.create(
                dossier=one,
                round=1,
                officer=officer,
                officer_name=officer.name,
                at=county.at,
                outcome="passed",
                verdicts={},
            )


def test_a_point_left_out_or_faulty_doesnt_pass(county):
    one = submitted(county)
    for verdicts in ({**SOUND, "law": Verdict.FAULTY}, {p: v for p, v in SOUND.items() if p != "law"}):
        with pytest.raises(operations.CannotCheck):
            operations.pass_check(dossier=one, verdicts=verdicts, actor=county.legal_officer, at=county.at + 2 * HOUR)
    assert one.fresh().state == State.SUBMITTED


def test_a_return_that_asks_to_add_what_wasnt_there_is_refused_by_rule_and_by_the_database(county):
    one = submitted(county)
    with pytest.raises(operations.CannotCheck) as refused:
        operations.return_dossier(
            dossier=one, verdicts=faulty("facts"), faults=[Fault("facts", "没有录像", "add")],  # type: ignore[arg-type]
            actor=county.legal_officer, at=county.at + 2 * HOUR,
        )  # fmt: skip
    assert refused.value.reason is rules.UNKNOWN_ASK
    assert refused.value.how is rules.WHY_NEVER_ADD
    assert not LastCheck.objects.exists()

    operations.return_dossier(
        dossier=one, verdicts=faulty("facts"), faults=[REPEAT], actor=county.legal_officer, at=county.at + 2 * HOUR
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ReturnedPoint.objects.update(ask="add")


def test_a_check_never_changes(county):
    one = passed(county)
    for attempt in (lambda: LastCheck.objects.update(outcome="returned"), lambda: LastCheck.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert one.checks.get().outcome == "passed"


def test_a_repeat_is_answered_by_a_paper_made_after_the_return_and_never_by_an_older_one(county):
    one = returned(county, REPEAT)
    (fault,) = queries.open_faults(one)
    at = county.at + 5 * HOUR
    old = scan(county, one, "辨认笔录", made_at=county.at, at=at)
    with pytest.raises(operations.CannotAnswer) as refused:
        operations.answer_return(fault=fault, paper=old, actor=county.officer, at=at)
    assert (refused.value.reason, refused.value.how) == (rules.MADE_BEFORE, rules.NO_BACKDATING)

    new = scan(county, one, "辨认笔录（第二次）", made_at=county.at + 4 * HOUR, at=at, colour="black")
    operations.answer_return(fault=fault, paper=new, actor=county.officer, at=at)
    assert queries.open_faults(one) == []


def test_an_explanation_becomes_a_paper_of_today_behind_the_paper_it_is_about(county):
    one = a_dossier(county)
    about = queries.pieces(one)[0].paper
    one = returned(county, Fault("procedure", "录像中断", ReturnAsk.EXPLANATION, about.pk), one=one)
    (fault,) = queries.open_faults(one)
    with pytest.raises(operations.CannotAnswer):
        operations.answer_return(fault=fault, words=" ", actor=county.officer, at=county.at + 3 * HOUR)
    operations.answer_return(fault=fault, words="执法记录仪电池耗尽。", actor=county.officer, at=county.at + 3 * HOUR)
    titles = [piece.paper.title for piece in queries.pieces(one)]
    assert titles[1] == "情况说明"
    assert queries.pieces(one)[1].paper.made_at == county.at + 3 * HOUR


def test_a_paper_that_a_return_names_stays_in_the_file(county):
    one = a_dossier(county)
    about = queries.pieces(one)[0].paper
    one = returned(county, Fault("facts", "没有签名", ReturnAsk.REPEAT, about.pk), one=one)
    with pytest.raises(operations.CannotCompile):
        operations.leave_out(paper=about, reason="换新的", actor=county.officer, at=county.at + 3 * HOUR)


def test_a_file_goes_back_to_the_legal_officer_only_when_everything_is_answered(county):
    one = returned(county, REPEAT, EXPLAIN)
    at = county.at + 3 * HOUR
    with pytest.raises(operations.CannotMove) as refused:
        operations.submit(dossier=one, actor=county.officer, at=at)
    assert refused.value.reason == rules.NOT_ANSWERED.fill(count=2)
    for fault in queries.open_faults(one):
        paper = scan(county, one, "辨认笔录（第二次）", made_at=at, at=at) if fault.ask == "repeat" else None
        operations.answer_return(fault=fault, paper=paper, words="说明", actor=county.officer, at=at)
    operations.submit(dossier=one, actor=county.officer, at=at)
    operations.pass_check(dossier=one, verdicts=SOUND, actor=county.legal_officer, at=at + HOUR)
    assert [(check.round, check.outcome) for check in queries.checks_of(one)] == [(2, "passed"), (1, "returned")]


def test_a_passed_list_is_frozen_by_rule_and_by_the_database(county):
    one = passed(county)
    paper = queries.pieces(one)[0].paper
    with pytest.raises(operations.CannotCompile):
        scan(county, one, "后补的笔录")
    with pytest.raises(operations.CannotCompile):
        operations.leave_out(paper=paper, reason="x", actor=county.officer, at=county.at + 3 * HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierPaper.objects.filter(pk=paper.pk).update(title="改了")
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierPaper.objects.create(
            dossier=one, position=99, title="塞进来的", source="scan", source_key="scan:x", sha256="0" * 64,
            made_at=county.at, added_at=county.at, added_by_name="某人",
        )  # fmt: skip


def test_a_sealed_file_was_compared_with_its_digest(county):
    one = passed(county)
    operations.seal(dossier=one, actor=county.officer, at=county.at + 3 * HOUR)
    assert one.fresh().state == State.SEALED


def test_a_list_changed_behind_the_systems_back_isnt_sealed(county, transactional_db):
    one = passed(county)
    with as_owner(), connection.cursor() as cursor:  # as an administrator of the database could
        cursor.execute(
            f"DROP TRIGGER dossier_list_stays{'' if connection.vendor == 'sqlite' else ' ON dossiers_dossierpaper'}"
        )
    DossierPaper.objects.filter(dossier=one, position=1).update(title="换过的材料")
    with pytest.raises(operations.CannotMove):
        operations.seal(dossier=one, actor=county.officer, at=county.at + 3 * HOUR)


def test_reopening_takes_the_pass_back_and_asks_for_a_new_check(county):
    one = passed(county)
    with pytest.raises(operations.CannotMove):
        operations.reopen(dossier=one, reason="", actor=county.legal_officer, at=county.at + 3 * HOUR)
    operations.reopen(dossier=one, reason="退回补充侦查", actor=county.legal_officer, at=county.at + 3 * HOUR)
    assert not queries.passed(one.case)
    assert ledger_acts(one)[-1] == "dossiers.reopened"
    scan(county, one.fresh(), "补充侦查材料", at=county.at + 4 * HOUR, made_at=county.at + 4 * HOUR)


def test_two_submits_at_once_submit_once(county, in_parallel):
    one = a_dossier(county)
    tries = [
        in_parallel(operations.submit, dossier=one, actor=actor, at=county.at + HOUR)
        for actor in (county.officer, county.second_officer)
    ]
    results = [outcome(one_try) for one_try in tries]
    assert [isinstance(result, operations.CannotMove) for result in results].count(True) == 1
    assert ledger_acts(one).count("dossiers.submitted") == 1
