import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.evidence.ways.streaming import Unsatisfiable, range_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", (0, 99)),
        ("bytes=0-0", (0, 0)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header, part):
    assert range_of(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_given(header):
    with pytest.raises(Unsatisfiable):
        range_of(header, 100)


@given(st.text(max_size=40), st.integers(1, 10**12))
def test_no_header_gives_bytes_that_are_not_there(header, size):
    try:
        part = range_of("bytes=" + header, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part[0] <= part[1] < size
