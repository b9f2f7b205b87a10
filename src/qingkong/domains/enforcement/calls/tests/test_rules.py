from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.calls import rules
from qingkong.domains.enforcement.calls.rules import STAMPS, Channel, Closing, Result, Sent, Stamp, State

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


@st.composite
def presses(draw: st.DrawFn) -> tuple[Sent, list[tuple[Stamp, datetime]]]:
    """A unit sent, and stamps pressed in any order at rising or falling moments."""
    moments = draw(st.lists(st.tuples(st.sampled_from(STAMPS), st.integers(-5, 200)), max_size=8))
    return Sent(AT), [(stamp, after(minute)) for stamp, minute in moments]


def press(sent: Sent, stamp: Stamp, at: datetime) -> Sent:
    values = {f"{s.value}_at": sent.stamp(s) for s in STAMPS}
    values[f"{stamp.value}_at"] = at
    return Sent(sent.sent_at, **values, stood_down_at=sent.stood_down_at)


@given(presses())
def test_stamps_that_the_rules_let_through_are_always_in_order(pressed):
    sent, tries = pressed
    for stamp, at in tries:
        if sent.stamp(stamp) is None and rules.why_not_stamp(sent, stamp, at=at) is None:
            sent = press(sent, stamp, at)
    moments = [sent.sent_at, *(m for s in STAMPS if (m := sent.stamp(s)) is not None)]
    assert moments == sorted(moments)
    assert sent.reported_at is None or sent.arrived_at is not None


@given(presses())
def test_the_state_of_a_call_never_goes_back_while_stamps_are_pressed(pressed):
    sent, tries = pressed
    order = list(State)
    before = rules.state_of([sent])
    for stamp, at in tries:
        if sent.stamp(stamp) is None and rules.why_not_stamp(sent, stamp, at=at) is None:
            sent = press(sent, stamp, at)
            state = rules.state_of([sent])
            assert order.index(state) >= order.index(before)
            before = state


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_a_call_is_reported_only_when_every_unit_has_reported(progress):
    sent = [Sent(AT, **{f"{stamp.value}_at": after(i) for i, stamp in enumerate(STAMPS[:count])}) for count in progress]
    assert (rules.state_of(sent) is State.REPORTED) == all(count == 4 for count in progress)
    assert rules.state_of(sent) is not State.TAKEN


@given(st.integers(0, 3), st.integers(0, 3), st.booleans(), st.sampled_from(State))
def test_nobody_is_sent_without_a_police_officer(police, auxiliaries, out, state):
    reason = rules.why_not_dispatch(state, police=police, auxiliaries=auxiliaries, unit_is_out=out)
    if police == 0 or state is State.CLOSED or out:
        assert reason is not None
    else:
        assert reason is None


def test_an_auxiliary_alone_is_refused_in_those_words():
    reason = rules.why_not_dispatch(State.TAKEN, police=0, auxiliaries=2, unit_is_out=False)
    assert reason == rules.AUXILIARY_ALONE


def test_a_stamp_that_was_passed_over_is_never_filled_in():
    sent = Sent(AT, acknowledged_at=after(1), arrived_at=after(9))
    reason = rules.why_not_stamp(sent, Stamp.DEPARTED, at=after(10))
    assert reason is not None and reason.source == rules.PASSED_OVER.source
    assert sent.missing == [Stamp.DEPARTED, Stamp.REPORTED]


def test_a_stamp_before_the_earlier_one_is_refused():
    sent = Sent(AT, acknowledged_at=after(5))
    reason = rules.why_not_stamp(sent, Stamp.DEPARTED, at=after(4))
    assert reason is not None and reason.source == rules.BEFORE_EARLIER.source


def test_the_next_stamp_follows_the_last_one_pressed():
    assert rules.next_stamp(Sent(AT)) is Stamp.ACKNOWLEDGED
    assert rules.next_stamp(Sent(AT, acknowledged_at=after(1), arrived_at=after(3))) is Stamp.REPORTED
    assert rules.next_stamp(Sent(AT, stood_down_at=after(1))) is None


def test_a_unit_called_off_leaves_the_call_waiting_for_dispatch():
    assert rules.state_of([Sent(AT, acknowledged_at=after(1), stood_down_at=after(2))]) is State.TAKEN


ARRIVED = Sent(AT, after(1), after(2), after(9), after(30))


def closing(result=None, note="", channel=Channel.PHONE, linked=False, sent=()):
    return Closing(channel, result, note, linked, sent)


def test_nothing_is_settled_on_a_scene_where_nobody_was():
    assert rules.lacks_scene(closing(Result.SETTLED))
    assert rules.lacks_scene(closing(Result.CASE_WORTHY, linked=True))
    assert not rules.lacks_scene(closing(Result.SETTLED, sent=[ARRIVED]))
    assert not rules.lacks_scene(closing(Result.SETTLED, linked=True))
    assert not rules.lacks_scene(closing(Result.CASE_WORTHY, channel=Channel.WINDOW))


def test_invalid_and_not_for_the_police_need_a_reason():
    assert rules.lacks_reason(closing(Result.INVALID, " "))
    assert rules.lacks_reason(closing(Result.NOT_FOR_POLICE))
    assert not rules.lacks_reason(closing(Result.NOT_FOR_POLICE, "转12345"))
    assert not rules.lacks_reason(closing(Result.SETTLED))


def test_a_unit_that_has_not_reported_keeps_the_call_open():
    assert rules.lacks_report(closing(Result.SETTLED, sent=[Sent(AT)]))
    assert not rules.lacks_report(closing(Result.SETTLED, sent=[ARRIVED]))
    assert not rules.lacks_report(closing(Result.INVALID, sent=[Sent(AT, stood_down_at=after(2))]))


def test_missing_stamps_are_named():
    assert rules.lacks_stamps(closing(sent=[ARRIVED])) == []
    skipped = Sent(AT, arrived_at=after(9), reported_at=after(30))
    assert rules.lacks_stamps(closing(sent=[skipped])) == [Stamp.ACKNOWLEDGED, Stamp.DEPARTED]


def test_every_open_state_has_a_reason_for_the_days_list():
    assert set(rules.WHY_OPEN) == set(rules.OPEN)


def test_a_place_is_written_without_saying_the_village_twice():
    words = rules.place_words
    assert words("沙河站镇", "前河涯村", "村委会门前") == "沙河站镇前河涯村村委会门前"
    assert words("沙河站镇", "前河涯村", "沙河站镇前河涯村村委会门前") == "沙河站镇前河涯村村委会门前"
    assert words("沙河站镇", "前河涯村", "沙河站 前河涯 村委会门前") == "沙河站镇前河涯村村委会门前"
    assert words("沙河站镇", "前河涯村", "前河涯路口") == "沙河站镇前河涯村前河涯路口"
    assert words("沙河站镇", "", "DEKALB PIKE & 1ST AVE") == "沙河站镇DEKALB PIKE & 1ST AVE"


@given(st.text(max_size=60))
def test_every_pair_of_characters_of_a_place_is_in_its_index(text):
    whole, pairs = rules.plain(text), rules.bigrams(text)
    assert len(pairs) == len(set(pairs))
    assert all(len(pair) == 2 and pair in whole for pair in pairs)
    assert all(whole[i : i + 2] in pairs for i in range(len(whole) - 1))
