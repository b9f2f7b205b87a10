"""Numbers come one after the other, without a gap and without a double."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from qingkong.conftest import AT, outcome
from qingkong.kernel import numbering


def take(series: str = "J", at: datetime = AT) -> str:
    with transaction.atomic():
        return numbering.take(series, at=at)


def test_numbers_follow_each_other_within_a_series_and_a_year(db):
    assert [take("T"), take("T"), take("U")] == ["T2026-000001", "T2026-000002", "U2026-000001"]


def test_the_year_is_the_countys(db):
    assert take("T", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == "T2027-000001"


def test_a_statutory_number_has_its_own_form(db):
    with transaction.atomic():
        assert numbering.take_statutory(series="决/沙", at=AT, unit="沙") == "东公(沙)行罚决字〔2026〕1号"


def test_a_number_comes_back_when_the_transaction_does(transactional_db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        numbering.take("T", at=AT)
        raise ZeroDivisionError
    assert take("T") == "T2026-000001"


def test_a_number_is_not_taken_outside_a_transaction(transactional_db):
    with pytest.raises(RuntimeError):
        numbering.take("T", at=AT)


def test_eight_at_once_get_eight_numbers(in_parallel):
    taken = [outcome(f) for f in [in_parallel(take, "T") for _ in range(8)]]
    assert sorted(taken) == [f"T2026-{n:06}" for n in range(1, 9)]
