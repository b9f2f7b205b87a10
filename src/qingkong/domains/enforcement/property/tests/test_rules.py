"""The rules of exhibits, with no database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.property import dispositions, rules
from qingkong.domains.enforcement.property.rules import Move, State

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = uuid4(), uuid4(), uuid4()


def two(first=FIRST, second=SECOND, police=(FIRST, SECOND)):
    return rules.TwoOfficers(first, second, {FIRST: "甲", SECOND: "乙"}, police)


def test_two_police_officers_one_of_them_the_actor_may_seize():
    assert rules.why_not_two(two(), actor=FIRST) is None


def test_one_officer_twice_isnt_two():
    assert rules.why_not_two(two(second=FIRST), actor=FIRST) is rules.SAME_OFFICER


def test_an_auxiliary_never_counts_as_one_of_two():
    assert rules.why_not_two(two(police=(FIRST,)), actor=FIRST) == rules.NOT_POLICE.fill(name="乙")


def test_somebody_who_wasnt_there_cant_register_a_seizure():
    assert rules.why_not_two(two(), actor=THIRD) is rules.NOT_ONE_OF_TWO


@given(st.integers(min_value=-10_000, max_value=10_000))
def test_an_approval_is_never_dated_before_the_event(minutes):
    answered = AT + timedelta(minutes=minutes)
    reason = rules.why_not_answer(event_at=AT, answered=False, at=answered, approver=THIRD, takers={FIRST, SECOND})
    assert (reason is rules.BEFORE_IT_HAPPENED) == (minutes < 0)


def test_who_seized_doesnt_approve_it():
    reason = rules.why_not_answer(event_at=AT, answered=False, at=AT, approver=FIRST, takers={FIRST, SECOND})
    assert reason is rules.OWN_ACT


def test_a_prior_approval_that_came_later_isnt_prior():
    later = AT + timedelta(minutes=1)
    assert rules.why_not_prior(approved_at=later, used=False, seized_at=AT) is rules.APPROVED_LATER
    assert rules.why_not_prior(approved_at=AT, used=False, seized_at=AT) is None


def test_only_an_administrative_case_makes_up_its_approval():
    assert rules.needs_made_up_approval(rules.Means.ON_THE_SPOT, "administrative")
    assert not rules.needs_made_up_approval(rules.Means.ON_THE_SPOT, "criminal")
    assert not rules.needs_made_up_approval(rules.Means.SEIZED, "administrative")


@given(st.sets(st.uuids(), max_size=5), st.uuids())
def test_an_officer_of_the_case_never_keeps_its_exhibits(officers, keeper):
    room = uuid4()
    reason = rules.why_not_keep(keeper=keeper, officers=officers | {keeper}, unit=room, room=room)
    assert reason is rules.KEEPER_IS_OFFICER


@given(st.lists(st.sampled_from(Move), max_size=12))
def test_whatever_moves_come_an_ended_exhibit_never_comes_back(moves):
    state, ended = None, False
    for move in moves:
        if rules.why_not_move("E", state, move) is None:
            assert not ended
            state = rules.MOVES[state, move]
            ended = state not in rules.OPEN
    assert state is None or isinstance(state, State)


def test_every_state_but_the_first_can_be_reached_and_every_open_one_can_end():
    assert {*rules.MOVES.values()} == set(State)
    assert {state for state, _ in rules.MOVES if state} == set(rules.OPEN)


def test_every_disposition_has_a_move_that_carries_it_out_from_each_of_its_states():
    assert set(rules.ENDS) == set(dispositions.table())
    for way in dispositions.table().values():
        assert all((State(state), rules.ENDS[way.id]) in rules.MOVES for state in way.states)


def deciding(**changes):
    facts = {
        "number": "E2026-000001", "state": State.KEPT, "case_kind": "administrative", "value_fen": 30_000,
        "undisputed": True, "contraband": False,
    }  # fmt: skip
    return rules.Deciding(**{**facts, **changes})


def test_a_station_confiscates_up_to_its_limit_and_no_more():
    way = dispositions.table()["confiscate"]

    def reason(**changes):
        return rules.why_not_decide(deciding(**changes), way, post="station_head", station_limit_fen=50_000)

    assert reason() is None
    assert reason(value_fen=50_000) is None
    assert reason(value_fen=50_001) is not None
    assert reason(value_fen=None) is not None
    assert reason(undisputed=False) is not None
    assert reason(value_fen=900_000, contraband=True) is None


def test_property_of_a_criminal_case_isnt_confiscated_by_the_police():
    way = dispositions.table()["confiscate"]
    reason = rules.why_not_decide(deciding(case_kind="criminal"), way, post="bureau_leader", station_limit_fen=None)
    assert reason == rules.NOT_IN_THIS_KIND.fill(way=way.label)


def test_returning_in_a_criminal_case_is_for_the_leader_of_the_county_bureau():
    way, thing = dispositions.table()["return"], deciding(case_kind="criminal")
    assert rules.why_not_decide(thing, way, post="station_head", station_limit_fen=None) is not None
    assert rules.why_not_decide(thing, way, post="bureau_leader", station_limit_fen=None) is None


def test_every_disposition_names_its_basis_and_how_sure_we_are():
    for way in dispositions.table().values():
        assert way.basis["administrative"] and way.basis["criminal"]
        assert way.sure in "SPM"
