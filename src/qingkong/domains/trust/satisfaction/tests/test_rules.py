"""How sure a result is, and when it is hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.trust.satisfaction.rules import SHOWN_FROM, Grade, estimate, wilson


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(pair):
    successes, n = pair
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1
    assert low < high


def test_the_interval_is_wilsons():
    low, high = wilson(8, 10)  # Brown, Cai, DasGupta 2001: 0.490 to 0.943
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@pytest.mark.parametrize("n", [0, 1, SHOWN_FROM - 1])
def test_under_thirty_answers_nothing_is_shown(n):
    found = estimate({Grade.SATISFIED: n}, told=0, invited=100)
    assert not found.shown and found.share is None and found.why_hidden is not None


def test_from_thirty_on_the_share_of_the_two_upper_grades_is_shown():
    found = estimate({Grade.VERY_SATISFIED: 15, Grade.SATISFIED: 9, Grade.DISSATISFIED: 6}, told=3, invited=60)
    assert (found.share, found.told, found.rate) == (80.0, 10.0, 50.0)
