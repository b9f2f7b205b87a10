"""A finding has its page, and ends there by who may end it; an inbox line is read with one press."""

from datetime import timedelta

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.queries import Result
from qingkong.kernel import gates, notices
from qingkong.kernel.gates.models import Finding
from qingkong.kernel.text import zh

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


@pytest.fixture
def call(county):
    """A call closed although two stamps were never pressed: the gate warns, and says so in a finding."""
    intake = calls.Intake(kind="dispute", division_code="370923101201", what="买卖没有谈拢", place_text="集市南头")
    call = calls.take_call(intake=intake, actor=county.dispatcher, at=AT).call
    response = calls.dispatch_unit(
        call=call, unit=county.station, officer_ids=[county.officer.officer_id], actor=county.dispatcher, at=AT
    )
    calls.arrive(response=response, actor=county.officer, at=AT + timedelta(minutes=9))
    calls.report_back(response=response, report="双方同意。", actor=county.officer, at=AT + timedelta(minutes=20))
    return calls.close_call(
        call=call.fresh(), result=Result.SETTLED, note="处结", actor=county.dispatcher, at=AT + timedelta(minutes=30)
    )


@pytest.fixture
def found(call):
    return next(f for f in gates.open_findings(call) if f.check_id == "calls.stamps")


def end(client, found, how, reason="已核实"):
    return client.post(f"/desk/findings/{found.id}/", {"end": how, "reason": reason})


def test_the_page_of_a_call_leads_to_its_finding(as_officer, call, found):
    page = as_officer("station_head").get(f"/desk/calls/{call.pk}/").content.decode()
    assert f"/desk/findings/{found.id}/" in page


def test_the_list_shows_the_units_findings_and_another_unit_sees_neither_list_nor_page(as_officer, found):
    assert str(found.sentence) in as_officer("station_head").get("/desk/findings/").content.decode()
    stranger = as_officer("strange_head")
    assert str(found.sentence) not in stranger.get("/desk/findings/").content.decode()
    assert stranger.get(f"/desk/findings/{found.id}/").status_code == 404


def test_an_inspector_upholds_with_a_reason_and_it_is_entered(as_officer, call, found):
    inspector = as_officer("inspector")
    assert end(inspector, found, "uphold", reason="").status_code in (200, 422)
    assert gates.open_findings(call)
    assert end(inspector, found, "uphold").status_code == 303
    assert found.id not in [f.id for f in gates.open_findings(call)]
    assert "gates.upheld" in ledger_acts(call)
    assert "已核实" in inspector.get(f"/desk/findings/{found.id}/").content.decode()


def test_what_is_still_wrong_is_not_entered_as_put_right_and_says_why(as_officer, call, found):
    refused = end(as_officer("station_head"), found, "put_right")
    assert refused.status_code == 409 and "还没有改正" in refused.content.decode()
    assert found.id in [f.id for f in gates.open_findings(call)]


def test_the_named_post_waives_with_a_reason_and_another_post_does_not(as_officer, call, found):
    refused = end(as_officer("bureau_leader"), found, "waive")
    assert refused.status_code == 403 and "只有所长可以批准放行" in refused.content.decode()
    assert end(as_officer("officer"), found, "uphold").status_code == 403
    assert found.id in [f.id for f in gates.open_findings(call)]
    assert end(as_officer("station_head"), found, "waive").status_code == 303
    assert found.id not in [f.id for f in gates.open_findings(call)]
    assert "gates.waived" in ledger_acts(call)


def test_a_closing_gate_opens_once_what_it_stopped_at_is_waived_by_the_duty_leader(as_officer, county):
    intake = calls.Intake(kind="dispute", division_code="370923101201", what="买卖没有谈拢", place_text="集市南头")
    call = calls.take_call(intake=intake, actor=county.dispatcher, at=AT).call
    response = calls.dispatch_unit(
        call=call, unit=county.station, officer_ids=[county.officer.officer_id], actor=county.dispatcher, at=AT
    )
    calls.arrive(response=response, actor=county.officer, at=AT + timedelta(minutes=9))
    close = {"result": Result.SETTLED.value, "note": "双方离开"}
    assert as_officer("dispatcher").post(f"/desk/calls/{call.pk}/close/", close).status_code == 409
    stopped = next(f for f in gates.open_findings(call) if f.check_id == "calls.reported")
    assert end(as_officer("bureau_leader"), stopped, "waive", "设备故障，已电话核实").status_code == 303
    assert as_officer("dispatcher").post(f"/desk/calls/{call.pk}/close/", close).status_code == 303


def test_a_check_that_may_not_be_waived_is_waived_by_nobody(as_officer, county):
    intake = calls.Intake(kind="dispute", division_code="370923101201", what="买卖没有谈拢", place_text="集市南头")
    call = calls.take_call(intake=intake, actor=county.dispatcher, at=AT).call
    close = {"result": Result.SETTLED.value, "note": "双方离开"}
    assert as_officer("dispatcher").post(f"/desk/calls/{call.pk}/close/", close).status_code == 409
    scene = next(f for f in gates.open_findings(call) if f.check_id == "calls.scene")
    refused = end(as_officer("bureau_leader"), scene, "waive")
    assert refused.status_code == 409 and "这一项不能放行" in refused.content.decode()
    assert scene.id in [f.id for f in gates.open_findings(call)]


def test_an_inbox_line_is_shown_on_my_day_until_it_is_read(as_officer, county, call):
    notices.tell(text=zh("期限快到了。"), subject=call, at=AT, officer_id=county.officer.officer_id)
    officer = as_officer("officer")
    assert "期限快到了。" in officer.get("/desk/").content.decode()
    line = next(one for one in notices.inbox_of(county.officer) if "期限快到了" in str(one.text))
    assert as_officer("stranger").post(f"/desk/inbox/{line.id}/read/").status_code == 404
    assert as_officer("officer").post(f"/desk/inbox/{line.id}/read/").status_code == 303
    assert "期限快到了。" not in as_officer("officer").get("/desk/").content.decode()


def test_each_post_is_offered_only_how_it_may_end_a_finding(as_officer, found):
    page = as_officer("officer").get(f"/desk/findings/{found.id}/").content.decode()
    assert 'value="put_right"' in page and 'value="uphold"' not in page and 'value="waive"' not in page
    page = as_officer("inspector").get(f"/desk/findings/{found.id}/").content.decode()
    assert 'value="put_right"' in page and 'value="uphold"' in page and 'value="waive"' not in page


def test_nobody_upholds_what_came_up_in_their_own_work_and_the_page_says_so(as_officer, county, call):
    gates.uphold(gates.open_findings(call)[0], actor=county.inspector, reason="已核实", at=AT + timedelta(hours=1))
    gates.require("calls.close", subject=call, actor=county.inspector, at=AT + timedelta(hours=2))
    own = next(f for f in gates.open_findings(call) if f.found_by == county.inspector.name)
    inspector = as_officer("inspector")
    refused = end(inspector, own, "uphold")
    assert refused.status_code == 403 and "不能处理自己办理时出现的问题" in refused.content.decode()
    assert own.id in [f.id for f in gates.open_findings(call)]
    page = inspector.get(f"/desk/findings/{own.id}/").content.decode()
    assert "问题成立：已核实" in page  # how the same finding ended before


def test_the_list_asks_as_many_questions_for_many_findings_as_for_one(as_officer, county, call, found):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert as_officer("station_head").get("/desk/findings/").status_code == 200
        return len(queries)

    few = asked()
    Finding.objects.bulk_create(
        Finding(
            check_id=f"tests.{n}", gate="process", step="calls.close", subject_key=call.subject_key, unit=county.station,
            blocks=n % 2 == 0, sentence="缺一件。", how="补上。", found_at=AT, found_by="示例",
        )
        for n in range(120)
    )  # fmt: skip
    assert asked() == few <= 15
    shown, query = [], ""
    while True:
        page = as_officer("station_head").get(f"/desk/findings/{query}").context["page"]
        shown += [(f.blocks, f.found_at, f.id) for f in page]
        if not (query := page.next_query):
            break
    assert (
        len(set(shown))
        == len(shown)
        == len(gates.open_for(actor=county.station_head, at=AT + timedelta(days=1), limit=500))
    )
    assert shown == sorted(shown, reverse=True)


def test_the_inbox_says_how_many_more_wait_and_isnt_shown_when_empty(as_officer, county, call):
    assert "通知" not in as_officer("third_officer").get("/desk/").content.decode()
    for number in range(11):
        notices.tell(text=zh("第{n}条。", n=number), subject=call, at=AT, officer_id=county.third_officer.officer_id)
    page = as_officer("third_officer").get("/desk/").content.decode()
    assert page.count("标为已读") == 8 and "另有 3 条未读" in page and f'href="/desk/calls/{call.pk}/"' in page
