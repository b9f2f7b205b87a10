from datetime import timedelta
from uuid import uuid4

import pytest

from qingkong.conftest import AT, ledger_acts, outcome
from qingkong.kernel import clocks
from qingkong.kernel.clocks import ringing
from qingkong.kernel.clocks.models import Clock, ClockRung

DAY = timedelta(days=1)


@pytest.fixture
def case():
    return f"cases.case:{uuid4()}"


@pytest.fixture
def heard(monkeypatch):
    heard = []
    monkeypatch.setattr(ringing, "_handlers", [])
    clocks.on_ring(heard.append)
    return heard


def start(case, county, limit_id="LA-10"):
    return clocks.start(limit_id, subject=case, at=AT, actor=county.officer, unit_id=county.station.pk)


@pytest.mark.django_db
def test_each_rung_rings_once(case, county, heard):
    due = start(case, county).due_at
    assert clocks.ring(due - DAY - timedelta(seconds=1)) == []
    clocks.ring(due - DAY)
    clocks.ring(due - DAY)
    clocks.ring(due)
    clocks.ring(due + DAY)
    assert [(rang.rung, rang.over) for rang in heard] == [("1d", False), ("0", True)]
    assert ledger_acts(case) == ["clocks.started", "clocks.rung", "clocks.rung"]


@pytest.mark.django_db
def test_after_a_pause_all_missed_rungs_are_entered_and_the_last_is_told(case, county, heard):
    due = start(case, county, "XZ-07").due_at
    clocks.ring(due + DAY)
    assert [rang.rung for rang in heard] == ["0"]
    assert set(ClockRung.objects.filter(clock__subject_key=case).values_list("rung", flat=True)) == {
        "7d",
        "3d",
        "1d",
        "0",
    }


@pytest.mark.django_db
def test_a_suspended_or_stopped_clock_is_silent(case, county, heard):
    due = start(case, county, "XZ-07").due_at
    clocks.suspend("XZ-07", subject=case, at=AT + DAY, actor=county.officer, reason="鉴定期间")
    assert clocks.ring(due + DAY) == []
    clocks.stop("XZ-07", subject=case, at=due + DAY, actor=county.officer)
    assert clocks.ring(due + 90 * DAY) == []


@pytest.mark.django_db
def test_an_extended_clock_rings_anew_before_its_new_end(case, county, heard):
    due = start(case, county, "XZ-07").due_at
    clocks.ring(due - 3 * DAY)
    clocks.extend("XZ-07", subject=case, at=due - 2 * DAY, actor=county.bureau_leader, reason="复杂")
    later = Clock.objects.get(subject_key=case).due_at
    clocks.ring(later - 7 * DAY)
    assert [rang.rung for rang in heard] == ["3d", "7d"]


@pytest.mark.django_db
def test_a_handler_that_fails_leaves_the_rung_to_ring_again(case, county, heard):
    def fail(rang):
        raise OSError("no line")

    due = start(case, county).due_at
    clocks.on_ring(fail)
    with pytest.raises(OSError, match="no line"):
        clocks.ring(due)
    assert not ClockRung.objects.filter(clock__subject_key=case).exists()
    ringing._handlers.remove(fail)
    assert len(clocks.ring(due)) == 1


def test_two_processes_ring_a_clock_once(in_parallel, case, county, heard):
    due = start(case, county, "XZ-07").due_at
    rings = [in_parallel(clocks.ring, due) for _ in range(4)]
    assert sum(len(outcome(ring)) for ring in rings) == 1
    assert ClockRung.objects.filter(clock__subject_key=case).count() == 4
    assert ledger_acts(case) == ["clocks.started", "clocks.rung"]


def test_two_officers_who_start_the_same_limit_start_it_once(in_parallel, case, county):
    futures = [in_parallel(start, case, county) for _ in range(3)]
    results = [outcome(future) for future in futures]
    assert sum(isinstance(result, clocks.AlreadyRuns) for result in results) == 2
    assert Clock.objects.filter(subject_key=case).count() == 1


def test_two_leaders_who_extend_at_once_extend_twice_and_no_more(in_parallel, case, county):
    start(case, county, "XZ-07")

    def extend():
        return clocks.extend("XZ-07", subject=case, at=AT + DAY, actor=county.bureau_leader, reason="复杂")

    results = [outcome(future) for future in [in_parallel(extend) for _ in range(4)]]
    assert sum(isinstance(result, clocks.CannotExtend) for result in results) == 2
    assert Clock.objects.get(subject_key=case).budget == 90
