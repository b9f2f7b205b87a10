from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from qingkong.kernel import access, ledger, notices
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.notices.models import InboxLine
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def told(*sentences: str, **to: object) -> InboxLine:
    for sentence in sentences:
        line = notices.tell(text=zh(sentence), subject="calls.call:1", at=AT, **to)  # type: ignore[arg-type]
    return line


def texts(actor: access.Actor) -> list[str]:
    return sorted(line.text.source for line in notices.inbox_of(actor))


def test_officers_see_their_own_lines_and_their_units(county):
    told("给本人", officer_id=county.officer.officer_id)
    told("给本所", unit_id=county.station.pk)
    told("给所长", unit_id=county.station.pk, post=Post.STATION_HEAD)
    assert texts(county.officer) == ["给本人", "给本所"]
    assert texts(county.station_head) == ["给所长", "给本所"]
    assert texts(county.stranger) == []
    assert texts(county.person) == []
    assert notices.unread_count(county.officer) == 2


def test_reading_a_line_takes_it_off_and_is_entered_once(county):
    line = told("给本所", unit_id=county.station.pk)
    for _ in range(2):
        notices.mark_read(line_id=line.pk, actor=county.officer, at=AT)
    assert notices.inbox_of(county.second_officer) == []
    (read,) = notices.inbox_of(county.second_officer, with_read=True)
    assert (read.read_at, read.read_by) == (AT, county.officer.name)
    assert [line.act for line in ledger.timeline("calls.call:1")] == ["notices.read"]


@pytest.mark.parametrize("whose", ["stranger", "person"])
def test_somebody_elses_line_does_not_exist(county, whose):
    line = told("给本所", unit_id=county.station.pk)
    with pytest.raises(NotFound):
        notices.mark_read(line_id=line.pk, actor=getattr(county, whose), at=AT)
    with pytest.raises(NotFound):
        notices.mark_read(line_id=uuid4(), actor=county.officer, at=AT)


def test_a_line_is_shown_in_its_readers_language_with_its_gaps(county):
    text = zh(
        "{act}：{number}，{day}，第 {n} 次。", act=zh("发出通知"), number="J2026-000001", day=date(2026, 11, 24), n=2
    )
    notices.tell(text=text, subject="calls.call:1", at=AT, officer_id=county.officer.officer_id)
    (line,) = notices.inbox_of(county.officer)
    assert line.text.in_chinese() == "发出通知：J2026-000001，2026-11-24，第 2 次。"
    assert line.text.params["act"] == zh("发出通知"), "still a sentence, to be shown in the reader's language"


def test_the_latest_line_comes_first_and_no_more_than_asked_for(county):
    told(*"一二三四五", officer_id=county.officer.officer_id)
    assert [line.text.source for line in notices.inbox_of(county.officer, 2)] == ["五", "四"]


def test_a_line_is_for_exactly_one_reader(county):
    both = {"officer_id": county.officer.officer_id, "unit_id": county.station.pk}
    for to in ({}, both):
        with pytest.raises(ValueError, match="officer or for a unit"):
            told("给谁", **to)
    with pytest.raises(IntegrityError), transaction.atomic():
        InboxLine.objects.create(sentence="给谁", about="x", told_at=AT, **both)
