"""Compiling, checking, returning, answering, passing and sealing, with the database's own refusals."""

import io

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.dossiers import operations, queries, rules
from qingkong.domains.enforcement.dossiers.models import DossierPaper, LastCheck, ReturnedPoint
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk, State, Verdict
from qingkong.domains.enforcement.dossiers.tests.making import (
    HOUR,
    SOUND,
    a_dossier,
    faulty,
    passed,
    picture,
    scan,
    submitted,
)
from qingkong.domains.enforcement.property.tests.making import open_case, seize
from qingkong.kernel import papers
from qingkong.kernel.refusals import NotFound, NotPermitted, Refusal

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


# --- compiling -----------------------------------------------------------------------------------------------


def test_a_case_has_one_file_however_often_it_is_opened(county):
    case = open_case(county)
    first = operations.open_dossier(case=case, actor=county.officer, at=county.at)
    assert operations.open_dossier(case=case, actor=county.officer, at=county.at) == first
    assert ledger_acts(first) == ["dossiers.opened"]


def test_papers_of_the_case_fall_into_their_places_with_page_numbers(county):
    case = open_case(county)
    seize(county, case)
    one = a_dossier(county, case)
    pieces = queries.pieces(one)
    assert [piece.group.id for piece in pieces] == ["registration", "evidence", "evidence"]
    assert [piece.paper.kind for piece in pieces] == [
        "cases.case_filing_administrative",
        "record",
        "property.seizure_list",
    ]
    assert [piece.line.page_words for piece in pieces] == ["1", "2", "3"]
    assert queries.missing(one, actor=county.officer) == []


def test_gathering_twice_puts_nothing_in_twice(county):
    one = a_dossier(county)
    count = one.papers.count()
    assert operations.gather(dossier=one, actor=county.officer, at=county.at + HOUR) == []
    assert one.papers.count() == count


def test_an_order_made_by_hand_stays_when_more_comes_in(county):
    one = a_dossier(county)
    scan(county, one, "现场照片", colour="black")
    order = [piece.paper.pk for piece in queries.pieces(one)]
    wanted = [order[0], order[2], order[1]]
    operations.reorder(dossier=one, order=wanted, actor=county.officer, at=county.at)
    scan(county, one, "鉴定意见", colour="gray", at=county.at + HOUR, made_at=county.at + HOUR)
    assert [piece.paper.pk for piece in queries.pieces(one)][:3] == wanted


def test_an_order_that_leaves_one_out_is_refused(county):
    one = a_dossier(county)
    with pytest.raises(operations.CannotCompile) as refused:
        operations.reorder(dossier=one, order=[], actor=county.officer, at=county.at)
    assert refused.value.reason is rules.OTHER_PAPERS


def test_what_is_left_out_keeps_its_line_and_the_reason(county):
    one = a_dossier(county)
    paper = queries.pieces(one)[1].paper
    with pytest.raises(operations.CannotCompile):
        operations.leave_out(paper=paper, reason="", actor=county.officer, at=county.at)
    operations.leave_out(paper=paper, reason="重复扫描", actor=county.officer, at=county.at)
    assert [left.left_out_reason for left in queries.left_out(one)] == ["重复扫描"]
    assert [piece.line.position for piece in queries.pieces(one)] == [1]
    with pytest.raises(DatabaseError), transaction.atomic():
        DossierPaper.objects.filter(pk=paper.pk).delete()


def test_a_paper_isnt_dated_after_today(county):
    one = a_dossier(county)
    with pytest.raises(operations.CannotCompile) as refused:
        scan(county, one, "补的笔录", made_at=county.at + HOUR)
    assert refused.value.field == "made_at"


def test_an_empty_scan_is_refused_and_leaves_nothing(county):
    one = a_dossier(county)
    count = one.papers.count()
    with pytest.raises(Refusal):
        operations.add_scan(
            dossier=one, content=io.BytesIO(b""), name="x.png", title="空", made_at=county.at, actor=county.officer,
            at=county.at,
        )  # fmt: skip
    assert one.papers.count() == count


def test_only_who_handles_the_case_compiles_its_file(county):
    case = open_case(county)
    for actor in (county.third_officer, county.legal_officer, county.stranger, county.station_head):
        with pytest.raises(NotPermitted):
            operations.open_dossier(case=case, actor=actor, at=county.at)


# --- the last check ------------------------------------------------------------------------------------------


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


# --- answering -----------------------------------------------------------------------------------------------


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


# --- frozen --------------------------------------------------------------------------------------------------


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


def test_a_list_changed_behind_the_systems_back_isnt_sealed(county):
    if connection.vendor != "sqlite":
        pytest.skip("drops a trigger, as an administrator of SQLite could")
    one = passed(county)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER dossier_list_stays")
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


# --- asking --------------------------------------------------------------------------------------------------


def test_closing_asks_for_a_passed_check(county):
    from qingkong.domains.enforcement.dossiers import policy

    (check,) = policy.CHECKS
    case = open_case(county)
    assert check.fails(case, county.at) == rules.NO_DOSSIER
    one = submitted(county, a_dossier(county, case))
    assert check.fails(case, county.at)
    operations.pass_check(dossier=one, verdicts=SOUND, actor=county.legal_officer, at=county.at + 2 * HOUR)
    assert not check.fails(case, county.at)


def test_the_queue_holds_the_files_of_the_legal_officers_own_cases(county):
    one = submitted(county)
    assert [row.id for row in queries.to_check(county.legal_officer)] == [one.pk]
    assert queries.to_check(county.brigade_legal_officer) == []
    assert queries.to_check_count(county.legal_officer, county.at) == 1
    assert queries.to_check_count(county.officer, county.at) is None


def test_another_station_doesnt_know_of_a_file(county):
    one = a_dossier(county)
    for actor in (county.stranger, county.strange_head, county.custodian, county.administrator):
        with pytest.raises((NotFound, NotPermitted)):
            queries.dossier(actor=actor, dossier_id=one.pk)
    for actor in (county.officer, county.legal_officer, county.station_head, county.inspector, county.legal_section):
        assert queries.dossier(actor=actor, dossier_id=one.pk) == one


def test_reading_a_paper_of_a_file_is_entered(county):
    one = a_dossier(county)
    paper = queries.pieces(one)[1].paper
    with operations.read_paper(paper=paper, actor=county.legal_officer, at=county.at) as content:
        assert content.read() == picture().read()
    assert ledger_acts(one)[-1] == "dossiers.read"
    with pytest.raises(NotPermitted):
        operations.read_paper(paper=paper, actor=county.case_office, at=county.at)


def test_the_catalogue_is_printed_with_its_digest_once_passed(county):
    one = passed(county)
    made = operations.print_catalogue(dossier=one, actor=county.officer, at=county.at + 3 * HOUR)
    assert papers.bytes_of(made).startswith(b"%PDF-")


def test_the_queries_of_a_page_dont_grow_with_its_papers(county, django_assert_num_queries):
    one = a_dossier(county)
    for place in range(5):
        scan(county, one, f"材料{place}", colour=f"#{place:02}{place:02}{place:02}")
    with django_assert_num_queries(1):
        assert len(queries.pieces(one)) == 7
    with django_assert_num_queries(1):
        assert len(queries.listed(actor=county.inspector)) == 1
