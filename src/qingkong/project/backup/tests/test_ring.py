"""The key ring: what is destroyed derives no more, everything else as before."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong.project.backup import ring

DAY = ring.FIRST_DAY
REPOSITORY, OTHER = "aaaa", "bbbb"


def backup_id(day: date) -> str:
    return f"{day:%Y%m%d}T010000000000Z"


def derives(held: ring.Ring, derive, *place) -> bytes | None:
    try:
        return derive(held, *place)
    except ring.KeyDestroyed:
        return None


digests = st.integers(0, 40).map(lambda n: f"{n:064x}")


@settings(max_examples=30, deadline=None)
@given(gone=st.lists(digests, max_size=8), asked=st.lists(digests, min_size=1, max_size=8))
def test_the_keys_of_destroyed_originals_are_gone_and_all_others_are_as_before(gone, asked):
    held = ring.make()
    before = {one: held.blob_key(one) for one in asked}
    for one in gone:
        held.destroy_blob(one)
    held = ring.parse(ring.written(held))
    for one in asked:
        assert derives(held, ring.Ring.blob_key, one) == (None if one in gone else before[one])


@settings(max_examples=40, deadline=None)
@given(before=st.lists(st.integers(0, 3000), min_size=1, max_size=4), asked=st.integers(0, 3000))
def test_backups_of_days_that_are_over_can_not_be_opened_and_later_ones_can(before, asked):
    held = ring.make()
    one = backup_id(DAY + timedelta(asked))
    key, other = held.backup_key(REPOSITORY, one), held.backup_key(OTHER, one)
    for days in before:
        held.destroy_days(REPOSITORY, DAY + timedelta(days))
    expected = None if asked < max(before) else key
    assert derives(held, ring.Ring.backup_key, REPOSITORY, one) == expected
    assert held.is_destroyed(REPOSITORY, one) == (expected is None)
    assert held.backup_key(OTHER, one) == other


def test_ten_years_of_daily_retention_leave_a_small_ring():
    held = ring.make()
    for days in range(0, 3650, 7):
        held.destroy_days(REPOSITORY, DAY + timedelta(days))
    assert len(held.nodes) <= 2 * ring.DEPTH


def test_a_copy_of_the_ring_opens_backups_that_are_made_later():
    held = ring.make()
    copy = ring.parse(ring.written(held))
    held.destroy_blob("ab" * 32)
    one = backup_id(DAY + timedelta(400))
    assert copy.backup_key(REPOSITORY, one) == held.backup_key(REPOSITORY, one)


def test_the_ring_file_is_for_its_owner_alone(tmp_path):
    with ring.changing(tmp_path, make_one=True) as held:
        held.destroy_blob("ab" * 32)
    assert (tmp_path / ring.FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(ring.KeyDestroyed):
        ring.read(tmp_path).blob_key("ab" * 32)


def test_without_a_ring_a_sentence_says_where_it_should_be(tmp_path):
    with pytest.raises(ring.RingMissing, match="--keys"):
        ring.read(tmp_path)
