"""A code is never enough alone; wrong, unknown and withdrawn codes can't be told apart."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.domains.trust.disclosure import operations, queries, rules
from qingkong.domains.trust.disclosure.models import Challenge
from qingkong.kernel import access, notices
from qingkong.kernel.access import Purpose
from qingkong.kernel.refusals import TooMany

PHONE = "19900000001"
pytestmark = pytest.mark.django_db(databases=["default", "passing"])


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def handed(county, settings):
    settings.QINGKONG_DEMO = True  # so that the outbox can be read
    report = cases.register_report(
        nature=Nature.PUBLIC_ORDER, subject="自行车被盗", reporter=cases.Reporter(name="演示张某", phone=PHONE),
        actor=county.window, at=AT,
    )  # fmt: skip
    return cases.hand_receipt(report=report, actor=county.window, at=AT)


def ask(county, code, phone=PHONE, at=AT):
    challenge = operations.ask(code=code, phone=phone, address="192.0.2.1", actor=county.person, at=at)
    sent = operations.send_digits(challenge_id=challenge, actor=access.system("disclosure"), at=at)
    return challenge, sent


def digits_sent():
    return re.search(r"验证码 (\d{6})", notices.outbox(limit=1)[0].text).group(1)


def test_code_and_phone_and_digits_open_the_page(county, handed):
    challenge, sent = ask(county, handed.code.lower().replace("-", " "))
    assert sent
    report_id = operations.open_page(challenge_id=challenge, digits=digits_sent(), actor=county.person, at=AT)
    page = queries.progress_page(report_id)
    assert page.progress.number == handed.report.number
    assert "disclosure.opened" in ledger_acts(handed.report)


@pytest.mark.parametrize("code, phone", [("0000-0000-0000-0000", PHONE), (None, "19900000002"), ("nonsense", PHONE)])
def test_a_wrong_code_or_phone_makes_the_same_challenge_and_sends_nothing(county, handed, code, phone):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as right:
        operations.ask(code=handed.code, phone=PHONE, address="192.0.2.9", actor=county.person, at=AT)
    with CaptureQueriesContext(connection) as wrong:
        challenge = operations.ask(
            code=code or handed.code, phone=phone, address="192.0.2.9", actor=county.person, at=AT
        )
    assert len(right) == len(wrong)
    assert not operations.send_digits(challenge_id=challenge, actor=access.system("disclosure"), at=AT)
    for guess in ("000000", ""):
        with pytest.raises(operations.NotOpened):
            operations.open_page(challenge_id=challenge, digits=guess, actor=county.person, at=AT)


def test_a_withdrawn_code_opens_nothing(county, handed):
    cases.hand_receipt(report=handed.report, actor=county.window, at=AT)  # a new print: the old code stops working
    _, sent = ask(county, handed.code)
    assert not sent


def test_wrong_used_and_late_digits_are_refused_in_the_same_words(county, handed):
    said = set()
    challenge, _ = ask(county, handed.code)
    right = digits_sent()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for digits, at in [(wrong, AT), (right, AT + rules.CHALLENGE_LASTS)]:
        with pytest.raises(operations.NotOpened) as refused:
            operations.open_page(challenge_id=challenge, digits=digits, actor=county.person, at=at)
        said.add(str(refused.value))
    operations.open_page(challenge_id=challenge, digits=right, actor=county.person, at=AT)
    with pytest.raises(operations.NotOpened) as refused:
        operations.open_page(challenge_id=challenge, digits=right, actor=county.person, at=AT)
    said.add(str(refused.value))
    assert len(said) == 1


def test_after_five_wrong_tries_the_right_digits_open_nothing(county, handed):
    challenge, _ = ask(county, handed.code)
    right = digits_sent()
    for n in range(rules.TRIES):
        with pytest.raises(operations.NotOpened):
            operations.open_page(
                challenge_id=challenge, digits=f"{(int(right) + n + 1) % 10**6:06}", actor=county.person, at=AT
            )
    with pytest.raises(operations.NotOpened):
        operations.open_page(challenge_id=challenge, digits=right, actor=county.person, at=AT)


def test_an_address_asks_ten_times_an_hour_and_no_more(county, handed):
    for _ in range(rules.CHALLENGES_AN_HOUR):
        ask(county, "0000")
    with pytest.raises(TooMany):
        ask(county, handed.code)
    ask(county, handed.code, at=AT + timedelta(hours=1))


def test_digits_are_sent_once_and_kept_as_a_keyed_hash(county, handed):
    challenge, _ = ask(county, handed.code)
    assert not operations.send_digits(challenge_id=challenge, actor=access.system("disclosure"), at=AT)
    assert digits_sent() not in str(Challenge.objects.values().get(pk=challenge))


def test_the_person_sees_each_look_as_the_ledger_has_it(county, handed):
    access.look(
        actor=county.window, subject=handed.report, purpose=Purpose.HANDLING, reference=handed.report.number, at=AT
    )
    looks = queries.looks_at_me(handed.report.pk)
    assert [(look.who, look.why) for look in looks] == [(f"{county.window.unit_name} 窗口民警", Purpose.HANDLING.label)]


def test_challenges_are_forgotten_after_a_day_and_their_entries_stay(county, handed):
    ask(county, handed.code)
    assert operations.forget_challenges(actor=access.system("disclosure"), at=AT + timedelta(days=2)) == 1
    assert Challenge.objects.count() == 0
