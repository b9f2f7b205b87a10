from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import clocks, ledger
from qingkong.kernel.clocks.models import Clock
from qingkong.kernel.refusals import NotPermitted
from qingkong.kernel.text import TZ

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def case():
    return f"cases.case:{uuid4()}"


@pytest.fixture
def start(county, case):
    def start(limit_id="XZ-07", *, at=AT, unit=None, **kwargs):
        return clocks.start(
            limit_id, subject=case, at=at, actor=county.officer, unit_id=(unit or county.station).pk, **kwargs
        )

    return start


def the_clock(case, limit_id="XZ-07"):
    (clock,) = [clock for clock in clocks.of(case) if clock.limit_id == limit_id]
    return clock


def test_a_started_clock_shows_its_end_and_its_article(start, case):
    start()
    clock = the_clock(case)
    assert clock.due_at == datetime(2026, 12, 25, tzinfo=TZ)  # 30 days after 24 November
    assert str(clock.name) == "治安案件办案期限"
    assert clock.article == "治安管理处罚法第一百一十八条"
    assert clock.state(AT) == "ok"
    assert str(clock.left(datetime(2026, 12, 24, 12, tzinfo=TZ))) == "剩 12 小时 0 分"
    assert ledger_acts(case) == ["clocks.started"]


def test_the_timeline_says_which_limit_began_in_the_readers_language(start, case):
    start()
    with override("zh-hans"):
        assert str(ledger.timeline(case)[0].sentence) == "期限起算：治安案件办案期限"
    with override("en"):
        said = str(ledger.timeline(case)[0].sentence)
    assert said == "time limit started: Handling a public-order case"


def test_an_overdue_clock_says_so(start, case):
    start()
    clock = the_clock(case)
    later = datetime(2026, 12, 26, 2, tzinfo=TZ)
    assert clock.state(later) == "overdue"
    assert clock.state(clock.due_at - timedelta(hours=3)) == "warn"
    assert clock.fraction(later) == 1
    assert str(clock.left(later)) == "已超 1 天 2 小时"


def test_the_same_limit_runs_once_for_a_subject(start, case):
    start()
    with pytest.raises(clocks.AlreadyRuns):
        start()


def test_the_database_refuses_a_second_running_clock(start, case):
    clock = start()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.create(limit=clock.limit, code="XZ-07", subject_key=case, started_at=AT)


def test_an_unknown_limit_is_refused_with_a_sentence(start):
    with pytest.raises(clocks.NoSuchLimit, match="XZ-99"):
        start("XZ-99")


def test_stopping_in_time_is_not_late(start, case, county):
    start()
    clock = clocks.stop("XZ-07", subject=case, at=AT + 10 * DAY, actor=county.officer)
    assert not clock.late
    assert the_clock(case).state(AT + 99 * DAY) == "stopped"
    assert ledger_acts(case) == ["clocks.started", "clocks.stopped"]


def test_stopping_at_the_first_instant_that_is_too_late_is_late(start, case, county):
    end = start().due_at
    assert clocks.stop("XZ-07", subject=case, at=end, actor=county.officer).late


def test_stopping_what_does_not_run_is_refused(case, county):
    with pytest.raises(clocks.NotRunning):
        clocks.stop("XZ-07", subject=case, at=AT, actor=county.officer)


def test_stopping_before_the_start_is_refused(start, case, county):
    start()
    with pytest.raises(clocks.NotRunning):
        clocks.stop("XZ-07", subject=case, at=AT - DAY, actor=county.officer)


def test_all_clocks_of_a_subject_stop_with_it(start, case, county):
    start("XZ-07")
    start("XZ-13")
    assert len(clocks.stop_all(subject=case, at=AT + DAY, actor=county.officer)) == 2
    assert not clocks.runs("XZ-13", subject=case)


def test_suspended_days_are_added_to_the_end(start, case, county):
    before = start().due_at
    clocks.suspend("XZ-07", subject=case, at=AT + 2 * DAY, actor=county.officer, reason="鉴定期间")
    standing = the_clock(case)
    assert standing.suspended
    assert standing.due_at is None
    assert str(standing.left(AT)) == "中止中"
    clocks.resume("XZ-07", subject=case, at=AT + 9 * DAY, actor=county.officer)
    assert the_clock(case).due_at == before + 7 * DAY
    assert ledger_acts(case) == ["clocks.started", "clocks.suspended", "clocks.resumed"]


def test_a_suspension_needs_a_ground_of_the_law_and_a_reason(start, case, county):
    start("XZ-07")
    start("LA-10")
    with pytest.raises(clocks.CannotSuspend, match="没有可以中止"):
        clocks.suspend("LA-10", subject=case, at=AT, actor=county.officer, reason="忙")
    with pytest.raises(clocks.CannotSuspend, match="写明"):
        clocks.suspend("XZ-07", subject=case, at=AT, actor=county.officer, reason=" ")


def test_a_clock_is_suspended_once_at_a_time_and_not_resumed_before(start, case, county):
    start()
    clocks.suspend("XZ-07", subject=case, at=AT + DAY, actor=county.officer, reason="鉴定期间")
    with pytest.raises(clocks.CannotSuspend):
        clocks.suspend("XZ-07", subject=case, at=AT + DAY, actor=county.officer, reason="鉴定期间")
    with pytest.raises(clocks.CannotResume):
        clocks.resume("XZ-07", subject=case, at=AT, actor=county.officer)


def test_a_clock_stopped_while_suspended_is_judged_by_what_it_had_left(start, case, county):
    start()
    clocks.suspend("XZ-07", subject=case, at=AT + 2 * DAY, actor=county.officer, reason="鉴定期间")
    assert not clocks.stop("XZ-07", subject=case, at=AT + 60 * DAY, actor=county.officer).late


def extend(case, actor, *, limit_id="XZ-07", at=AT + DAY, **kwargs):
    return clocks.extend(limit_id, subject=case, at=at, actor=actor, reason=kwargs.pop("reason", "案情复杂"), **kwargs)


def test_a_station_case_is_extended_twice_by_the_county_bureau_and_never_a_third_time(start, case, county):
    start()
    extend(case, county.bureau_leader)
    assert extend(case, county.bureau_leader).budget == 90
    assert the_clock(case).due_at == datetime(2027, 2, 23, tzinfo=TZ)  # 90 days: 22 February 2027, a Monday
    with pytest.raises(clocks.CannotExtend, match="不能再延长"):
        extend(case, county.bureau_leader)
    assert ledger_acts(case) == ["clocks.started", "clocks.extended", "clocks.extended"]


@pytest.mark.parametrize("who", ["officer", "station_head", "legal_section", "brigade_head", "inspector"])
def test_nobody_but_the_county_bureau_extends_a_station_case(start, case, county, who):
    start()
    with pytest.raises(NotPermitted):
        extend(case, getattr(county, who))
    assert Clock.objects.get(subject_key=case).budget == 30


def test_a_brigade_case_needs_the_paper_of_the_city_bureau(start, case, county):
    start(unit=county.brigade)
    with pytest.raises(clocks.ApprovalMissing):
        extend(case, county.bureau_leader)
    assert extend(case, county.legal_section, approval="泰公延〔2026〕3号").budget == 60


def test_an_extension_needs_a_reason_and_comes_before_the_end(start, case, county):
    end = start().due_at
    with pytest.raises(clocks.CannotExtend, match="理由"):
        extend(case, county.bureau_leader, reason=" ")
    with pytest.raises(clocks.CannotExtend, match="届满"):
        extend(case, county.bureau_leader, at=end)


def test_a_limit_without_extension_is_not_extended(start, case, county):
    start("LA-10")
    with pytest.raises(clocks.CannotExtend, match="没有规定"):
        extend(case, county.bureau_leader, limit_id="LA-10")


def test_filing_review_goes_from_three_to_seven_days_by_the_head_and_to_thirty_by_the_county(start, case, county):
    start("LA-04")
    with pytest.raises(NotPermitted):
        extend(case, county.strange_head, limit_id="LA-04")
    assert extend(case, county.station_head, limit_id="LA-04").budget == 7
    with pytest.raises(NotPermitted):
        extend(case, county.station_head, limit_id="LA-04")
    assert extend(case, county.bureau_leader, limit_id="LA-04").budget == 30


def test_filing_review_may_go_to_thirty_days_at_once(start, case, county):
    start("LA-04")
    assert extend(case, county.bureau_leader, limit_id="LA-04", step="major").budget == 30


def test_continued_questioning_never_jumps_from_12_to_48_hours(start, case, county):
    start("XZ-06")
    with pytest.raises(clocks.CannotExtend, match="逐级"):
        extend(case, county.bureau_leader, limit_id="XZ-06", at=AT + timedelta(hours=2), step="unknown")


def test_a_limit_on_holding_a_person_is_always_held(start):
    assert start("XS-05").held


def test_a_case_begun_in_2025_keeps_the_clock_of_2025(start, case, county):
    start(at=datetime(2025, 12, 20, tzinfo=UTC))
    assert "2012年修正" in the_clock(case).article
    extend(case, county.bureau_leader, at=datetime(2026, 1, 5, tzinfo=UTC), approval="泰公延〔2026〕1号")
    with pytest.raises(clocks.CannotExtend):
        extend(case, county.bureau_leader, at=datetime(2026, 1, 6, tzinfo=UTC), approval="泰公延〔2026〕2号")


def test_at_once_runs_on_a_local_standard_that_is_never_called_overdue(start, case):
    start("LA-03")
    clock = the_clock(case, "LA-03")
    assert clock.local
    assert "本地标准" in clock.local_source
    assert clock.state(AT + 9 * DAY) == "warn"


def test_an_officer_sees_what_is_due_of_their_own_and_a_head_of_the_unit(
    start, case, county, django_assert_num_queries
):
    start("LA-10", officer_id=county.officer.officer_id)
    start("LA-04", officer_id=county.second_officer.officer_id)
    soon = AT + DAY
    with django_assert_num_queries(1):
        mine = clocks.due_for(county.officer, at=soon)
    assert [due.clock.limit_id for due in mine if due.subject_key == case] == ["LA-10"]
    assert {due.clock.limit_id for due in clocks.due_for(county.station_head, at=soon)} == {"LA-10", "LA-04"}
    assert clocks.due_for(county.strange_head, at=soon) == []
    assert len(clocks.due_for(county.legal_section, at=soon)) == 2
    assert clocks.due_for(county.officer, at=soon, within=timedelta(hours=1)) == []


def test_the_clocks_of_a_subject_are_one_query(start, case, django_assert_num_queries):
    for limit_id in ("XZ-07", "XZ-13", "LA-04", "LA-10"):
        start(limit_id)
    with django_assert_num_queries(1):
        assert [clock.limit_id for clock in clocks.of(case)][:2] == ["LA-04", "LA-10"]


def test_figures_of_the_law_are_data():
    assert clocks.figure("XZ-26", "station_fine_fen", at=AT) == 100_000
    assert clocks.figure("XZ-26", "station_fine_fen", at=datetime(2025, 6, 1, tzinfo=UTC)) == 50_000
    with pytest.raises(clocks.NoFigure):
        clocks.figure("XZ-26", "nonsense", at=AT)
