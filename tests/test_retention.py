"""What is kept about persons goes when its time is over, with an entry, and not while its matter is open."""

import json
from datetime import timedelta

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.calls import queries
from qingkong.domains.enforcement.calls.models import Caller
from qingkong.domains.enforcement.calls.queries import Result
from qingkong.domains.enforcement.cases.models import Party
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import access, ledger
from qingkong.kernel.access import retention
from qingkong.kernel.refusals import NotPermitted
from qingkong.project.cli import main

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
LATER = AT + timedelta(days=40_000)


def call_of(county, *, closed=True):
    call = calls.take_call(
        intake=calls.Intake(
            kind="advice", division_code="370923101201", what="问路灯", caller_name="示例来电人",
            caller_phone="19900000077",
        ),
        actor=county.dispatcher, at=AT,
    ).call  # fmt: skip
    if closed:
        calls.close_call(call=call, result=Result.NOT_FOR_POLICE, note="转 12345", actor=county.dispatcher, at=AT)
    return call


def standing(found, kind):
    return next(one for one in found if one.kind == kind)


def forget(at=LATER):
    return retention.forget_what_is_over(actor=access.system("retention"), at=at)


def test_every_kind_of_personal_record_says_how_it_ends():
    assert len(retention.personal_models()) >= 9
    assert retention.unsaid() == []


def test_a_caller_goes_on_the_day_after_the_last_and_not_before(county):
    call = call_of(county)
    last = Caller.objects.get(call=call).expires_on
    on_the_day = AT + (last - AT.date())
    assert standing(forget(on_the_day), "calls.caller").over == 0
    assert queries.open_calls_from("19900000077", actor=county.dispatcher) is not None
    gone = standing(forget(on_the_day + timedelta(days=1)), "calls.caller")
    assert (gone.over, gone.forgotten) == (1, 1)
    caller = Caller.objects.get(call=call)
    raw = {name: caller.__dict__[name] for name in ("name", "phone", "phone_digest")}
    assert raw == {"name": "", "phone": "", "phone_digest": ""}
    assert "access.forgotten" in ledger_acts(caller)


def test_the_dry_run_says_the_same_and_changes_nothing(county):
    call_of(county)
    told = standing(retention.what_is_over(at=LATER), "calls.caller")
    assert (told.over, told.held, told.forgotten) == (1, 0, 0)
    assert bool(Caller.objects.get().phone)
    assert standing(forget(), "calls.caller").forgotten == 1
    assert standing(retention.what_is_over(at=LATER), "calls.caller").over == 0


def test_an_open_call_and_an_open_case_keep_their_people_and_say_so(county):
    call_of(county, closed=False)
    party = build.party(county, build.case(county))
    found = forget()
    assert standing(found, "calls.caller").held == 1 and standing(found, "calls.caller").why
    assert standing(found, "cases.party").held == 1
    assert bool(Caller.objects.get().phone) and bool(Party.objects.get(pk=party.pk).name)


def test_a_second_run_finds_nothing_and_the_ledger_stays_whole(county):
    call_of(county)
    forget()
    assert standing(forget(), "calls.caller").over == 0
    assert ledger.verify().ok


def test_nobody_but_the_system_empties_records(county):
    call_of(county)
    with pytest.raises(NotPermitted):
        retention.forget_what_is_over(actor=county.bureau_leader, at=LATER)
    assert bool(Caller.objects.get().phone)


def test_the_command_tells_what_would_go(county, capsys):
    call_of(county)
    assert main(["retention", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"] is True and "calls.caller" in {one["kind"] for one in told["kinds"]}
    assert bool(Caller.objects.get().phone)
