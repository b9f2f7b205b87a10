"""Whose an upload is: for anybody else it is not there; who may send, for what, and how much."""

import os

import pytest

from qingkong.conftest import ledger_acts
from qingkong.kernel.vault.pieces import pieces
from qingkong.web.uploads.models import State, Upload

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CONTENT = os.urandom(300_000)


def reason(answer):
    return answer.json()["reason"]


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "PUT", "DELETE"])
def test_for_anybody_else_an_upload_is_not_there(send, sender_of, county, method):
    where = send.begun(100)
    for other in (county.second_officer, county.station_head, county.inspector):
        answer = sender_of(other).ask(method, where, b"", Upload_Offset="0")
        assert answer.status_code == 404
    assert send.offset(where) == 0


def test_who_is_not_signed_in_sends_nothing(client, send, db):
    where = send.begun(100)
    for method, place in (("POST", "/uploads/"), ("HEAD", where), ("PATCH", where), ("PUT", where), ("DELETE", where)):
        answer = client.generic(method, place, headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"})
        assert answer.status_code == 401
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("post", ["administrator", "supervisor"])
def test_who_handles_no_events_cannot_send_and_that_is_entered(sender_of, county, post):
    before = ledger_acts("web.page:/uploads/")
    assert sender_of(getattr(county, post)).begin(5).status_code == 403
    assert ledger_acts("web.page:/uploads/") == [*before, "access.refused"]


def test_nobody_sends_for_a_call_that_is_not_theirs(sender_of, county, call):
    assert sender_of(county.stranger).begin(5).status_code == 404
    assert sender_of(county.dispatcher).begin(5).status_code == 403
    assert sender_of(county.officer, "J2026-999999").begin(5).status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize("use", ["", "anything"])
def test_a_file_for_nothing_is_not_taken(send, use):
    answer = send.begin(5, use=use)
    assert answer.status_code == 400
    assert "用途" in reason(answer)


def test_who_may_not_add_any_more_when_the_file_is_whole_loses_it(sender_of, county, call):
    send = sender_of(county.third_officer)
    where = send.begun(10)
    send.patch(where, 0, b"01234")
    row = type(call).objects.get(pk=call.pk)
    row.unit = county.other_station
    row.save()
    answer = send.patch(where, 5, b"56789")
    assert answer.status_code in (403, 404)
    assert Upload.objects.get().state == State.ENDED
    assert list(pieces().keys()) == []


def test_limits_of_one_actor_hold_and_leave_others_alone(send, sender_of, county, settings):
    settings.QINGKONG_UPLOADS = {"open_uploads": 2, "open_bytes": 1000}
    first = send.begun(400)
    assert send.begin(700).status_code == 429
    send.begun(400)
    answer = send.begin(1)
    assert answer.status_code == 429
    assert "2 份" in reason(answer)
    assert sender_of(county.second_officer).begin(1).status_code == 201
    send.ask("DELETE", first)
    assert send.begin(1).status_code == 201


def test_cancelling_does_not_give_back_the_hour(send, settings):
    settings.QINGKONG_UPLOADS = {"begun_an_hour": 3}
    for _ in range(3):
        send.ask("DELETE", send.begun(5))
    assert send.begin(5).status_code == 429


def test_a_browser_without_the_forms_token_sends_nothing(send, county, signed_in):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(county.officer).cookies
    send.browser = browser
    assert send.begin(5).status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    assert send.begin(5, X_CSRFToken="a" * 32).status_code == 201


def test_a_limit_with_another_name_is_named(settings, send):
    settings.QINGKONG_UPLOADS = {"larget": 1}
    with pytest.raises(TypeError, match="larget"):
        send.begin(5)
