"""Calls by desk, phone, wall and API: who may open what, what a press does, how many queries a page asks."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.calls import operations
from qingkong.domains.enforcement.calls.models import Call, Caller
from qingkong.domains.enforcement.calls.rules import Result, State
from qingkong.domains.enforcement.calls.tests.building import a_call, a_reported_response, a_response, minutes
from qingkong.kernel import gates
from qingkong.web import desk

pytestmark = pytest.mark.django_db(databases=["default", "passing"])

TAKE = {
    "kind": "vehicle_theft",
    "place": "沙河站镇前河涯村村委会门前",
    "what": "电动自行车不见了",
    "caller_phone": "19900000009",
    "channel": "110",
}


def url(name, **arguments):
    return reverse(name, kwargs=arguments)


# --- taking a call -------------------------------------------------------------------------------------------


def test_a_dispatcher_takes_a_call_by_form_and_is_led_to_it(signed_in, county):
    answer = signed_in(county.dispatcher).post(url("desk:calls.take"), TAKE)
    call = Call.objects.get()
    assert answer.status_code == 303 and answer["Location"] == url("desk:calls.call", call_id=call.pk)
    assert call.place_words == "沙河站镇前河涯村村委会门前"
    assert call.taken_at == county.at


def test_a_form_sent_twice_takes_one_call(signed_in, county):
    browser = signed_in(county.dispatcher)
    twice = {**TAKE, "idempotency_key": "take-call-0001"}
    first, second = browser.post(url("desk:calls.take"), twice), browser.post(url("desk:calls.take"), twice)
    assert first["Location"] == second["Location"]
    assert Call.objects.count() == 1


def test_a_place_that_several_villages_share_is_asked_again_and_never_guessed(signed_in, county):
    answer = signed_in(county.dispatcher).post(url("desk:calls.take"), {**TAKE, "place": "刘庄"})
    assert "是哪一个" in answer.content.decode()
    assert Call.objects.count() == 0


def test_faulty_input_is_said_field_by_field_in_the_readers_language(signed_in, county):
    answer = signed_in(county.dispatcher, "en").post(url("desk:calls.take"), {"kind": "", "place": "", "what": ""})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Kind" in page and "What happened" in page
    assert Call.objects.count() == 0


# --- lists and search ----------------------------------------------------------------------------------------


def test_a_station_sees_its_own_calls_and_the_command_centre_all(signed_in, county):
    ours, theirs = a_call(county), a_call(county)
    a_response(county, ours)
    operations.dispatch_unit(
        call=theirs,
        unit=county.other_station,
        officer_ids=[county.officers.stranger.pk],
        actor=county.dispatcher,
        at=county.at,
    )
    station = signed_in(county.officer).get(url("desk:calls.list")).content.decode()
    assert ours.number in station and theirs.number not in station
    centre = signed_in(county.dispatcher).get(url("desk:calls.list")).content.decode()
    assert ours.number in centre and theirs.number in centre


def test_another_stations_call_looks_like_one_that_does_not_exist(signed_in, county):
    call = a_response(county).call
    answer = signed_in(county.stranger).get(url("desk:calls.call", call_id=call.pk))
    missing = signed_in(county.stranger).get(url("desk:calls.call", call_id=county.station.pk))
    assert answer.status_code == missing.status_code == 404


@pytest.mark.parametrize("face", ["desk:calls.list", "desk:calls.unclosed", "desk:calls.scene", "board:calls.today"])
def test_the_administrator_opens_no_page_of_calls(signed_in, county, face):
    assert signed_in(county.administrator).get(url(face)).status_code == 403


def test_a_call_is_found_by_two_characters_of_its_place(signed_in, county):
    call = a_call(county)
    page = signed_in(county.dispatcher).get(url("desk:calls.list"), {"q": "供销"}).content.decode()
    assert call.number in page


def test_search_finds_nobody_by_name_or_phone(signed_in, county):
    call = a_call(county)
    browser = signed_in(county.dispatcher)
    for text in ("示例报警人", "19900000001", "报警"):
        assert call.number not in browser.get(url("desk:calls.list"), {"q": text}).content.decode()


# --- one call ------------------------------------------------------------------------------------------------


def test_a_call_goes_from_taken_to_closed_by_its_buttons(signed_in, county, at_minute):
    call = a_call(county)
    desk, officer = signed_in(county.dispatcher), signed_in(county.officer)
    page = url("desk:calls.dispatch", call_id=call.pk)
    desk.post(page, {"officers": [str(county.officers.officer.pk), str(county.officers.auxiliary.pk)]})
    response = call.responses.get()
    press = url("desk:calls.stamp", response_id=response.pk)
    for minute, stamp in ((1, "acknowledged"), (3, "departed"), (12, "arrived")):
        at_minute(minute)
        assert officer.post(press, {"stamp": stamp}).status_code == 303
    at_minute(40)
    officer.post(url("desk:calls.report", response_id=response.pk), {"report": "已登记车辆特征"})
    officer.post(url("desk:calls.close", call_id=call.pk), {"result": "case_worthy", "note": ""})
    call = call.fresh()
    assert call.state == State.CLOSED and call.result == Result.CASE_WORTHY
    assert response.fresh().arrived_at == minutes(county.at, 12)


@pytest.mark.parametrize(
    "post",
    ["dispatcher", "officer", "auxiliary", "window", "legal_officer", "station_head", "legal_section", "case_office",
     "inspector", "bureau_leader"],
)  # fmt: skip
def test_everybody_who_may_see_a_call_opens_its_page_and_each_of_its_tabs(signed_in, county, post):
    call = a_response(county).call
    browser = signed_in(getattr(county, post))
    address = url("desk:calls.call", call_id=call.pk)
    for tab in ("", *(tab.key for tab in desk.hung.tabs if tab.page == "calls.call")):
        assert browser.get(address, {"tab": tab}).status_code == 200


def test_a_closing_that_the_gate_refuses_says_why_on_the_form_and_is_recorded(signed_in, county):
    call = a_response(county).call
    answer = signed_in(county.dispatcher).post(url("desk:calls.close", call_id=call.pk), {"result": "settled_on_scene"})
    assert "还没有反馈" in answer.content.decode()
    assert answer.status_code == 409
    assert call.fresh().state == State.DISPATCHED
    assert "calls.reported" in {finding.check_id for finding in gates.open_findings(call)}


def test_a_stamp_that_cannot_be_pressed_is_refused_on_the_calls_own_page(signed_in, county, at_minute):
    response = a_response(county)
    operations.arrive(response=response, actor=county.officer, at=minutes(county.at, 9))
    at_minute(10)
    answer = signed_in(county.officer).post(url("desk:calls.stamp", response_id=response.pk), {"stamp": "departed"})
    assert answer.status_code == 409
    assert "不能再补" in answer.content.decode()


def test_the_caller_is_shown_only_after_a_purpose_was_entered(signed_in, county):
    call = a_call(county)
    browser = signed_in(county.dispatcher)
    before = browser.get(url("desk:calls.call", call_id=call.pk)).content.decode()
    assert "19900000001" not in before and "已封存" in before
    after = browser.post(
        url("desk:calls.caller", call_id=call.pk), {"purpose": "handling", "reference": call.number}
    ).content.decode()
    assert "19900000001" in after
    assert "access.looked" in ledger_acts(call)


def test_a_made_up_reference_opens_no_caller(signed_in, county):
    call = a_call(county)
    answer = signed_in(county.dispatcher).post(
        url("desk:calls.caller", call_id=call.pk), {"purpose": "handling", "reference": "J2026-999999"}
    )
    assert answer.status_code == 403
    assert "19900000001" not in answer.content.decode()


def test_a_caller_without_a_phone_is_no_fault(signed_in, county):
    call = a_call(county, caller_phone="", caller_name="")
    assert not Caller.objects.filter(call=call).exists()
    assert signed_in(county.dispatcher).get(url("desk:calls.caller", call_id=call.pk)).status_code == 404


def test_the_unclosed_list_names_who_has_a_call_and_why_it_is_open(signed_in, county):
    waiting, sent = a_call(county), a_response(county).call
    page = signed_in(county.dispatcher).get(url("desk:calls.unclosed")).content.decode()
    assert waiting.number in page and "还没有派警" in page
    assert sent.number in page and county.officer.name in page and "派出后没有签收" in page


def test_the_scene_chart_is_drawn_in_both_languages(signed_in, county):
    chinese = signed_in(county.officer).get(url("desk:calls.scene")).content.decode()
    english = signed_in(county.officer, "en").get(url("desk:calls.scene")).content.decode()
    assert "<svg" in chinese and "报警人" in chinese
    assert "<svg" in english and "Officer" in english


# --- the phone and the wall ----------------------------------------------------------------------------------


def test_an_officer_presses_arrival_and_ticks_the_checklist_on_the_phone(signed_in, county, at_minute):
    response = a_response(county)
    phone = signed_in(county.officer)
    home = phone.get(url("field:web.home")).content.decode()
    assert response.call.number in home
    at_minute(9)
    phone.post(url("field:calls.stamp", response_id=response.pk), {"stamp": "arrived"})
    phone.post(url("field:calls.scene_step", call_id=response.call_id), {"step": "vehicle"})
    page = phone.get(url("field:calls.call", call_id=response.call_id)).content.decode()
    assert response.fresh().arrived_at == minutes(county.at, 9)
    assert "1 / 9" in page


def test_the_wall_names_nobody_and_no_unit(signed_in, county):
    a_reported_response(county)
    page = signed_in(county.dispatcher).get(url("board:calls.today")).content.decode()
    for name in (county.officer.name, county.auxiliary.name, county.station.name, "示例报警人", "供销社"):
        assert name not in page
    assert "不足十起" in page  # one response shows no percentile


# --- the cost of a page --------------------------------------------------------------------------------------


def queries_of(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("page", ["desk:calls.list", "desk:calls.unclosed", "field:web.home", "board:calls.today"])
def test_a_page_asks_at_most_fifteen_queries_and_no_more_with_more_calls(signed_in, county, page):
    for _ in range(2):
        a_response(county)
    browser = signed_in(county.officer)
    few = queries_of(browser, url(page))
    for _ in range(12):
        a_response(county)
    assert queries_of(browser, url(page)) <= max(few, 1)
    assert few <= 15


def test_the_page_of_a_call_asks_at_most_fifteen_queries_with_three_units_sent(signed_in, county):
    call = a_response(county).call
    for unit, officer in ((county.other_station, "stranger"), (county.brigade, "brigade_officer")):
        operations.dispatch_unit(
            call=call,
            unit=unit,
            officer_ids=[getattr(county.officers, officer).pk],
            actor=county.dispatcher,
            at=county.at,
        )
    assert queries_of(signed_in(county.dispatcher), url("desk:calls.call", call_id=call.pk)) <= 15


def test_search_asks_at_most_fifteen_queries(signed_in, county):
    for _ in range(60):
        a_call(county)
    assert queries_of(signed_in(county.dispatcher), url("desk:calls.list") + "?q=供销社门") <= 15


# --- for programs --------------------------------------------------------------------------------------------


def post(browser, address, **body):
    return browser.post(address, json.dumps(body), content_type="application/json")


def test_a_program_takes_dispatches_stamps_and_closes_a_call(signed_in, county, at_minute):
    browser = signed_in(county.dispatcher)
    intake = {"kind": "assault", "division_code": "370923101", "what": "打架", "external_number": "JZ-77"}
    taken = post(browser, "/api/v1/calls/", **intake)
    assert taken.status_code == 201 and taken.json()["already"] is False
    again = post(browser, "/api/v1/calls/", **intake)
    assert again.status_code == 200 and again.json()["already"] is True
    number = taken.json()["number"]
    sent = post(browser, f"/api/v1/calls/{number}/dispatch", unit_code="104", officers=["T002"])
    assert sent.status_code == 201
    response = sent.json()["id"]
    for minute, stamp in ((1, "acknowledged"), (2, "departed"), (9, "arrived")):
        at_minute(minute)
        assert post(browser, f"/api/v1/calls/responses/{response}/{stamp}").status_code == 200
    at_minute(30)
    post(browser, f"/api/v1/calls/responses/{response}/reported", report="已制止")
    closed = post(browser, f"/api/v1/calls/{number}/close", result="case_worthy")
    assert closed.json()["state"] == "closed"
    assert browser.get(f"/api/v1/calls/{number}").json()["responses"][0]["relayed"] == [
        "acknowledged", "departed", "arrived", "reported",
    ]  # fmt: skip


def test_a_program_is_told_which_field_is_wrong(signed_in, county):
    answer = post(signed_in(county.dispatcher), "/api/v1/calls/", kind="ufo", division_code="370923101", what="?")
    assert answer.status_code == 422
    assert "ufo" in answer.content.decode()


def test_a_program_gets_no_caller_back(signed_in, county):
    a_call(county)
    text = signed_in(county.dispatcher).get("/api/v1/calls/").content.decode()
    assert "19900000001" not in text and "示例报警人" not in text
