"""Passwords, codes and digits: kept hard to guess, good for once, and a wrong one takes the same road as one that never was."""

import re
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from argon2 import Type, extract_parameters
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from qingkong.conftest import AT
from qingkong.domains.enforcement.cases.operations import hand_receipt, register_report
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.domains.enforcement.cases.tests import build as casing
from qingkong.domains.trust.satisfaction import operations as surveys
from qingkong.domains.trust.satisfaction.models import Invitation
from qingkong.domains.trust.satisfaction.rules import About
from qingkong.kernel.access import limits, second_factors
from qingkong.kernel.access.accounts import set_password
from qingkong.kernel.refusals import TooMany
from qingkong.project import settings as real
from tests.security.asking import IDS, TOKENS, sit_down

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
PASSWORD = "a long passphrase"


@contextmanager
def counted(client):
    """The statements, without their values, that a request makes in both databases."""
    statements = []
    with ExitStack() as stack:
        made = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "passing")]
        yield statements
    statements += [
        re.sub(r"\d+", "·", query["sql"].split("'")[0])[:60] for capture in made for query in capture.captured_queries
    ]


def asked(where, said, field):
    """(status, statements, bytes of the answer, headers) of one post by a visitor of its own."""
    client = Client(raise_request_exception=False)
    client.get(where)
    with counted(client) as statements:
        answer = client.post(where, said)
    text = IDS.sub("·", TOKENS.sub(r"\1", answer.content.decode())).replace(said[field], "·")
    return answer.status_code, statements, len(text), sorted(answer.headers), answer.headers.get("Location")


def test_a_right_a_wrong_and_an_unknown_query_code_make_the_same_work_and_the_same_answer(county):
    report = register_report(
        actor=county.window,
        at=county.at,
        nature=Nature.PUBLIC_ORDER,
        subject="被人殴打",
        reporter=casing.REPORTER,
        no_evidence_yet=True,
        is_victim=True,
    )
    code = hand_receipt(report=report, actor=county.window, at=county.at).code
    never = "".join("2" if c.isalnum() else c for c in code)
    tried = {
        "right": {"code": code, "phone": casing.PHONE},
        "another's phone": {"code": code, "phone": "19900000009"},
        "unknown": {"code": never, "phone": casing.PHONE},
        "unreadable": {"code": "????-????-????-????", "phone": casing.PHONE},
    }
    asked("/progress/", tried["unknown"], "code")  # the first request of a process asks more
    seen = {name: asked("/progress/", said, "code") for name, said in tried.items()}
    assert seen["right"][0] == 303 and len(seen["right"][1]) > 5
    assert all(one == seen["right"] for one in seen.values()), {k: (v[0], len(v[1]), v[2]) for k, v in seen.items()}


def test_a_wrong_a_spent_an_expired_and_an_unknown_survey_code_make_the_same_work_and_the_same_answer(
    county, monkeypatch
):
    handed = []
    monkeypatch.setattr(surveys.notices, "send", lambda **said: handed.append(said["text"].params["code"]))
    for number in ("J2026-000001", "J2026-000002"):
        surveys.invite(
            about=About.CALL, number=number, unit_id=county.station.pk, phone="19900000001", actor=county.system, at=AT
        )
    spent, expired = handed
    Invitation.objects.filter(number="J2026-000001").update(spent_on=AT.date())
    Invitation.objects.filter(number="J2026-000002").update(expires_on=AT.date() - timedelta(days=1))
    given = {"grade": "4", "told": "no", "comment": ""}
    asked("/evaluate/", {**given, "code": "ABCD-EFGH-JKMN-PQRS"}, "code")  # the first request of a process asks more
    seen = {
        name: asked("/evaluate/", {**given, "code": code}, "code")
        for name, code in {
            "spent": spent,
            "expired": expired,
            "unknown": "ABCD-EFGH-JKMN-PQRS",
            "wrong": spent[:-1] + "2",
        }.items()
    }
    assert len(seen["spent"][1]) > 1
    assert all(one == seen["spent"] for one in seen.values()), {k: (v[0], len(v[1]), v[2]) for k, v in seen.items()}


class CountingHasher(Argon2PasswordHasher):
    """The real one, small enough for a test, that counts how often it works."""

    time_cost, memory_cost, parallelism = 1, 1024, 1
    worked = 0

    def encode(self, password, salt):
        type(self).worked += 1
        return super().encode(password, salt)

    def verify(self, password, encoded):
        type(self).worked += 1
        return super().verify(password, encoded)


def test_an_unknown_a_closed_and_a_known_number_cost_one_hash_each_and_are_answered_alike(county):
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"]):
        set_password(officer=county.officers.officer, password=PASSWORD, actor=county.administrator, at=AT)
        set_password(officer=county.officers.second_officer, password=PASSWORD, actor=county.administrator, at=AT)
        type(county.officers.second_officer).objects.filter(pk=county.officers.second_officer.pk).update(
            is_active=False
        )
        seen, work = {}, {}
        for name, number in {"known": "T002", "closed": "T003", "unknown": "T999"}.items():
            before = CountingHasher.worked
            seen[name] = asked("/desk/sign-in/", {"username": number, "password": "not this one"}, "username")
            work[name] = CountingHasher.worked - before
    assert set(work.values()) == {1}
    assert seen["known"][0] == 422 and len({(one[0], one[2]) for one in seen.values()}) == 1


def test_passwords_are_kept_by_argon2id_with_todays_cost():
    with override_settings(PASSWORD_HASHERS=real.PASSWORD_HASHERS):
        kept = make_password(PASSWORD)
    assert kept.startswith("argon2$")
    used = extract_parameters(kept.removeprefix("argon2"))
    assert used.type is Type.ID
    assert used.memory_cost >= 19 * 1024 and used.time_cost >= 2  # KiB, passes: OWASP's least for argon2id
    assert used.salt_len >= 16 and used.hash_len >= 32


def test_a_password_may_be_long_and_of_anything_and_is_taken_as_it_is(county):
    for password in ("长" * 64, "x y" * 40, " leading and trailing "):
        set_password(officer=county.officers.officer, password=password, actor=county.administrator, at=AT)
        officer = type(county.officers.officer).objects.get(pk=county.officers.officer.pk)
        assert officer.check_password(password) and not officer.check_password(
            password.strip() if password != password.strip() else password.upper() + "!"
        )


@pytest.mark.parametrize(
    "weak", ["short", "password1234", "1234567890", "T002-T002-T002", "qingkong110!", "东平公安2026"]
)
def test_a_short_a_common_and_a_personal_password_is_refused(county, weak):
    from qingkong.kernel.refusals import Invalid

    with pytest.raises(Invalid):
        set_password(officer=county.officers.officer, password=weak, actor=county.administrator, at=AT)


# --- the second factor ---------------------------------------------------------------------------------------------


@pytest.fixture
def app(county):
    """An authenticator app of the officer's: `app(0)` is the code it shows now, `app(1)` the next."""
    officer = county.officers.officer
    secret, _ = second_factors.new_totp(officer)
    now = int(time.time()) // 30

    def code(steps=0):
        return format_hotp_value(hotp_value(secret, now + steps))

    second_factors.set_totp(officer=officer, secret=secret, code=code(), actor=county.officer, at=AT)
    return code


def test_a_code_of_the_app_is_taken_once(county, app):
    officer = county.officers.officer
    second_factors.check_code(officer=officer, code=app(), at=AT)
    with pytest.raises(second_factors.WrongCode):
        second_factors.check_code(officer=officer, code=app(), at=AT)


def test_five_tries_with_a_code_lock_the_second_factor_and_waiting_on_it_makes_it_no_longer(county, app):
    officer = county.officers.officer
    for _ in range(second_factors.TRIES - 1):  # the first was setting it up
        with pytest.raises(second_factors.WrongCode):
            second_factors.check_code(officer=officer, code="000000", at=AT)
    for _ in range(2):
        with pytest.raises(TooMany):
            second_factors.check_code(officer=officer, code=app(), at=AT)
    limits.forget(f"second-factor:{officer.pk}")  # a quarter of an hour later
    second_factors.check_code(officer=officer, code=app(), at=AT)


def test_recovery_codes_are_long_and_come_from_the_systems_generator(county, app):
    codes = second_factors._recovery(county.officers.officer, "totp", county.officer, AT)
    assert len(codes) == len(set(codes)) == 10 and all(len(code) >= 8 for code in codes)


def test_what_is_counted_is_kept_as_long_as_was_said_however_often_it_is_tried(db):
    from django.core.cache import cache

    for _ in range(3):
        limits.over("a thing", most=5, seconds=3600)
    with connections["passing"].cursor() as cursor:
        cursor.execute("SELECT expires FROM cache WHERE cache_key = %s", [cache.make_key("a thing")])
        (expires,) = cursor.fetchone()
    assert str(expires) > time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 3000))


# --- one's own account ---------------------------------------------------------------------------------------------

OWN, FACTOR, SET_UP = "/desk/account/password/", "/desk/account/second-factor/", "/desk/sign-in/set-up/"
BETTER = "another long passphrase"


@pytest.fixture
def two_desks(county):
    """The officer, signed in here and elsewhere."""
    set_password(officer=county.officers.officer, password=PASSWORD, actor=county.administrator, at=AT)
    with override_settings(QINGKONG_CLOCK=lambda: AT):
        yield sit_down(Client(), county.officer), sit_down(Client(), county.officer)


def test_an_officer_changes_the_own_password_with_the_old_one_and_is_signed_out_elsewhere(county, two_desks):
    here, elsewhere = two_desks
    assert here.get(OWN).status_code == 200
    wrong = here.post(OWN, {"old": "not it", "password": BETTER})
    weak = here.post(OWN, {"old": PASSWORD, "password": "short"})
    assert wrong.status_code == 403 and "现在的密码不对" in wrong.content.decode() and weak.status_code == 422
    assert here.post(OWN, {"old": PASSWORD, "password": BETTER}).status_code == 303
    assert here.get("/desk/").status_code == 200 and elsewhere.get("/desk/").status_code == 302
    officer = type(county.officers.officer).objects.get(pk=county.officers.officer.pk)
    assert officer.check_password(BETTER)


def test_who_sits_down_at_an_open_desk_cant_try_passwords_for_ever(county, two_desks):
    here, _ = two_desks
    statuses = [here.post(OWN, {"old": f"try {n}", "password": BETTER}).status_code for n in range(6)]
    assert statuses == [403] * 5 + [429]
    assert here.post(OWN, {"old": PASSWORD, "password": BETTER}).status_code == 429


def test_another_second_factor_is_set_up_only_after_the_password_was_said_again(county, two_desks):
    here, _ = two_desks
    assert here.get(SET_UP).headers["Location"] == FACTOR
    assert here.post(SET_UP, {"code": "123456"}).headers["Location"] == FACTOR
    assert here.post(FACTOR, {"old": "not it"}).status_code == 403
    assert here.post(FACTOR, {"old": PASSWORD}).headers["Location"] == SET_UP
    assert here.get(SET_UP).status_code == 200
