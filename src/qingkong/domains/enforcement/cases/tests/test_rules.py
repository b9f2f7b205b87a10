from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingkong.domains.enforcement.cases.rules import codes, deciding, ending, progress, teams
from qingkong.domains.enforcement.cases.rules.deciding import Course, Penalty, PenaltyKind, Power, Threshold
from qingkong.domains.enforcement.cases.rules.ending import Needs, Standing
from qingkong.domains.enforcement.cases.rules.states import (
    DECISION_MOVES,
    MADE,
    REPORT_MOVES,
    CaseKind,
    CaseState,
    DecisionState,
    ReportState,
    case_moves,
    why_not_move,
)
from qingkong.domains.enforcement.cases.rules.teams import Member, TeamRole
from qingkong.kernel.identity.posts import HANDLING, Post, UnitKind

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
STATION = Power(
    "s", PenaltyKind.FINE, UnitKind.STATION, frozenset({Post.STATION_HEAD}), 100_000, "治安管理处罚法第一百零九条"
)
COUNTY = [
    Power(kind.value, kind, None, frozenset({Post.BUREAU_LEADER}), None, "治安管理处罚法第一百零九条")
    for kind in PenaltyKind
]
HEARING = [
    Threshold("hearing", PenaltyKind.FINE, 400_000, None, ""),
    Threshold("hearing_minor", PenaltyKind.DETENTION, None, None, ""),
]

penalties = st.builds(
    Penalty,
    warning=st.booleans(),
    fine_fen=st.integers(0, 1_000_000),
    detention_days=st.integers(0, 20),
    revoke=st.booleans(),
    shut=st.booleans(),
)


# --- teams -------------------------------------------------------------------------------------------------


@given(st.sampled_from(list(Post)), st.sampled_from(list(TeamRole)))
def test_only_posts_that_handle_stand_as_case_officers_and_only_legal_posts_check(post, role):
    allowed = teams.why_not_in(role, post) is None
    assert allowed == (post in teams.CHECKERS if role is TeamRole.LEGAL else post in HANDLING)


@given(
    st.lists(
        st.builds(
            Member,
            st.sampled_from([UUID(int=i) for i in range(3)]),
            st.sampled_from(list(TeamRole)),
            st.sampled_from(list(Post)),
        ),
        max_size=4,
    )
)
def test_a_team_that_is_allowed_has_three_people_in_three_roles(members):
    if teams.why_not_team(members) is None:
        assert {m.role for m in members} == set(TeamRole)
        assert len({m.officer_id for m in members}) == len(members)
        assert Post.AUXILIARY not in {m.post for m in members}


def test_an_auxiliary_is_told_that_auxiliaries_dont_handle_cases():
    assert teams.why_not_in(TeamRole.SECOND, Post.AUXILIARY) is teams.AUXILIARY


def test_nobody_of_the_team_approves_and_others_do():
    lead, legal, head = uuid4(), uuid4(), uuid4()
    team = [Member(lead, TeamRole.LEAD, Post.OFFICER), Member(legal, TeamRole.LEGAL, Post.LEGAL_OFFICER)]
    assert teams.why_not_approve(lead, team) is teams.OWN_CASE
    assert teams.why_not_approve(legal, team) is teams.LEGAL_OF_CASE
    assert teams.why_not_approve(head, team) is None


# --- codes -------------------------------------------------------------------------------------------------


@given(st.binary(min_size=10, max_size=10))
def test_a_code_reads_back_however_it_is_typed(entropy):
    code = codes.write(entropy)
    assert len(code.replace("-", "")) * 5 == 80
    typed = code.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert codes.read(typed) == code.replace("-", "")


@given(st.lists(st.binary(min_size=10, max_size=10), min_size=2, max_size=2, unique=True))
def test_two_codes_are_never_the_same(entropies):
    assert codes.write(entropies[0]) != codes.write(entropies[1])


@pytest.mark.parametrize("text", ["", "AAAA", "AAAA-BBBB-CCCC-DDD", "AAAA-BBBB-CCCC-DDDU", "%%%%-____-''''-\"\"\"\""])
def test_what_cant_be_a_code_isnt_one(text):
    assert codes.read(text) is None


# --- states ------------------------------------------------------------------------------------------------


@given(st.sampled_from(list(CaseKind)), st.lists(st.sampled_from(list(CaseState)), max_size=6))
def test_no_walk_leads_a_criminal_case_to_closed_nor_an_administrative_one_to_prosecution(kind, wishes):
    state = CaseState.INVESTIGATING
    for wish in wishes:
        if why_not_move(state, wish, case_moves(kind)) is None:
            state = wish
    if kind is CaseKind.CRIMINAL:
        assert state not in (CaseState.CLOSED, CaseState.STOPPED)
    else:
        assert state not in (CaseState.ENDED, CaseState.PROSECUTED, CaseState.WITHDRAWN)


@given(st.lists(st.sampled_from(list(DecisionState)), max_size=8))
def test_no_walk_makes_a_decision_that_wasnt_asked_for(wishes):
    state, walked = DecisionState.PROPOSED, [DecisionState.PROPOSED]
    for wish in wishes:
        if why_not_move(state, wish, DECISION_MOVES) is None:
            state = wish
            walked.append(state)
    if state in MADE:
        assert DecisionState.ASKED in walked


def test_every_state_has_its_moves_and_an_answered_report_may_still_be_filed_on_new_facts():
    assert set(REPORT_MOVES) == set(ReportState)
    assert set(DECISION_MOVES) == set(DecisionState)
    assert ReportState.FILED in REPORT_MOVES[ReportState.DECLINED]


# --- penalties ---------------------------------------------------------------------------------------------


@given(penalties)
def test_no_penalty_is_heavier_than_itself(one):
    assert not deciding.heavier(one, one)


@given(st.integers(0, 1_000_000), st.integers(0, 20), st.integers(0, 1_000_000), st.integers(0, 20))
def test_more_detention_or_at_equal_detention_a_larger_fine_is_heavier(fine, days, other_fine, other_days):
    heavier = deciding.heavier(
        Penalty(fine_fen=fine, detention_days=days), Penalty(fine_fen=other_fine, detention_days=other_days)
    )
    if days > other_days or (days == other_days and fine > other_fine):
        assert heavier
    if days == 0 and other_days > 0:
        assert not heavier


@pytest.mark.parametrize(
    ("fine", "allowed"), [(1, True), (99_999, True), (100_000, True), (100_001, False), (100_100, False)]
)
def test_a_station_fines_up_to_1000_yuan_included(fine, allowed):
    rows, reason = deciding.power_for(
        Penalty(fine_fen=fine), post=Post.STATION_HEAD, unit=UnitKind.STATION, powers=[STATION, *COUNTY]
    )
    assert (reason is None) == allowed
    assert bool(rows) == allowed


@given(penalties, st.sampled_from(list(Post)), st.sampled_from(list(UnitKind)))
def test_no_post_but_a_leader_detains_revokes_or_shuts(penalty, post, unit):
    rows, reason = deciding.power_for(penalty, post=post, unit=unit, powers=[STATION, *COUNTY])
    if reason is None and (penalty.detention_days or penalty.revoke or penalty.shut):
        assert post is Post.BUREAU_LEADER
    if reason is None:
        assert len(rows) == len(penalty.kinds)


@pytest.mark.parametrize(
    ("penalty", "under_18", "right"),
    [
        (Penalty(fine_fen=399_999), False, False),
        (Penalty(fine_fen=400_000), False, True),
        (Penalty(detention_days=5), False, False),
        (Penalty(detention_days=5), True, True),
    ],
)
def test_a_hearing_right_begins_at_4000_yuan_and_for_minors_at_detention(penalty, under_18, right):
    assert deciding.has_hearing_right(penalty, under_18=under_18, thresholds=HEARING) is right


def course(**changed) -> Course:
    base = {
        "penalty": Penalty(fine_fen=50_000),
        "told": Penalty(fine_fen=50_000),
        "notice_waived_by_law": False,
        "defended": False,
        "defence_answered": True,
        "hearing_right": False,
        "hearing_asked": False,
        "hearing_given_up": False,
        "hearing_until": None,
        "heard": False,
        "review_grounds": frozenset(),
        "review_passed": False,
    }
    return Course(**{**base, **changed})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"told": None}, deciding.NOT_TOLD),
        ({"told": None, "penalty": None, "notice_waived_by_law": True}, None),
        ({"told": Penalty(fine_fen=49_999)}, deciding.HEAVIER),
        ({"defended": True, "defence_answered": False}, deciding.UNANSWERED),
        ({"hearing_right": True, "hearing_until": AT + timedelta(days=1)}, deciding.HEARING_OPEN),
        ({"hearing_right": True, "hearing_until": AT}, None),
        ({"hearing_right": True, "hearing_until": AT + timedelta(days=1), "hearing_given_up": True}, None),
        ({"hearing_right": True, "hearing_asked": True}, deciding.NOT_HEARD),
        ({"hearing_right": True, "hearing_asked": True, "heard": True}, None),
        ({"review_grounds": frozenset({deciding.ReviewGround.COMPLEX})}, deciding.NOT_REVIEWED),
        ({"review_grounds": frozenset({deciding.ReviewGround.COMPLEX}), "review_passed": True}, None),
    ],
)
def test_what_must_come_before_a_decision(changed, reason):
    missing = deciding.why_not_decide(course(**changed), at=AT)
    assert (missing[0] if missing else None) == reason


# --- endings -----------------------------------------------------------------------------------------------


def standing(**changed) -> Standing:
    base = {
        "kind": CaseKind.ADMINISTRATIVE,
        "state": CaseState.INVESTIGATING,
        "decisions": (),
        "mediation_performed": False,
        "converted": False,
        "suspects_undecided": 0,
    }
    return Standing(**{**base, **changed})


D = DecisionState


@pytest.mark.parametrize(
    ("needs", "facts"),
    [
        (Needs.NO_PENALTY_DECIDED, {"decisions": ((False, D.SERVED),)}),
        (Needs.MEDIATION_PERFORMED, {"mediation_performed": True}),
        (Needs.DECISIONS_EXECUTED, {"decisions": ((True, D.EXECUTED),)}),
        (Needs.CONVERTED, {"converted": True}),
        (Needs.DECISION_NOT_EXECUTABLE, {"decisions": ((True, D.NOT_EXECUTABLE),)}),
    ],
)
def test_each_ground_of_258_stands_on_its_fact_and_not_without(needs, facts):
    assert ending.why_not_close(standing(**facts), needs=needs) is None
    assert ending.why_not_close(standing(), needs=needs) == (needs.label, None)


@given(
    st.sampled_from(list(Needs)),
    st.lists(st.tuples(st.booleans(), st.sampled_from(list(D))), max_size=3),
    st.integers(0, 2),
    st.booleans(),
)
def test_a_criminal_case_closes_on_no_ground_whatever_stands_behind_it(needs, decisions, undecided, yes):
    facts = standing(
        kind=CaseKind.CRIMINAL,
        decisions=tuple(decisions),
        suspects_undecided=undecided,
        mediation_performed=yes,
        converted=yes,
    )
    assert ending.why_not_close(facts, needs=needs) == (ending.NEVER_CLOSED, ending.CRIMINAL_WAYS)


@given(
    st.sampled_from([Needs.NO_PENALTY_DECIDED, Needs.DECISIONS_EXECUTED, Needs.DECISION_NOT_EXECUTABLE]),
    st.lists(st.tuples(st.booleans(), st.sampled_from(list(D))), max_size=4),
    st.integers(0, 2),
)
def test_no_case_closes_with_a_decision_or_a_suspect_left_open(needs, decisions, undecided):
    if ending.why_not_close(standing(decisions=tuple(decisions), suspects_undecided=undecided), needs=needs) is None:
        assert undecided == 0
        assert all(
            state in (D.EXECUTED, D.NOT_EXECUTABLE, D.DROPPED) or (not penal and state is D.SERVED)
            for penal, state in decisions
        )


def test_a_suspect_without_a_decision_keeps_the_case_open_and_says_to_tell_the_victim():
    reason, how = ending.why_not_close(
        standing(decisions=((True, D.EXECUTED),), suspects_undecided=1), needs=Needs.DECISIONS_EXECUTED
    )
    assert reason == ending.UNDECIDED.fill(count=1)
    assert how is ending.FIND_ON


# --- progress ----------------------------------------------------------------------------------------------


@given(
    st.sampled_from([None, *ReportState]),
    st.sampled_from([None, *CaseKind]),
    st.sampled_from([None, *CaseState]),
    st.booleans(),
)
def test_whatever_the_state_the_words_come_from_the_list(report, kind, state, told):
    templates = {value.source for name, value in vars(progress).items() if name.isupper()}
    assert progress.words(report, kind, state, victim_told=told).source in templates
