"""Requests that come twice, late and out of order: done once, or refused in words."""

import random
import uuid

import pytest

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls.models import Call, Response
from qingkong.domains.enforcement.calls.rules import Result
from qingkong.domains.enforcement.calls.tests.building import a_call, a_response, minutes
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.matters import ServiceWay
from qingkong.domains.enforcement.cases.tests import build
from qingkong.domains.enforcement.property import operations as things
from qingkong.domains.enforcement.property.models import Exhibit
from qingkong.domains.enforcement.property.tests import making as exhibits
from qingkong.kernel import ledger
from qingkong.kernel.refusals import Refusal
from tests.faults.test_full_disk import TAKE

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])


def test_a_form_that_comes_three_times_takes_one_call(county, signed_in, sound):
    browser, key = signed_in(county.dispatcher), str(uuid.uuid4())
    answers = [browser.post("/desk/calls/take/", {**TAKE, "idempotency_key": key}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer["Location"] for answer in answers}) == 1
    assert Call.objects.count() == 1
    sound()


def test_stamps_that_come_in_any_order_and_twice_leave_one_truth(county, sound):
    for seed in range(8):
        response = a_response(county)
        press = {"response": response, "actor": county.officer}
        presses = [
            lambda press=press: calls.acknowledge(**press, at=minutes(AT, 1)),
            lambda press=press: calls.depart(**press, at=minutes(AT, 3)),
            lambda press=press: calls.arrive(**press, at=minutes(AT, 12)),
            lambda press=press: calls.report_back(**press, report="已调解", at=minutes(AT, 40)),
        ]
        _in_any_order(presses * 2, seed)
        stood = Response.objects.get(pk=response.pk)
        times = [stood.acknowledged_at, stood.departed_at, stood.arrived_at, stood.reported_at]
        pressed = [at for at in times if at]
        assert pressed == sorted(pressed) and pressed
    ledger.integrate()
    sound()


def test_the_steps_of_a_case_in_any_order_and_twice_leave_books_that_balance(county, sound, typeset):
    for seed in range(3):
        case = build.case(county)
        decision = build.proposal(county, case)
        one = exhibits.seize(county, exhibits.open_case(county))[0]
        _in_any_order([*_of_a_case(county, case, decision), *_of_a_thing(county, one)] * 3, seed)
    assert Exhibit.objects.exclude(state="taken").exists()
    ledger.integrate()
    sound()


def _of_a_case(county, case, decision):
    lead, head, later = county.officer, county.station_head, AT + build.HOUR
    said = {"statement": "没有意见", "defended": False, "hearing": ""}
    return [
        lambda: cases.give_notice(decision=decision, actor=lead, at=AT),
        lambda: cases.record_statement(decision=decision, **said, actor=lead, at=AT),
        lambda: cases.ask_decision(decision=decision, actor=lead, at=AT),
        lambda: cases.decide(decision=decision, actor=head, at=AT),
        lambda: cases.serve(decision=decision, party=decision.party, way=ServiceWay.DIRECT, actor=lead, at=later),
        lambda: cases.execute(decision=decision, note="已缴纳", actor=lead, at=later),
        lambda: cases.close_case(case=case, ground="258-3", actor=head, at=later),
    ]


def _of_a_thing(county, one):
    keeper, later = county.custodian, AT + 2 * build.HOUR
    return [
        lambda: exhibits.hand_over(county, one),
        lambda: things.accept_exhibit(exhibit=one, place="1-1", actor=keeper, at=later),
        lambda: things.refuse_exhibit(exhibit=one, reason="封签破损", actor=keeper, at=later),
    ]


def test_a_call_closed_twice_at_different_times_is_closed_once(county, sound):
    call = a_call(county)
    close = {"call": call, "result": Result.INVALID, "note": "误报", "actor": county.dispatcher}
    calls.close_call(**close, at=minutes(AT, 5))
    calls.close_call(**close, at=minutes(AT, 2))  # a late copy of an earlier request
    assert call.fresh().closed_at == minutes(AT, 5)
    ledger.integrate()
    sound()


def _in_any_order(steps, seed):
    """Do the steps shuffled; each is done or refused, never a fault."""
    dice, done = random.Random(seed), 0
    for step in dice.sample(steps, len(steps)):
        try:
            step()
            done += 1
        except Refusal:
            pass
    assert done
