"""A session: new at sign-in and with each post, gone at sign-out, over after a shift; its cookies go nowhere else."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from qingkong.conftest import AT, SINCE
from qingkong.kernel.access import second_factors
from qingkong.kernel.access.accounts import appoint, close_account, set_password
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import Post
from qingkong.web import visits
from tests.security.asking import sit_down

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
PASSWORD = "a long passphrase"
SIGN_IN, SECOND, ROLE, MY_DAY, SIGN_OUT = (
    "/desk/sign-in/",
    "/desk/sign-in/second/",
    "/desk/role/",
    "/desk/",
    "/desk/sign-out/",
)


@pytest.fixture
def codes(county):
    """The officer has a password, a second post, an authenticator app, and these recovery codes."""
    officer = county.officers.officer
    set_password(officer=officer, password=PASSWORD, actor=county.administrator, at=AT)
    appoint(officer=officer, unit=county.brigade, post=Post.OFFICER, since=SINCE, actor=county.administrator, at=AT)
    secret, _ = second_factors.new_totp(officer)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return second_factors.set_totp(officer=officer, secret=secret, code=code, actor=county.officer, at=AT)


@pytest.fixture
def clock():
    """Set `clock.at`, and the edge reads it."""
    reading = SimpleNamespace(at=AT)
    with override_settings(QINGKONG_CLOCK=lambda: reading.at):
        yield reading


def key(client):
    return client.cookies["sessionid"].value if "sessionid" in client.cookies else ""


def with_cookie(value):
    other = Client()
    other.cookies["sessionid"] = value
    return other


def sign_in(client, county, codes):
    client.post(SIGN_IN, {"username": county.officers.officer.username, "password": PASSWORD})
    return client.post(SECOND, {"code": codes[0]})


def test_a_session_is_new_after_the_password_and_after_the_second_factor(client, county, codes):
    client.get("/desk/sign-in/?next=/desk/calls/")
    before = key(client)
    client.post(SIGN_IN, {"username": county.officers.officer.username, "password": PASSWORD})
    half = key(client)
    client.post(SECOND, {"code": codes[0]})
    whole = key(client)
    assert before and len({before, half, whole}) == 3
    assert not Session.objects.filter(session_key__in=[before, half]).exists()


def test_a_session_id_that_somebody_planted_is_not_taken_over(client, county, codes):
    client.cookies["sessionid"] = "plantedplantedplantedplanted1234"
    sign_in(client, county, codes)
    assert key(client) != "plantedplantedplantedplanted1234"
    assert with_cookie("plantedplantedplantedplanted1234").get(MY_DAY).status_code == 302


def test_with_another_post_the_session_is_another_and_the_old_one_opens_nothing(client, county, codes):
    sign_in(client, county, codes)
    posts = list(Appointment.objects.filter(officer=county.officers.officer))
    client.post(ROLE, {"appointment": str(posts[0].pk)})
    first = key(client)
    client.post(ROLE, {"appointment": str(posts[1].pk)})
    assert key(client) != first and client.get(MY_DAY).status_code == 200
    assert with_cookie(first).get(MY_DAY).status_code == 302


def test_signing_out_ends_the_session_at_the_server(client, county, codes):
    sign_in(client, county, codes)
    client.post(ROLE, {"appointment": str(Appointment.objects.filter(officer=county.officers.officer).first().pk)})
    kept = key(client)
    assert with_cookie(kept).get(MY_DAY).status_code == 200
    client.post(SIGN_OUT)
    assert with_cookie(kept).get(MY_DAY).status_code == 302
    assert not Session.objects.filter(session_key=kept).exists()


@pytest.mark.parametrize("step, over", [(visits.IDLE - timedelta(minutes=1), False), (visits.IDLE, True)])
def test_a_desk_that_was_left_is_signed_out_after_two_hours(client, county, clock, step, over):
    sit_down(client, county.officer)
    assert client.get(MY_DAY).status_code == 200
    clock.at += step
    assert (client.get(MY_DAY).status_code == 302) is over


def test_a_session_that_is_used_all_day_ends_after_twelve_hours_all_the_same(client, county, clock):
    sit_down(client, county.officer)
    statuses = []
    for _ in range(13):
        statuses.append(client.get(MY_DAY).status_code)
        clock.at += timedelta(hours=1)
    assert statuses == [200] * 12 + [302]


def test_a_new_password_and_a_closed_account_end_what_is_open_elsewhere(county):
    one, other = sit_down(Client(), county.officer), sit_down(Client(), county.second_officer)
    assert one.get(MY_DAY).status_code == other.get(MY_DAY).status_code == 200
    set_password(officer=county.officers.officer, password=PASSWORD, actor=county.administrator, at=AT)
    close_account(officer=county.officers.second_officer, actor=county.administrator, at=AT)
    assert one.get(MY_DAY).status_code == other.get(MY_DAY).status_code == 302


def test_the_password_alone_opens_no_page_of_the_desk(client, county, codes):
    client.post(SIGN_IN, {"username": county.officers.officer.username, "password": PASSWORD})
    assert client.get(MY_DAY).status_code == client.get("/desk/calls/").status_code == 302
    assert client.get("/api/v1/calls/").status_code == 401


def test_a_session_id_has_more_than_128_bits_from_the_systems_generator(client):
    from django.contrib.sessions.backends import base

    client.get("/desk/sign-in/?next=/desk/")
    assert len(key(client)) == 32 and len(base.VALID_KEY_CHARS) == 36  # 165 bits, by secrets.choice


# --- cookies ----------------------------------------------------------------------------------------------------


def under_https():
    """The settings of an instance behind TLS, as a new process reads them."""
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_PROXY_SSL_HEADER DEBUG"
    program = f"import json; from qingkong.project import settings as s; print(json.dumps({{n: getattr(s, n) for n in {names.split()!r}}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "QINGKONG_HTTPS": "1"}, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_behind_tls_every_cookie_is_secure_and_bound_to_the_host(county, codes):
    said = under_https()
    said["SECURE_PROXY_SSL_HEADER"] = tuple(said["SECURE_PROXY_SSL_HEADER"])
    with override_settings(**said):
        client = Client(headers={"x-forwarded-proto": "https"})
        page = client.get(SIGN_IN)
        client.post(SIGN_IN, {"username": county.officers.officer.username, "password": PASSWORD})
        language = client.post("/desk/language/", {"language": "en"})
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"] and cookie["samesite"] == "Lax", name
    assert client.cookies["__Host-sessionid"]["httponly"] and language.cookies["language"]["httponly"]


def test_the_token_cookie_alone_can_be_read_by_our_scripts(client, county):
    sit_down(client, county.officer)
    client.get(MY_DAY)
    assert client.cookies["sessionid"]["httponly"] and not client.cookies["csrftoken"]["httponly"]


def test_no_session_id_and_no_token_stands_in_an_address(county, asker):
    one = asker(county.officer)
    text = one.ask("get", MY_DAY).text + one.ask("get", "/desk/calls/").text
    assert key(one.client) not in text and "sessionid" not in text
