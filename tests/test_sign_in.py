"""Signing in: password, lock-out, second factor, post; and the role picker that only a demo on loopback has."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from qingkong.conftest import AT
from qingkong.kernel import ledger
from qingkong.kernel.access import second_factors
from qingkong.kernel.access.accounts import set_password

PASSWORD = "a long passphrase"
SIGN_IN, SECOND, SET_UP, ROLE, MY_DAY = (
    "/desk/sign-in/", "/desk/sign-in/second/", "/desk/sign-in/set-up/", "/desk/role/", "/desk/",
)  # fmt: skip


@pytest.fixture
def officer(county):
    set_password(officer=county.officers.officer, password=PASSWORD, actor=county.administrator, at=AT)
    return county.officers.officer


@pytest.fixture
def desk(client, db, settings):
    settings.AXES_ENABLED = True
    client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    return client


pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def enter(desk, officer, password=PASSWORD):
    return desk.post(SIGN_IN, {"username": officer.username, "password": password})


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_real_instance_forces_a_second_factor_before_anything_opens(desk, officer):
    assert enter(desk, officer).headers["Location"] == SET_UP
    assert desk.get(MY_DAY).status_code == 302  # the password alone opens nothing
    page = desk.get(SET_UP)
    assert page.status_code == 200 and b"<svg" in page.content
    secret = desk.session["pending totp"]
    codes = desk.post(SET_UP, {"code": code_for(secret)})
    assert codes.status_code == 200 and b"qk-codes" in codes.content
    assert desk.get(ROLE).status_code == 302
    assert desk.get(MY_DAY).status_code == 200
    acts = {line.act for line in ledger.timeline(f"identity.officer:{officer.pk}")}
    assert {"identity.second_factor_set", "identity.signed_in", "identity.role_chosen"} <= acts


def test_with_a_factor_the_code_is_asked_and_a_used_code_is_not_taken_again(desk, officer, county):
    secret, _ = second_factors.new_totp(officer)
    recovery = second_factors.set_totp(
        officer=officer, secret=secret, code=code_for(secret), actor=county.officer, at=AT
    )
    assert enter(desk, officer).headers["Location"] == SECOND
    assert desk.get(MY_DAY).status_code == 302
    wrong = desk.post(SECOND, {"code": "000000"})
    assert wrong.status_code == 403 and "验证码不对" in wrong.content.decode()
    assert desk.post(SECOND, {"code": recovery[0]}).status_code == 302
    desk.post("/desk/sign-out/")
    enter(desk, officer)
    assert desk.post(SECOND, {"code": recovery[0]}).status_code == 403


def test_the_secret_of_the_second_factor_is_sealed_in_the_database(officer, county):
    from allauth.mfa.models import Authenticator

    secret, _ = second_factors.new_totp(officer)
    second_factors.set_totp(officer=officer, secret=secret, code=code_for(secret), actor=county.officer, at=AT)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_five_wrong_passwords_lock_the_number_out(desk, officer):
    for _ in range(4):
        assert enter(desk, officer, "wrong").status_code == 422
    locked = enter(desk, officer, "wrong")
    assert locked.status_code == 429 and "暂时停用" in locked.content.decode()
    assert enter(desk, officer).status_code == 429


def test_a_wrong_number_and_a_wrong_password_look_alike(desk, officer):
    wrong_password = enter(desk, officer, "wrong")
    wrong_number = desk.post(SIGN_IN, {"username": "nobody", "password": PASSWORD})
    assert wrong_password.status_code == wrong_number.status_code == 422
    assert "警号或密码不对" in wrong_password.content.decode()
    assert "警号或密码不对" in wrong_number.content.decode()


def test_a_real_instance_has_no_role_picker(desk):
    assert desk.get("/desk/demo/").status_code == 404


def test_a_demo_on_loopback_has_one_and_nobody_else_does(desk, settings, county):
    settings.QINGKONG_DEMO = True
    assert desk.get("/desk/demo/").status_code == 200
    assert desk.get("/desk/demo/", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert desk.get("/desk/demo/", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_a_post_that_has_ended_opens_nothing_at_the_next_request(desk, settings, county):
    from qingkong.kernel.access.accounts import end_appointment
    from qingkong.kernel.identity.models import Appointment

    settings.QINGKONG_DEMO = True
    appointment = Appointment.objects.get(officer=county.officers.officer)
    desk.force_login(county.officers.officer, backend="django.contrib.auth.backends.ModelBackend")
    assert desk.get(MY_DAY).status_code == 200
    end_appointment(appointment=appointment, actor=county.administrator, at=AT)
    assert desk.get(MY_DAY).status_code == 302


def test_the_administrator_opens_an_account_and_a_case_page_stays_shut(desk, county):
    desk.force_login(county.officers.administrator, backend="django.contrib.auth.backends.ModelBackend")
    made = desk.post("/desk/accounts/new/", {"username": "N1", "name": "示例新人", "password": PASSWORD})
    assert made.status_code == 303
    assert "示例新人" in desk.get("/desk/accounts/?q=N1").content.decode()
    for address in ("/desk/calls/", "/desk/cases/"):
        assert desk.get(address).status_code == 403
