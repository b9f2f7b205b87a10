"""From the officers to the shelf, with the database's own refusals."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.property import operations, queries, rules
from qingkong.domains.enforcement.property.models import Exhibit, Movement
from qingkong.domains.enforcement.property.tests.making import (
    hand_over,
    keep,
    open_case,
    seize,
)
from qingkong.kernel import clocks
from qingkong.kernel.refusals import NotPermitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def case(county):
    return open_case(county)


def running(subject):
    return {clock.limit_id for clock in clocks.of(subject) if clock.stopped_at is None}


def test_a_custodian_accepts_what_was_handed_to_their_room(county, case):
    (one,) = seize(county, case)
    kept = keep(county, one)
    assert (kept.state, kept.place_kept, kept.custodian_name) == ("kept", "3-2-05", county.custodian.name)
    assert running(kept) == set()
    assert [m.move for m in queries.movements(kept)] == ["seized", "handed_over", "accepted"]


def test_a_refused_thing_goes_back_and_its_24_hours_run_on(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    with pytest.raises(operations.CannotKeep) as unexplained:
        operations.refuse_exhibit(exhibit=one, reason=" ", actor=county.custodian, at=county.at + HOUR)
    assert unexplained.value.field == "reason"
    back = operations.refuse_exhibit(exhibit=one, reason="封条破损", actor=county.custodian, at=county.at + HOUR)
    assert (back.state, back.room_id) == ("taken", None)
    assert running(back) == {"CW-01"}
    assert queries.movements(back).last().why == "封条破损"


def test_after_24_hours_handing_over_asks_for_the_reason_and_keeps_the_time(county, case):
    (one,) = seize(county, case)
    late = county.at + 30 * HOUR
    with pytest.raises(operations.CannotHandOver) as refused:
        hand_over(county, one, at=late)
    assert refused.value.field == "why_late"
    operations.hand_over(exhibit=one, room=county.units["010"], why_late="道路积雪", actor=county.officer, at=late)
    operations.accept_exhibit(exhibit=one, place="1-1", actor=county.custodian, at=late)
    assert queries.late_ones(case, at=late) == [one.number]


def test_a_custodian_who_handles_the_case_is_refused_by_rule(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    for actor in (county.officer, county.second_officer, county.legal_officer):
        with pytest.raises(operations.CannotKeep) as refused:
            operations.accept_exhibit(exhibit=one, place="1-1", actor=actor, at=county.at + HOUR)
        assert refused.value.reason is rules.KEEPER_IS_OFFICER


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def key(value):
    return value.hex if connection.vendor == "sqlite" else str(value)


def test_the_database_itself_refuses_an_officer_of_the_case_as_custodian(county, case):
    (one,) = seize(county, case)
    hand_over(county, one)
    sql = "UPDATE property_exhibit SET custodian_id = %s WHERE id = %s"
    for officer in (county.officers.officer, county.officers.second_officer, county.officers.legal_officer):
        with pytest.raises(IntegrityError):
            raw(sql, key(officer.pk), key(one.pk))
    raw(sql, key(county.officers.custodian.pk), key(one.pk))


def test_the_database_itself_refuses_a_custodian_who_joins_the_team_later(county, case):
    (one,) = seize(county, case)
    keep(county, one)
    member = case.members.get(role="second")
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE cases_teammember SET officer_id = %s WHERE id = %s",
            key(county.officers.custodian.pk), key(member.pk),
        )  # fmt: skip


def test_a_movement_never_changes_and_never_goes(county, case):
    (one,) = seize(county, case)
    line = queries.movements(one).get()
    for attempt in (
        lambda: Movement.objects.filter(pk=line.pk).update(why="改了"),
        lambda: raw("DELETE FROM property_movement WHERE id = %s", key(line.pk)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert queries.movements(one).get().why == ""


def test_a_custodian_of_another_room_cant_accept(county, case):
    (one,) = seize(county, case)
    operations.hand_over(exhibit=one, room=county.station, actor=county.officer, at=county.at + HOUR)
    with pytest.raises(NotPermitted):
        operations.accept_exhibit(exhibit=one, place="1-1", actor=county.custodian, at=county.at + HOUR)


def test_two_custodians_accepting_at_once_accept_it_once(county, in_parallel):
    (one,) = seize(county, open_case(county))
    hand_over(county, one)
    tries = [
        in_parallel(operations.accept_exhibit, exhibit=one, place=place, actor=actor, at=county.at + HOUR)
        for place, actor in (("1-1", county.custodian), ("2-2", county.second_custodian))
    ]
    results = [outcome(one_try) for one_try in tries]
    assert [isinstance(result, Exhibit) for result in results].count(True) == 1
    assert Movement.objects.filter(exhibit=one, move="accepted").count() == 1
    assert ledger_acts(one).count("property.accepted") == 1
