"""SIGKILL at every statement of a ringing: no rung is lost, none rings twice."""

import os
import signal
from datetime import timedelta
from uuid import uuid4

from django.db import connection, connections

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import clocks
from qingkong.kernel.clocks.models import ClockRung

LONGEST = 60  # more statements than one ringing takes


def killed_at(point: int, at) -> bool:
    """Ring in a child that is killed before its `point`-th statement; False if it lived to the end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        left = iter(range(point, -1, -1))

        def step(execute, sql, params, many, context):
            if next(left, 0) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        status = 1
        try:
            connection.execute_wrappers.append(step)
            clocks.ring(at)
            status = 0
        finally:
            os._exit(status)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_process_killed_at_any_statement_neither_loses_nor_doubles_a_rung(transactional_db, county):
    case = f"cases.case:{uuid4()}"
    due = clocks.start("LA-10", subject=case, at=AT, actor=county.officer, unit_id=county.station.pk).due_at
    at = due - timedelta(hours=20)  # the rung of one day before is due
    for point in range(LONGEST):
        killed = killed_at(point, at)
        rungs = ClockRung.objects.filter(clock__subject_key=case).count()
        assert ledger_acts(case).count("clocks.rung") == rungs <= 1
        if not killed:
            break
    else:
        raise AssertionError("a ringing has more statements than were tried")
    clocks.ring(at)
    assert ClockRung.objects.filter(clock__subject_key=case).count() == 1
    assert ledger_acts(case) == ["clocks.started", "clocks.rung"]
