"""The machine's clock jumps two days forward or back: numbers, limits, ledger, jobs and sign-in hold."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.models import Call
from qingkong.domains.enforcement.calls.tests.building import a_call
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import access, clocks, jobs, ledger
from qingkong.kernel.access import second_factors
from qingkong.kernel.clocks.models import ClockRung
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.jobs import registry
from qingkong.kernel.jobs.models import Timetable
from qingkong.kernel.ledger.models import Entry, Leaf

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])

JUMP = timedelta(days=2)
THERE_AND_BACK = [AT, AT + JUMP, AT - JUMP, AT]


def test_numbers_go_on_without_a_gap_and_the_ledger_keeps_the_order_of_doing(county, sound):
    numbers = [a_call(county, at=at).number for at in THERE_AND_BACK]
    assert numbers == [f"J2026-{n:06d}" for n in range(1, 5)]
    ledger.integrate()
    taken = Leaf.objects.filter(entry__act="calls.taken").order_by("sequence").values_list("entry__at", flat=True)
    assert list(taken) == THERE_AND_BACK  # as it was done, with the times the clock gave
    sound()


def test_a_jump_over_new_year_and_back_takes_no_number_twice(county, sound):
    eve = datetime(2026, 12, 31, 10, 0, tzinfo=UTC)
    numbers = [a_call(county, at=at).number for at in (eve, eve + JUMP, eve, eve + JUMP)]
    assert numbers == ["J2026-000001", "J2027-000001", "J2026-000002", "J2027-000002"]
    assert Call.objects.count() == 4
    sound()


def test_a_limit_rings_each_rung_once_however_often_the_clock_passes_it(county, sound, typeset):
    build.report(county)
    for at in (AT, AT + JUMP, AT - JUMP, AT + JUMP, AT + JUMP):
        clocks.ring(at)
    rungs = list(ClockRung.objects.values_list("clock", "rung", "round"))
    assert rungs and len(rungs) == len(set(rungs))
    rung = Entry.objects.filter(act="clocks.rung")
    assert rung.count() == ClockRung.objects.values("clock", "at").distinct().count()
    sound()


def test_a_job_of_the_timetable_runs_on_after_the_clock_was_put_back(county):
    kept, ran = dict(registry._jobs), []
    registry._jobs.clear()
    try:

        @jobs.job("hourly", every=timedelta(hours=1))
        def hourly(*, at):
            ran.append(at)

        for at in (AT, AT + JUMP, AT, AT + timedelta(minutes=1), AT + timedelta(hours=1, minutes=1)):
            jobs.run_due(at)
        assert ran == [AT, AT + JUMP, AT, AT + timedelta(hours=1, minutes=1)]
        assert Timetable.objects.get(name="hourly").next_run_at == AT + timedelta(hours=2, minutes=1)
    finally:
        registry._jobs.clear()
        registry._jobs.update(kept)


def test_a_jump_ends_a_session_and_never_makes_one_last_longer(county, signed_in, clock):
    browser = signed_in(county.officer)
    assert browser.get("/desk/").status_code == 200
    clock(AT - JUMP)  # it would end two days later than it should
    assert browser.get("/desk/").status_code == 302
    clock(AT)
    browser = signed_in(county.officer)
    assert browser.get("/desk/").status_code == 200
    clock(AT + JUMP)
    assert browser.get("/desk/").status_code == 302
    clock(AT)
    assert browser.get("/desk/").status_code == 302  # what has ended stays ended


@pytest.mark.parametrize("jump", [JUMP, -JUMP])
def test_a_wrong_clock_refuses_codes_in_words_and_a_spent_code_stays_spent(county, monkeypatch, jump):
    officer = county.officers.officer
    secret, _ = second_factors.new_totp(officer)
    moved = {"by": 0.0}
    really = time.time
    monkeypatch.setattr(totp.time, "time", lambda: really() + moved["by"])
    code = code_at(secret, really())
    recovery = second_factors.set_totp(
        officer=officer, secret=secret, code=code, actor=access.actor_for(build_appointment(officer)), at=AT
    )
    second_factors.check_code(officer=officer, code=code, at=AT)
    moved["by"] = jump.total_seconds()
    with pytest.raises(second_factors.WrongCode):
        second_factors.check_code(officer=officer, code=code_at(secret, really()), at=AT + jump)
    second_factors.check_code(officer=officer, code=recovery[0], at=AT + jump)  # the way in when the clock is wrong
    with pytest.raises(second_factors.WrongCode):
        second_factors.check_code(officer=officer, code=recovery[0], at=AT + jump)
    moved["by"] = 0.0
    with pytest.raises(second_factors.WrongCode):
        second_factors.check_code(officer=officer, code=code, at=AT)  # it was used before


def code_at(secret: str, moment: float) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(moment) // 30))


def build_appointment(officer):
    return Appointment.objects.select_related("officer", "unit").get(officer=officer)
