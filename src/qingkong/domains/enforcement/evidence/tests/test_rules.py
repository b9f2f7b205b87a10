from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.evidence import rules
from qingkong.domains.enforcement.evidence.media.sniffing import content_type_of
from qingkong.domains.enforcement.evidence.rules import FOR_EVER, KeepingRule, Kind, State, judge, kept_until

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
EXE = b"MZ\x90\x00" + bytes(100)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (JPEG, "image/jpeg"),
        (EXE, "application/x-msdownload"),
        (b"\x7fELF" + bytes(60), "application/x-executable"),
        (b"#!/bin/sh\nrm -rf /\n", "application/x-shellscript"),
        (HTML, "text/html"),
        (b"  <!-- hello --> <html>", "text/html"),
        (b"<?xml version='1.0'?><svg onload='x'/>", "image/svg+xml"),
        (b"<svg xmlns='x'>", "image/svg+xml"),
        (b"\x00\x00\x00\x08wide\x00\x01mdat", "video/quicktime"),
        ((b"\x47" + bytes(187)) * 6, "video/mp2t"),
        ((bytes(4) + b"\x47" + bytes(187)) * 6, "video/mp2t"),
        (b"%PDF-1.7", "application/pdf"),
        ("现场说明".encode(), "text/plain"),
        ("现场说明".encode("gb18030"), "text/plain"),
        (b"\x00\x01\x02\x03" * 9, "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_content_is_known_by_its_bytes(head, kind):
    assert content_type_of(head) == kind


@given(st.binary(max_size=300))
def test_no_bytes_break_the_sniffing(head):
    assert "/" in content_type_of(head)


@pytest.mark.parametrize("name", ["照片.jpg", "a.JPEG", "录像.mp4", "说明.pdf", "录音.mp3", "压缩.zip"])
@pytest.mark.parametrize("head", [EXE, b"\x7fELF" + bytes(60), b"#!/bin/sh"], ids=["exe", "elf", "script"])
def test_a_program_that_calls_itself_something_else_is_quarantined(name, head):
    verdict = judge(name, content_type_of(head))
    assert verdict.state is State.QUARANTINED
    assert "内容却是程序" in str(verdict.reason)


def test_an_honest_program_is_kept_apart_too():
    assert judge("木马样本.exe", content_type_of(EXE)).state is State.QUARANTINED


def test_a_web_page_that_calls_itself_a_photo_is_quarantined():
    assert judge("a.jpg", content_type_of(HTML)).state is State.QUARANTINED
    assert judge("聊天记录.html", content_type_of(HTML)) == rules.Verdict(Kind.OTHER, State.KEPT)


def test_a_photo_of_another_format_than_its_name_says_is_fine():
    assert judge("a.png", "image/jpeg") == rules.Verdict(Kind.PHOTO, State.KEPT)


def test_a_film_that_nobody_can_read_is_kept_all_the_same():
    assert judge("a.mp4", "application/octet-stream") == rules.Verdict(Kind.OTHER, State.KEPT)


@given(st.text(max_size=40), st.sampled_from(sorted(rules.PROGRAMS)))
def test_no_name_frees_a_program(name, content_type):
    assert judge(name, content_type).state is State.QUARANTINED
    assert rules.wanted(judge(name, content_type).kind, State.QUARANTINED) == ()


def test_recordings_stay_six_months_and_evidence_for_ever():
    assert kept_until(KeepingRule("", "", 6), AT) == date(2027, 5, 24)
    assert kept_until(KeepingRule("", "", 6), datetime(2026, 8, 31, 1, tzinfo=UTC)) == date(2027, 2, 28)
    assert kept_until(KeepingRule("", "", None), AT) == FOR_EVER


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)), st.integers(1, 240))
def test_keeping_never_ends_before_the_months_are_over(day, months):
    start = day.replace(tzinfo=UTC)
    until = kept_until(KeepingRule("", "", months), start)
    assert (until.year - start.year) * 12 + until.month - start.month in (months, months + 1)
    assert until > start.date()


def test_a_file_from_the_future_is_doubted():
    assert rules.doubt_about_time(AT + timedelta(hours=1), AT) is rules.CLOCK_AHEAD
    assert rules.doubt_about_time(AT + timedelta(minutes=2), AT) is None
    assert rules.doubt_about_time(AT - timedelta(days=400), AT) is None
    assert rules.doubt_about_time(None, AT) is None


def test_browsers_play_h264_in_mp4_and_not_in_quicktime():
    assert rules.plays_in_browser("video/mp4", frozenset({"h264", "aac"}))
    assert not rules.plays_in_browser("video/mp4", frozenset({"hevc", "aac"}))
    assert not rules.plays_in_browser("video/quicktime", frozenset({"h264"}))
    assert not rules.plays_in_browser("video/quicktime", frozenset({"prores"}))
