"""SIGKILL at every statement of a ringing: no rung is lost, none rings twice."""

from datetime import timedelta
from uuid import uuid4

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import clocks
from qingkong.kernel.clocks.models import ClockRung
from qingkong.killing import killed_at

LONGEST = 60  # more statements than one ringing takes


def test_a_process_killed_at_any_statement_neither_loses_nor_doubles_a_rung(transactional_db, county):
    case = f"cases.case:{uuid4()}"
    due = clocks.start("LA-10", subject=case, at=AT, actor=county.officer, unit_id=county.station.pk).due_at
    at = due - timedelta(hours=20)  # the rung of one day before is due
    for point in range(LONGEST):
        killed = killed_at(point, lambda: clocks.ring(at))
        rungs = ClockRung.objects.filter(clock__subject_key=case).count()
        assert ledger_acts(case).count("clocks.rung") == rungs <= 1
        if not killed:
            break
    else:
        raise AssertionError("a ringing has more statements than were tried")
    clocks.ring(at)
    assert ClockRung.objects.filter(clock__subject_key=case).count() == 1
    assert ledger_acts(case) == ["clocks.started", "clocks.rung"]
