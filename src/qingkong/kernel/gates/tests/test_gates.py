from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import AT, ledger_acts, outcome
from qingkong.kernel import gates
from qingkong.kernel.gates import Check, Gate
from qingkong.kernel.gates.models import CheckRow, Finding
from qingkong.kernel.refusals import NotPermitted
from qingkong.kernel.text import zh

pytestmark = pytest.mark.django_db


class Facts:
    """What the checks of these tests look at: the names of those that fail."""

    failing: set[str] = set()


def fails(name):
    return lambda subject, at: name in Facts.failing


CHECKS = [
    Check("t.result", Gate.SOURCE, "t.close", zh("没有处理结果。"), zh("先填处理结果。"), fails("result"), article="甲法第一条"),
    Check("t.film", Gate.SOURCE, "t.close", zh("没有录像。"), zh("登记录像，或者说明原因。"), fails("film"), waivable_by="station_head"),
    Check("t.late", Gate.PROCESS, "t.close", zh("到场晚了。"), zh("写明原因。"), fails("late"), blocks=False),
    Check(
        "t.paper", Gate.CLOSING, "t.decide", zh("材料不全。"), zh("补齐后再来。"),
        lambda subject, at: "缺第 3 页。" if "paper" in Facts.failing else False,
    ),
    Check(
        "t.new", Gate.CLOSING, "t.decide", zh("新规定。"), zh("照办。"), fails("new"), effective_from=date(2027, 1, 1)
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def checks():
    gates.register(CHECKS)
    Facts.failing = set()
    yield
    for check in CHECKS:
        gates.unregister(check.id)


@pytest.fixture
def subject(county):
    """Any record does: here a unit that says to which unit and thread it belongs."""
    unit = county.other_station
    unit.unit_id, unit.thread = county.station.pk, "A2026-000009"
    return unit


def require(subject, actor, step="t.close", at=AT):
    return gates.require(step, subject=subject, actor=actor, at=at)


def fail(subject, actor, *names, step="t.close", at=AT):
    """What the edge does: the step is refused and rolled back, then its findings are recorded."""
    Facts.failing = set(names)
    with pytest.raises(gates.GateClosed) as closed, transaction.atomic():
        require(subject, actor, step, at)
    return gates.record_findings(closed.value, actor, at)


def entered(subject):
    return [act for act in ledger_acts(subject) if act.startswith("gates.")]


def light(subject, gate, at=AT):
    return next(light for light in gates.lights(subject, at=at) if light.gate is gate)


def test_a_step_whose_checks_hold_goes_on(subject, county):
    assert len(require(subject, county.officer).passed) == 3
    assert [str(light.state) for light in gates.lights(subject, at=AT)] == ["ok", "ok", "idle", "idle"]
    assert entered(subject) == []


def test_a_closed_gate_tells_all_blocking_checks_at_once(subject, county):
    Facts.failing = {"result", "film", "late"}
    with pytest.raises(gates.GateClosed) as closed:
        require(subject, county.officer)
    assert [each.check_id for each in closed.value.failed] == ["t.result", "t.film"]
    assert str(closed.value.reason) == "没有处理结果。（另有 1 项未通过）"
    assert str(closed.value.how) == "先填处理结果。"
    assert not Finding.objects.exists()  # a refused step writes nothing; the edge does


def test_a_check_may_say_what_exactly_is_wrong(subject, county):
    (finding,) = fail(subject, county.officer, "paper", step="t.decide")
    assert (finding.sentence, finding.detail) == ("材料不全。", "缺第 3 页。")


def test_what_stopped_a_step_becomes_a_finding_after_the_rollback(subject, county):
    fail(subject, county.officer, "result", "late")
    found = gates.open_findings(subject)
    assert [(each.check_id, each.blocks) for each in found] == [("t.result", True), ("t.late", False)]
    assert found[0].unit_id == county.station.pk
    assert entered(subject) == ["gates.found", "gates.found"]
    assert str(light(subject, Gate.SOURCE).state) == "bad"
    assert str(light(subject, Gate.PROCESS).state) == "warn"


def test_failing_the_same_check_again_does_not_double_the_finding(subject, county):
    fail(subject, county.officer, "result")
    assert fail(subject, county.second_officer, "result", at=AT + timedelta(hours=1)) == []
    assert light(subject, Gate.SOURCE, AT + timedelta(hours=2)).open == 1


def test_the_database_refuses_two_open_findings_of_one_check(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    finding.pk = None
    finding._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.create(
            **{f.attname: getattr(finding, f.attname) for f in Finding._meta.fields if f.name != "id"}
        )


def test_a_warning_becomes_a_finding_and_does_not_stop(subject, county):
    Facts.failing = {"late"}
    answer = require(subject, county.officer)
    assert [each.check_id for each in answer.warnings] == ["t.late"]
    assert light(subject, Gate.PROCESS).open == 1


def test_a_step_that_passes_later_ends_the_finding_as_put_right(subject, county):
    fail(subject, county.officer, "result")
    Facts.failing = set()
    require(subject, county.officer, at=AT + timedelta(hours=1))
    (finding,) = gates.findings(subject)
    assert str(finding.state) == "put_right"
    assert entered(subject) == ["gates.found", "gates.put_right"]
    assert str(light(subject, Gate.SOURCE, AT + timedelta(hours=1)).state) == "ok"


def test_a_finding_is_not_put_right_while_its_check_fails(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    with pytest.raises(gates.CannotSettle, match="还没有改正"):
        gates.put_right(finding, actor=county.officer, reason="已补", at=AT)
    Facts.failing = set()
    assert gates.put_right(finding, actor=county.officer, reason="已补", at=AT).state == "put_right"


def test_another_unit_does_not_put_it_right(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    Facts.failing = set()
    with pytest.raises(NotPermitted):
        gates.put_right(finding, actor=county.stranger, reason="已补", at=AT)


def test_a_waived_check_lets_the_step_go_on_and_is_not_asked_again(subject, county):
    (finding,) = fail(subject, county.officer, "film")
    gates.waive(finding, actor=county.station_head, reason="记录仪损坏，已报修", at=AT)
    require(subject, county.officer)
    assert light(subject, Gate.SOURCE).open == 0
    assert entered(subject) == ["gates.found", "gates.waived"]


def test_only_the_named_post_waives_and_never_for_itself(subject, county):
    (finding,) = fail(subject, county.officer, "film")
    with pytest.raises(NotPermitted, match="所长"):
        gates.waive(finding, actor=county.bureau_leader, reason="可以", at=AT)
    (own,) = fail(county.brigade, county.station_head, "film")
    with pytest.raises(NotPermitted, match="自己"):
        gates.waive(own, actor=county.station_head, reason="可以", at=AT)


def test_what_the_law_asks_is_not_waived(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    with pytest.raises(gates.CannotSettle, match="不能放行"):
        gates.waive(finding, actor=county.station_head, reason="可以", at=AT)


def test_a_finding_ends_once_and_with_a_reason(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    with pytest.raises(gates.CannotSettle, match="理由"):
        gates.uphold(finding, actor=county.inspector, reason="  ", at=AT)
    gates.uphold(finding, actor=county.inspector, reason="拖延未填", at=AT)
    with pytest.raises(gates.CannotSettle, match="已经处理"):
        gates.uphold(finding, actor=county.inspector, reason="又来", at=AT)
    assert entered(subject) == ["gates.found", "gates.upheld"]


@pytest.mark.parametrize("who", ["officer", "station_head", "dispatcher", "supervisor", "administrator"])
def test_only_inspectors_reviewers_and_leaders_uphold(subject, county, who):
    (finding,) = fail(subject, county.second_officer, "result")
    with pytest.raises(NotPermitted):
        gates.uphold(finding, actor=getattr(county, who), reason="理由", at=AT)


def test_a_finding_is_not_settled_before_it_was_found(subject, county):
    (finding,) = fail(subject, county.officer, "result")
    with pytest.raises(gates.CannotSettle, match="早于"):
        gates.uphold(finding, actor=county.inspector, reason="理由", at=AT - timedelta(days=1))


def test_a_check_counts_from_the_day_it_is_in_force(subject, county):
    Facts.failing = {"new"}
    require(subject, county.officer, "t.decide")
    with pytest.raises(gates.GateClosed, match="新规定"):
        require(subject, county.officer, "t.decide", datetime(2026, 12, 31, 16, 0, tzinfo=UTC))


def test_a_step_nobody_asks_about_goes_on(subject, county):
    assert not require(subject, county.officer, "t.nothing").passed


def test_closing_waits_for_the_first_three_gates(subject, county):
    assert gates.earlier_gates_open(subject, AT) is False
    fail(subject, county.officer, "result")
    assert "案件源头" in str(gates.earlier_gates_open(subject, AT))


def test_a_case_shows_the_lights_of_the_report_and_call_it_grew_out_of(subject, county):
    call = county.brigade
    call.thread = "J2026-000009"
    fail(call, county.officer, "result")
    assert light(subject, Gate.SOURCE).open == 0
    subject.threads = ["J2026-000009"]
    assert light(subject, Gate.SOURCE).open == 1
    assert [finding.thread for finding in gates.open_findings(subject)] == ["J2026-000009"]


def test_lights_take_two_queries_whatever_there_is(subject, county, django_assert_num_queries):
    fail(subject, county.officer, "result", "film", "late")
    with django_assert_num_queries(2):
        gates.lights(subject, at=AT)
    for unit in list(county.units.values())[:8]:
        unit.thread = subject.thread
        fail(unit, county.officer, "result", "film")
    with django_assert_num_queries(2):
        assert light(subject, Gate.SOURCE).open >= 16


def test_a_units_open_findings_are_one_query(subject, county, django_assert_num_queries):
    fail(subject, county.officer, "result", "film")
    with django_assert_num_queries(1):
        assert len(gates.open_for(actor=county.station_head, at=AT)) == 2
    assert gates.open_for(actor=county.strange_head, at=AT) == []
    assert len(gates.open_for(actor=county.inspector, at=AT)) == 2


def test_two_officers_failing_at_once_leave_one_finding(in_parallel, county):
    Facts.failing = {"result"}
    subject = county.other_station
    with pytest.raises(gates.GateClosed) as closed:
        require(subject, county.officer)
    futures = [
        in_parallel(gates.record_findings, closed.value, actor, AT) for actor in (county.officer, county.second_officer)
    ]
    assert sum(len(outcome(future)) for future in futures) == 1
    assert entered(subject) == ["gates.found"]


def test_the_same_check_twice_is_no_fault_and_another_of_its_id_is():
    gates.register(CHECKS)
    with pytest.raises(gates.TwiceRegistered):
        gates.register([Check("t.result", Gate.PROCESS, "t.close", zh("别的。"), zh("别的。"), fails("x"))])


def test_a_check_loaded_with_an_end_is_no_longer_asked(subject, county):
    Facts.failing = {"result"}
    CheckRow.objects.create(
        check_id="t.result", gate="source", steps=["t.close"], sentence="旧。", how="旧。", blocks=True,
        effective_from=date(2020, 1, 1), effective_to=date(2026, 1, 1),
    )  # fmt: skip
    require(subject, county.officer)
