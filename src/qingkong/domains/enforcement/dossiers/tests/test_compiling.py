"""Opening a file, gathering, ordering, leaving out; asking about it."""

import io

import pytest
from django.db import DatabaseError, transaction

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.dossiers import operations, queries, rules
from qingkong.domains.enforcement.dossiers.models import DossierPaper
from qingkong.domains.enforcement.dossiers.tests.making import (
    HOUR,
    SOUND,
    a_dossier,
    passed,
    picture,
    scan,
    submitted,
)
from qingkong.domains.enforcement.property.tests.making import open_case, seize
from qingkong.kernel import papers
from qingkong.kernel.refusals import NotFound, NotPermitted, Refusal

pytestmark = pytest.mark.django_db


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
