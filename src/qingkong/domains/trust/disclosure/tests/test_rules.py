"""When a challenge holds, and what the steps of the progress page say."""

from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.domains.trust.disclosure.rules import CHALLENGE_LASTS, TRIES, Standing, holds, steps


@pytest.mark.parametrize(
    "challenge, after, still",
    [
        (Standing(AT, 0, False, True), timedelta(0), True),
        (Standing(AT, TRIES - 1, False, True), CHALLENGE_LASTS - timedelta(seconds=1), True),
        (Standing(AT, TRIES, False, True), timedelta(0), False),
        (Standing(AT, 0, True, True), timedelta(0), False),
        (Standing(AT, 0, False, True), CHALLENGE_LASTS, False),
        (Standing(AT, 0, False, True), timedelta(seconds=-1), False),
    ],
)
def test_a_challenge_holds_for_ten_minutes_and_five_tries_and_once(challenge, after, still):
    assert holds(challenge, at=AT + after) is still


def states(**kwargs):
    return [s.state for s in steps(**{"registered_at": AT, "filed_at": None, "over": False, "over_at": None, **kwargs})]


def test_the_steps_follow_the_matter():
    assert states() == ["done", "now", "next", "next", "next"]
    assert states(filed_at=AT) == ["done", "done", "now", "next", "next"]
    assert states(filed_at=AT, over=True, over_at=AT) == ["done", "done", "done", "done", "now"]


def test_a_declined_report_shows_no_step_that_will_never_come():
    assert states(over=True, over_at=AT) == ["done", "done", "done"]
