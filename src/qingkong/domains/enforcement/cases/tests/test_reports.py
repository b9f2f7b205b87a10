from datetime import timedelta

import pytest

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Report
from qingkong.domains.enforcement.cases.rules import progress
from qingkong.domains.enforcement.cases.rules.states import Nature, Way
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import access, clocks, papers
from qingkong.kernel.access import Purpose
from qingkong.kernel.refusals import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


def test_a_report_at_the_window_is_registered_with_number_ground_and_expiry(county):
    report = build.report(county, receipt=False)
    assert report.number == "B2026-000001"
    assert (report.unit, report.way) == (county.station, Way.WINDOW)
    assert report.legal_ground == "治安管理处罚法第九十条"
    assert report.expires_on.year == 2036
    assert ledger_acts(report)[0] == "reports.registered"


def test_the_reporter_is_sealed_and_found_by_nothing_but_the_exact_phone(county):
    report = build.report(county)
    assert str(report.reporter_name) == "已封存"
    row = Report.objects.filter(pk=report.pk).values_list("reporter_name", "reporter_phone", "account").get()
    assert not any("示例" in value or build.PHONE in value for value in row)
    assert Report.objects.filter(reporter_phone_digest=access.digest("phone", "199-0000 0001")).get() == report


def test_a_look_at_the_reporter_needs_an_open_reference_of_ones_own_and_is_entered(county):
    report = build.report(county)
    look = access.look(
        actor=county.window, subject=report, purpose=Purpose.HANDLING, reference=report.number, at=county.at
    )
    assert report.reporter_name.open(look) == "示例报案人"
    assert "access.looked" in ledger_acts(report)
    for actor in (county.stranger, county.administrator, county.case_office, county.custodian):
        with pytest.raises(NotPermitted):
            access.look(actor=actor, subject=report, purpose=Purpose.HANDLING, reference=report.number, at=county.at)
    other = build.report(county)
    with pytest.raises(access.CannotLook):
        access.look(
            actor=county.legal_section, subject=report, purpose=Purpose.REVIEW, reference=other.number, at=county.at
        )


def test_a_reporter_who_wants_to_stay_unnamed_opens_only_to_who_registered_it_and_heads(county):
    report = build.report(county, wants_anonymity=True)
    access.look(actor=county.window, subject=report, purpose=Purpose.HANDLING, reference=report.number, at=county.at)
    access.look(
        actor=county.station_head, subject=report, purpose=Purpose.REVIEW, reference=report.number, at=county.at
    )
    with pytest.raises(NotPermitted):
        access.look(
            actor=county.officer, subject=report, purpose=Purpose.HANDLING, reference=report.number, at=county.at
        )


@pytest.mark.parametrize("actor", ["auxiliary", "dispatcher", "custodian", "administrator", "supervisor", "inspector"])
def test_who_isnt_an_officer_of_a_handling_post_registers_nothing(county, actor):
    with pytest.raises(NotPermitted):
        build.report(county, actor=getattr(county, actor))
    assert not Report.objects.exists()


def test_without_subject_or_reporter_the_form_says_which(county):
    with pytest.raises(Invalid) as refused:
        build.report(county, subject=" ", reporter=do.Reporter())
    assert set(refused.value.errors) == {"subject", "reporter_name"}
    assert build.report(county, receipt=False, reporter=None, way=Way.FOUND).way == Way.FOUND


def test_a_report_cant_be_made_before_the_person_came(county):
    with pytest.raises(Invalid):
        build.report(county, reported_at=county.at + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("nature", "limit"), [(Nature.CRIMINAL, "LA-04"), (Nature.PUBLIC_ORDER, "LA-03"), (Nature.OTHER, "LA-02")]
)
def test_the_clock_of_review_starts_with_registration(county, nature, limit):
    report = build.report(county, nature=nature)
    assert [c.limit_id for c in clocks.of(report) if c.stopped_at is None] == [limit]


def test_the_receipt_carries_a_code_that_is_kept_nowhere(county):
    report = build.report(county, receipt=False)
    handed = do.hand_receipt(report=report, actor=county.window, at=county.at)
    assert handed.pdf.startswith(b"%PDF")
    stored = Report.objects.get(pk=report.pk)
    assert stored.receipt_at == county.at
    letters = handed.code.replace("-", "")
    assert letters not in str(Report.objects.filter(pk=report.pk).values().get())
    [paper] = papers.of(report)
    assert paper.number == report.number
    assert papers.bytes_of(paper) != handed.pdf
    assert ledger_acts(report).count("reports.receipt_given") == 1


def test_code_and_phone_open_the_progress_together_and_neither_alone(county):
    report = build.report(county, receipt=False)
    code = do.hand_receipt(report=report, actor=county.window, at=county.at).code
    assert queries.report_by_code(code=code.lower(), phone="199 0000 0001") == report
    for wrong in (
        {"code": code, "phone": "19900000009"},
        {"code": "0000-0000-0000-0000", "phone": build.PHONE},
        {"code": "", "phone": ""},
        {"code": code, "phone": ""},
    ):
        assert queries.report_by_code(**wrong) is None


def test_a_code_without_a_phone_on_record_opens_nothing(county):
    report = build.report(county, receipt=False, reporter=do.Reporter(name="示例报案人"))
    code = do.hand_receipt(report=report, actor=county.window, at=county.at).code
    assert queries.report_by_code(code=code, phone="") is None


def test_printing_again_makes_a_new_code_and_the_old_one_stops_working(county):
    report = build.report(county, receipt=False)
    old = do.hand_receipt(report=report, actor=county.window, at=county.at).code
    new = do.hand_receipt(report=report, actor=county.window, at=county.at).code
    assert queries.report_by_code(code=old, phone=build.PHONE) is None
    assert queries.report_by_code(code=new, phone=build.PHONE) == report


def test_another_station_hands_out_no_receipt(county):
    report = build.report(county, receipt=False)
    with pytest.raises(NotPermitted):
        do.hand_receipt(report=report, actor=county.stranger, at=county.at)


def test_progress_says_a_template_a_lawful_date_and_whom_to_ask(county):
    report = build.report(county, nature=Nature.CRIMINAL)
    shown = queries.progress_of(report.number)
    assert shown.words == progress.REGISTERED
    assert shown.due_at == clocks.of(report)[0].due_at
    assert (shown.unit_name, shown.over) == (county.station.name, False)
    assert queries.progress_of("B2026-999999") is None


def test_evidence_is_noted_and_no_evidence_is_said_too(county):
    report = build.report(county, no_evidence_yet=False)
    assert (report.evidence_taken, report.no_evidence_yet) == ("", False)
    do.take_evidence(report=report, what="照片 2 张", actor=county.window, at=county.at)
    assert Report.objects.get(pk=report.pk).evidence_taken == "照片 2 张"
    do.take_evidence(report=report, what="", actor=county.window, at=county.at)
    assert Report.objects.get(pk=report.pk).no_evidence_yet


@pytest.mark.django_db(transaction=True)
def test_two_windows_registering_at_once_get_two_numbers_without_a_gap(county, in_parallel):
    futures = [in_parallel(build.report, county, receipt=False) for _ in range(2)]
    assert sorted(outcome(f).number for f in futures) == ["B2026-000001", "B2026-000002"]
