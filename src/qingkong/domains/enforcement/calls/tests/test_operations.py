from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.calls import operations, queries
from qingkong.domains.enforcement.calls.models import Call, Caller, PlaceGram, Response
from qingkong.domains.enforcement.calls.operations import CannotClose, CannotDispatch, CannotLink, CannotStamp
from qingkong.domains.enforcement.calls.rules import Channel, Result, State
from qingkong.domains.enforcement.calls.tests.building import (
    INTAKE,
    SHAHE,
    a_call,
    a_reported_response,
    a_response,
    minutes,
)
from qingkong.kernel import access, clocks, gates, ledger
from qingkong.kernel.access import CannotOpen, Purpose
from qingkong.kernel.gates import GateClosed
from qingkong.kernel.refusals import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


# --- take ----------------------------------------------------------------------------------------------------


def test_a_call_gets_its_number_place_priority_and_entry(county):
    taken = operations.take_call(intake=INTAKE, actor=county.dispatcher, at=county.at)
    call = taken.call.fresh()
    assert not taken.already
    assert call.number == "J2026-000001"
    assert call.place_words == "沙河站镇供销社门前"
    assert call.priority == 3  # as the kind says
    assert call.state == State.TAKEN
    assert ledger_acts(call) == ["calls.taken"]


def test_the_same_external_number_gives_the_call_that_stands_and_changes_nothing(county):
    first = a_call(county, external_number="JZ-1")
    again = operations.take_call(
        intake=replace(INTAKE, external_number="JZ-1", what="另一段话"),
        actor=county.dispatcher,
        at=minutes(county.at, 5),
    )
    assert again.already and again.call == first
    assert Call.objects.get().what == INTAKE.what
    assert ledger_acts(first) == ["calls.taken"]
    assert a_call(county).number == "J2026-000002"  # no number was lost on the way


def test_the_same_form_sent_twice_takes_one_call(county):
    key = a_call(county).pk
    again = operations.take_call(intake=INTAKE, actor=county.dispatcher, at=county.at, call_id=key)
    assert again.already
    assert Call.objects.count() == 1


def test_two_calls_without_an_external_number_stay_two(county):
    assert a_call(county) != a_call(county)


def test_everything_that_is_wrong_with_a_call_is_said_at_once(county):
    bad = replace(
        INTAKE, kind="ufo", division_code="370923101999", what=" ", priority=7, caller_phone="1" * 21, longitude=116.3
    )
    with pytest.raises(Invalid) as refused:
        operations.take_call(intake=bad, actor=county.dispatcher, at=county.at)
    assert set(refused.value.errors) == {"kind", "division_code", "what", "priority", "caller_phone", "longitude"}
    assert Call.objects.count() == 0


def test_coordinates_outside_china_are_refused(county):
    bad = replace(INTAKE, longitude=-75.4, latitude=40.1)
    with pytest.raises(Invalid):
        operations.take_call(intake=bad, actor=county.dispatcher, at=county.at)


def test_a_custodian_may_not_take_calls(county):
    with pytest.raises(NotPermitted):
        operations.take_call(intake=INTAKE, actor=county.custodian, at=county.at)


# --- who called ----------------------------------------------------------------------------------------------


def test_a_caller_is_sealed_with_ground_purpose_and_end(county):
    caller = Caller.objects.get(call=a_call(county))
    assert "19900000001" not in str(caller.__dict__)
    assert str(caller.phone) == "已封存"
    assert caller.legal_ground and caller.personal_purpose
    assert caller.expires_on > county.at.date()


def test_opening_a_caller_needs_the_open_call_as_reference_and_leaves_an_entry(county):
    call = a_call(county)
    look = access.look(
        actor=county.dispatcher, subject=call, purpose=Purpose.HANDLING, reference=call.number, at=county.at
    )
    assert queries.caller_of(call).phone.open(look) == "19900000001"
    assert ledger_acts(call) == ["calls.taken", "access.looked"]


def test_one_look_opens_one_caller_only(county):
    call, other = a_call(county), a_call(county)
    look = access.look(
        actor=county.dispatcher, subject=call, purpose=Purpose.HANDLING, reference=call.number, at=county.at
    )
    with pytest.raises(CannotOpen):
        queries.caller_of(other).phone.open(look)


def test_a_closed_call_is_no_reference_for_a_look(county):
    call = a_call(county)
    operations.close_call(call=call, result=Result.INVALID, note="误报", actor=county.dispatcher, at=county.at)
    with pytest.raises(access.CannotLook):
        access.look(
            actor=county.dispatcher, subject=call, purpose=Purpose.HANDLING, reference=call.number, at=county.at
        )


def test_an_officer_who_was_not_sent_may_not_look(county):
    call = a_call(county)
    a_response(county, call)
    with pytest.raises(NotPermitted):
        access.look(
            actor=county.second_officer, subject=call, purpose=Purpose.HANDLING, reference=call.number, at=county.at
        )


def test_the_same_phone_is_compared_among_open_calls_alone(county):
    call = a_call(county)
    assert queries.open_calls_from("199 0000 0001", actor=county.dispatcher) == [call]
    operations.close_call(call=call, result=Result.INVALID, note="误报", actor=county.dispatcher, at=county.at)
    assert queries.open_calls_from("19900000001", actor=county.dispatcher) == []


# --- dispatch ------------------------------------------------------------------------------------------------


def test_a_unit_is_sent_with_its_lead_and_the_call_becomes_the_units(county):
    response = a_response(county)
    call = response.call.fresh()
    assert call.state == State.DISPATCHED
    assert call.unit == county.station
    assert response.lead_name == county.officer.name
    assert [(r.name, r.auxiliary) for r in response.responders.all()] == [(county.auxiliary.name, True)]
    assert ledger_acts(call) == ["calls.taken", "calls.dispatched"]


def test_an_auxiliary_is_never_sent_alone(county):
    with pytest.raises(CannotDispatch):
        operations.dispatch_unit(
            call=a_call(county), unit=county.station, officer_ids=[county.officers.auxiliary.pk],
            actor=county.dispatcher, at=county.at,
        )  # fmt: skip
    assert Response.objects.count() == 0


def test_an_auxiliary_named_first_does_not_lead(county):
    response = operations.dispatch_unit(
        call=a_call(county), unit=county.station,
        officer_ids=[county.officers.auxiliary.pk, county.officers.officer.pk], actor=county.dispatcher, at=county.at,
    )  # fmt: skip
    assert response.lead == county.officers.officer


def test_officers_of_another_unit_are_not_sent_with_this_one(county):
    with pytest.raises(CannotDispatch) as refused:
        operations.dispatch_unit(
            call=a_call(county), unit=county.station, officer_ids=[county.officers.stranger.pk],
            actor=county.dispatcher, at=county.at,
        )  # fmt: skip
    assert refused.value.field == "officers"


def test_a_unit_on_its_way_is_not_sent_again_but_another_is(county):
    call = a_call(county)
    a_response(county, call)
    with pytest.raises(CannotDispatch):
        a_response(county, call)
    operations.dispatch_unit(
        call=call, unit=county.other_station, officer_ids=[county.officers.stranger.pk],
        actor=county.dispatcher, at=county.at,
    )  # fmt: skip
    assert call.responses.count() == 2
    assert call.fresh().unit == county.station


def test_a_unit_called_off_leaves_the_call_to_be_sent_anew(county):
    response = a_response(county)
    operations.stand_down(response=response, reason="改派", actor=county.dispatcher, at=minutes(county.at, 2))
    assert response.call.fresh().state == State.TAKEN
    a_response(county, response.call, at=minutes(county.at, 3))
    assert response.call.fresh().state == State.DISPATCHED


def test_a_unit_on_scene_is_not_called_off(county):
    response = a_response(county)
    operations.arrive(response=response, actor=county.officer, at=minutes(county.at, 9))
    with pytest.raises(CannotDispatch):
        operations.stand_down(response=response, reason="改派", actor=county.dispatcher, at=minutes(county.at, 10))


# --- stamps --------------------------------------------------------------------------------------------------


def test_four_stamps_lead_a_call_to_reported_and_each_leaves_its_entry(county):
    response = a_reported_response(county)
    call = response.call.fresh()
    assert call.state == State.REPORTED
    assert response.fresh().relayed == []
    assert ledger_acts(call) == [
        "calls.taken", "calls.dispatched", "calls.acknowledged", "calls.departed", "calls.arrived", "calls.reported",
    ]  # fmt: skip


def test_pressing_a_stamp_twice_keeps_the_first_moment(county):
    response = a_response(county)
    operations.depart(response=response, actor=county.officer, at=minutes(county.at, 3))
    operations.depart(response=response, actor=county.officer, at=minutes(county.at, 8))
    assert response.fresh().departed_at == minutes(county.at, 3)
    assert ledger_acts(response.call).count("calls.departed") == 1


def test_a_stamp_pressed_by_the_dispatcher_is_marked_as_relayed(county):
    response = operations.depart(response=a_response(county), actor=county.dispatcher, at=minutes(county.at, 3))
    assert response.fresh().relayed == ["departed"]


def test_a_stamp_that_was_passed_over_cannot_be_pressed_later(county):
    response = a_response(county)
    operations.arrive(response=response, actor=county.officer, at=minutes(county.at, 9))
    with pytest.raises(CannotStamp):
        operations.depart(response=response, actor=county.officer, at=minutes(county.at, 10))
    assert response.fresh().departed_at is None


def test_an_officer_who_does_not_ride_cannot_press(county):
    response = a_response(county)
    with pytest.raises(NotPermitted):
        operations.depart(response=response, actor=county.second_officer, at=minutes(county.at, 3))


def test_an_auxiliary_may_press_arrival_but_not_report(county):
    response = a_response(county)
    operations.arrive(response=response, actor=county.auxiliary, at=minutes(county.at, 9))
    with pytest.raises(NotPermitted):
        operations.report_back(response=response, report="好", actor=county.auxiliary, at=minutes(county.at, 10))


def test_a_report_needs_words(county):
    response = a_response(county)
    operations.arrive(response=response, actor=county.officer, at=minutes(county.at, 9))
    with pytest.raises(CannotStamp):
        operations.report_back(response=response, report="  ", actor=county.officer, at=minutes(county.at, 10))


def test_scene_steps_are_marked_once_and_only_those_of_the_list(county):
    response = a_response(county)
    for _ in range(2):
        operations.mark_scene_step(call=response.call, step="vehicle", actor=county.officer, at=county.at)
    assert ledger_acts(response.call).count("calls.scene_step") == 1
    with pytest.raises(CannotStamp):
        operations.mark_scene_step(call=response.call, step="payment", actor=county.officer, at=county.at)


# --- close ---------------------------------------------------------------------------------------------------


def close(call, result, note="", actor=None, at=None):
    return operations.close_call(call=call, result=result, note=note, actor=actor, at=at)


def test_a_call_is_not_closed_without_a_result(county):
    call = a_reported_response(county).call
    with pytest.raises(GateClosed) as refused:
        close(call, None, actor=county.officer, at=minutes(county.at, 50))
    assert [check.check_id for check in refused.value.failed] == ["calls.result"]
    assert call.fresh().state == State.REPORTED


def test_the_table_itself_refuses_a_closed_call_without_a_result(county):
    call = a_call(county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(state=State.CLOSED, closed_at=county.at)


def test_the_table_itself_refuses_stamps_out_of_order(county):
    response = a_response(county)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.filter(pk=response.pk).update(
            acknowledged_at=minutes(county.at, 9), departed_at=minutes(county.at, 8)
        )


def test_a_call_is_not_closed_while_a_unit_is_out(county):
    call = a_response(county).call
    with pytest.raises(GateClosed) as refused:
        close(call, Result.SETTLED, actor=county.dispatcher, at=minutes(county.at, 50))
    assert {check.check_id for check in refused.value.failed} == {"calls.reported", "calls.scene"}


def test_a_case_worthy_call_starts_the_clock_for_its_report(county):
    call = a_reported_response(county).call
    close(call, Result.CASE_WORTHY, actor=county.officer, at=minutes(county.at, 50))
    [clock] = clocks.of(call)
    assert clock.limit_id == "JCJ-07"
    assert ledger_acts(call)[-1] == "calls.closed"


def test_a_call_settled_on_the_scene_starts_no_clock(county):
    call = a_reported_response(county).call
    close(call, Result.SETTLED, actor=county.officer, at=minutes(county.at, 50))
    assert clocks.of(call) == []
    assert call.fresh().closed_by_name == county.officer.name


def test_stamps_passed_over_do_not_stop_closing_but_leave_a_finding(county):
    response = a_response(county)
    operations.arrive(response=response, actor=county.officer, at=minutes(county.at, 9))
    operations.report_back(response=response, report="已调解", actor=county.officer, at=minutes(county.at, 30))
    close(response.call, Result.SETTLED, actor=county.officer, at=minutes(county.at, 50))
    [finding] = [f for f in gates.open_findings(response.call) if f.check_id == "calls.stamps"]
    assert "签收、出警" in finding.detail


def test_not_for_the_police_needs_a_word_where_the_caller_was_sent(county):
    call = a_call(county, kind="advice")
    with pytest.raises(GateClosed):
        close(call, Result.NOT_FOR_POLICE, actor=county.dispatcher, at=county.at)
    close(call, Result.NOT_FOR_POLICE, "转12345", actor=county.dispatcher, at=county.at)
    assert call.fresh().state == State.CLOSED


def test_closing_twice_with_the_same_result_changes_nothing_and_with_another_is_refused(county):
    call = a_call(county)
    close(call, Result.INVALID, "误报", actor=county.dispatcher, at=county.at)
    close(call, Result.INVALID, "误报", actor=county.dispatcher, at=minutes(county.at, 9))
    assert call.fresh().closed_at == county.at
    with pytest.raises(CannotClose):
        close(call, Result.NOT_FOR_POLICE, "转12345", actor=county.dispatcher, at=minutes(county.at, 9))


def test_a_window_report_is_case_worthy_without_anybody_being_sent(county):
    call = operations.take_call(
        intake=replace(INTAKE, channel=Channel.WINDOW, unit_id=county.window.unit_id), actor=county.window, at=county.at
    ).call
    close(call, Result.CASE_WORTHY, actor=county.window, at=county.at)
    assert call.fresh().unit == county.station


def test_a_stranger_may_not_close_another_stations_call(county):
    call = a_reported_response(county).call
    with pytest.raises(NotPermitted):
        close(call, Result.SETTLED, actor=county.stranger, at=minutes(county.at, 50))


# --- link ----------------------------------------------------------------------------------------------------


def test_a_repeat_is_linked_to_the_open_call_and_may_be_closed_with_it(county):
    main, repeat = a_call(county), a_call(county)
    operations.link_repeat(call=repeat, to=main, actor=county.dispatcher, at=county.at)
    operations.link_repeat(call=repeat, to=main, actor=county.dispatcher, at=county.at)
    close(repeat, Result.SETTLED, "与首次警情一并处置", actor=county.dispatcher, at=county.at)
    assert ledger_acts(repeat) == ["calls.taken", "calls.linked", "calls.closed"]


def test_links_make_no_chains_and_no_circles(county):
    main, repeat, third = a_call(county), a_call(county), a_call(county)
    operations.link_repeat(call=repeat, to=main, actor=county.dispatcher, at=county.at)
    for call, to in [(main, repeat), (third, repeat), (main, main), (main, third)]:
        with pytest.raises(CannotLink):
            operations.link_repeat(call=call, to=to, actor=county.dispatcher, at=county.at)


# --- nothing off the record ----------------------------------------------------------------------------------


def test_without_its_entry_no_call_is_taken(county, monkeypatch):
    def fails(**_: object) -> None:
        raise ledger.CannotRecord("no entry")

    monkeypatch.setattr(ledger, "record", fails)
    with pytest.raises(ledger.CannotRecord):
        operations.take_call(intake=INTAKE, actor=county.dispatcher, at=county.at)
    assert Call.objects.count() == 0 and PlaceGram.objects.count() == 0


def test_loading_the_kinds_again_changes_nothing(county):
    assert operations.load_kinds(actor=county.system, at=county.at) == []
    assert queries.kinds()["vehicle_theft"].group == "crime"
    assert SHAHE in queries.known([SHAHE]).places
