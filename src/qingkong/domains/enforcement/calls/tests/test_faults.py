"""Two at once, and SIGKILL at every step of taking a call: nothing lost, nothing doubled, no number missing."""

from dataclasses import replace
from uuid import uuid4

from qingkong.conftest import AT, ledger_acts, outcome
from qingkong.domains.enforcement.calls import operations
from qingkong.domains.enforcement.calls.models import Call, Caller, PlaceGram, Response
from qingkong.domains.enforcement.calls.operations import CannotDispatch
from qingkong.domains.enforcement.calls.rules import Result, State, bigrams
from qingkong.domains.enforcement.calls.tests.building import INTAKE, a_call, a_reported_response, minutes
from qingkong.kernel.ledger.models import Entry
from qingkong.killing import killed_at

LONGEST = 120  # more steps than taking or closing one call has


def whole() -> None:
    """Every call stands with its caller, its index and its one entry, and numbers have no gap."""
    calls = list(Call.objects.order_by("number"))
    assert [call.number for call in calls] == [f"J2026-{n:06d}" for n in range(1, len(calls) + 1)]
    assert Caller.objects.count() == len(calls)
    taken = Entry.objects.filter(act="calls.taken").values_list("subject", flat=True)
    assert sorted(taken) == sorted(call.subject_key for call in calls)
    if calls:
        assert set(PlaceGram.objects.values_list("gram", flat=True)) == set(bigrams(calls[0].place_words))
    else:
        assert not PlaceGram.objects.exists()


def test_a_process_killed_at_any_step_of_taking_a_call_leaves_it_whole_or_not_there(transactional_db, county):
    for point in range(LONGEST):
        intake = replace(INTAKE, external_number=f"JZ-{point}")

        def take(intake=intake):
            operations.take_call(intake=intake, actor=county.dispatcher, at=AT)

        killed = killed_at(point, take)
        whole()
        take()  # whoever is cut off asks again
        whole()
        assert Call.objects.filter(external_number=intake.external_number).count() == 1
        if not killed:
            break
    else:
        raise AssertionError("taking a call has more steps than were tried")


def test_a_process_killed_while_closing_leaves_the_call_open_or_closed_with_its_entry(transactional_db, county):
    for point in range(LONGEST):
        call = a_reported_response(county).call

        def close(call=call):
            operations.close_call(call=call, result=Result.CASE_WORTHY, actor=county.officer, at=minutes(AT, 50))

        killed = killed_at(point, close)
        closed = call.fresh().state == State.CLOSED
        assert ledger_acts(call).count("calls.closed") == ledger_acts(call).count("clocks.started") == int(closed)
        if not killed:
            break
    else:
        raise AssertionError("closing a call has more steps than were tried")
    assert closed


def test_two_dispatchers_taking_the_same_external_number_at_once_take_one_call(in_parallel, county):
    intake = replace(INTAKE, external_number="JZ-1")
    futures = [
        in_parallel(operations.take_call, intake=intake, actor=actor, at=AT)
        for actor in (county.dispatcher, county.second_dispatcher)
    ]
    taken = [outcome(future) for future in futures]
    assert taken[0].call == taken[1].call
    assert [one.already for one in taken].count(True) == 1
    assert ledger_acts(taken[0].call) == ["calls.taken"]
    assert a_call(county).number == "J2026-000002"


def test_one_form_sent_twice_at_once_takes_one_call(in_parallel, county):
    key = uuid4()
    futures = [
        in_parallel(operations.take_call, intake=INTAKE, actor=county.dispatcher, at=AT, call_id=key) for _ in range(2)
    ]
    assert {outcome(future).call.pk for future in futures} == {key}
    assert Call.objects.count() == 1


def test_two_dispatchers_sending_the_same_unit_at_once_send_it_once(in_parallel, county):
    call = a_call(county)
    futures = [
        in_parallel(
            operations.dispatch_unit,
            call=call,
            unit=county.station,
            officer_ids=[county.officers.officer.pk],
            actor=actor,
            at=AT,
        )
        for actor in (county.dispatcher, county.second_dispatcher)
    ]
    outcomes = [outcome(future) for future in futures]
    assert sum(isinstance(one, CannotDispatch) for one in outcomes) == 1
    assert Response.objects.count() == 1
    assert ledger_acts(call) == ["calls.taken", "calls.dispatched"]


def test_eight_calls_taken_at_once_get_eight_numbers_without_a_gap(in_parallel, county):
    futures = [in_parallel(operations.take_call, intake=INTAKE, actor=county.dispatcher, at=AT) for _ in range(8)]
    numbers = sorted(outcome(future).call.number for future in futures)
    assert numbers == [f"J2026-{n:06d}" for n in range(1, 9)]
