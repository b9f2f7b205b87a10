"""A submit that comes twice is done once."""

import pytest
from django.db import connection

from qingkong.conftest import outcome
from qingkong.web.models import Answered

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
WORD = "/desk/gallery/word/"


def test_the_second_submit_gets_the_first_ones_answer(signed_in, county, gallery):
    browser = signed_in(county.officer)
    first = browser.post(WORD, {"word": "晴", "idempotency_key": KEY})
    second = browser.post(WORD, {"word": "晴", "idempotency_key": KEY})
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.headers["Location"] == first.headers["Location"] and second.headers["Idempotent-Replay"] == "true"
    assert gallery.done_words == ["晴"]


def test_the_header_counts_as_the_field_does(signed_in, county, gallery):
    browser = signed_in(county.officer)
    for _ in range(2):
        browser.post(WORD, {"word": "空"}, headers={"Idempotency-Key": KEY})
    assert gallery.done_words == ["空"]


def test_a_refused_submit_may_be_mended_and_sent_again(signed_in, county, gallery):
    browser = signed_in(county.officer)
    assert browser.post(WORD, {"word": "refused", "idempotency_key": KEY}).status_code == 409
    assert browser.post(WORD, {"word": "", "idempotency_key": KEY}).status_code == 200
    assert browser.post(WORD, {"word": "好", "idempotency_key": KEY}).status_code == 303
    assert gallery.done_words == ["好"]


def test_a_form_shown_again_keeps_its_key(signed_in, county):
    page = signed_in(county.officer).post(WORD, {"word": "", "idempotency_key": KEY}).content.decode()
    assert f'name="idempotency_key" value="{KEY}"' in page


def test_the_same_key_with_other_content_is_refused(signed_in, county, gallery):
    browser = signed_in(county.officer)
    browser.post(WORD, {"word": "一", "idempotency_key": KEY})
    answer = browser.post(WORD, {"word": "二", "idempotency_key": KEY})
    assert answer.status_code == 422 and "已经提交过" in answer.content.decode()
    assert gallery.done_words == ["一"]


def test_one_officers_key_is_not_anothers(signed_in, county, gallery):
    signed_in(county.officer).post(WORD, {"word": "同", "idempotency_key": KEY})
    signed_in(county.second_officer).post(WORD, {"word": "同", "idempotency_key": KEY})
    assert gallery.done_words == ["同", "同"]


def test_a_fault_leaves_no_key(signed_in, county, gallery):
    browser = signed_in(county.officer, raise_request_exception=False)
    browser.post(WORD, {"word": "fault", "idempotency_key": KEY})
    assert not Answered.objects.filter(key=KEY).exists()


@pytest.mark.parametrize("key", ["short", "x" * 81, "sp ace sp ace", "钥匙钥匙钥匙钥匙"])
def test_what_cannot_be_a_key_is_said(signed_in, county, key):
    assert signed_in(county.officer).post(WORD, {"word": "晴", "idempotency_key": key}).status_code == 422


@pytest.mark.django_db(transaction=True, databases=["default", "passing"])
def test_two_at_once_do_it_once(in_parallel, signed_in, county, gallery):
    browsers = [signed_in(county.officer) for _ in range(4)]
    posts = [in_parallel(b.post, WORD, {"word": "抢", "idempotency_key": KEY}) for b in browsers]
    assert [outcome(post).status_code for post in posts] == [303] * 4
    assert gallery.done_words == ["抢"]
    assert connection.vendor in ("sqlite", "postgresql") and Answered.objects.filter(key=KEY).count() == 1


def test_answers_go_after_a_day(signed_in, county, gallery):
    from datetime import timedelta

    from qingkong.web.sweeping import sweep

    signed_in(county.officer).post(WORD, {"word": "晴", "idempotency_key": KEY})
    sweep(at=gallery.AT + timedelta(hours=23))
    assert Answered.objects.filter(key=KEY).exists()
    sweep(at=gallery.AT + timedelta(hours=25))
    assert not Answered.objects.filter(key=KEY).exists()
