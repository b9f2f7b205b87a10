"""Entries stand in the month in which they were made; none is lost where a month is missing, and it is said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cutting, months, recording, triggers
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.tests.building import MODELS, enter
from qingkong.project.postgres import granting

YEAR = timedelta(days=366)


def parts(using: str) -> dict[str, int]:
    """How many entries lie in each part that has any."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM ledger_entry GROUP BY 1")
        return dict(cursor.fetchall())


@pytest.fixture
def clock(monkeypatch):
    """Have keys made at another time, as a clock that jumped would."""

    def jump(moment: datetime) -> None:
        keys = iter(range(1, 1000))
        monkeypatch.setattr(
            recording, "uuid7", lambda: UUID(int=months.key_at(moment).int | 7 << 76 | 2 << 62 | next(keys))
        )

    return jump


def test_an_act_goes_into_the_month_it_is_entered_in_whatever_day_it_is_dated(two_roles, clock):
    _, served = two_roles
    soon = timezone.now() + timedelta(days=62)
    clock(soon)
    enter(using=served, at=datetime(2019, 1, 1, tzinfo=UTC))
    assert parts(served) == {f"ledger_entry_{soon:%Y_%m}": 1}
    ledger.integrate(served)
    assert ledger.verify(served).ok


def test_the_applications_role_makes_the_months_to_come_once(two_roles):
    _, served = two_roles
    later = timezone.now() + YEAR
    assert ledger.check_months(at=timezone.now(), using=served) == []
    assert len(ledger.check_months(at=later, using=served)) == 1
    assert ledger.make_months(at=later, using=served) == 1 + months.AHEAD
    assert ledger.make_months(at=later, using=served) == 0
    assert ledger.check_months(at=later, using=served) == []
    assert ledger.check_triggers(served) == []


def test_an_entry_without_a_month_is_kept_and_named_until_the_owner_moves_it(two_roles, clock):
    owned, served = two_roles
    enter(1, using=served)
    clock(timezone.now() + YEAR)
    entry = enter(2, using=served)
    assert parts(served)[months.REST] == 1
    assert ledger.check_months(at=timezone.now(), using=served) == [months.IN_REST]
    ledger.integrate(served)
    with transaction.atomic(using=owned), connections[owned].cursor() as cursor:
        assert cutting.spread_rest(cursor) == 1
        assert cutting.spread_rest(cursor) == 0
        granting.grant(cursor, "qingkong")
    assert months.REST not in parts(served)
    assert ledger.check_months(at=timezone.now(), using=served) == []
    assert ledger.check_triggers(served) == []
    assert ledger.prove(entry, using=served)["index"] == 1
    assert ledger.verify(served).ok


def test_each_month_refuses_change_delete_and_truncate_by_itself(two_roles, clock):
    owned, _ = two_roles
    enter(1, using=owned)
    soon = timezone.now() + timedelta(days=62)
    clock(soon)
    enter(2, using=owned)
    for part in (months.BEFORE, f"ledger_entry_{soon:%Y_%m}"):
        for statement in ("UPDATE {} SET act = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(IntegrityError), connections[owned].cursor() as cursor:
                cursor.execute(statement.format(part))
    assert sum(parts(owned).values()) == 2


def test_a_month_whose_guard_is_switched_off_is_named_at_start_up(two_roles):
    owned, served = two_roles
    soon = f"ledger_entry_{timezone.now() + timedelta(days=62):%Y_%m}"
    with connections[owned].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {soon} DISABLE TRIGGER ledger_entry_no_update")
        cursor.execute(f"DROP TRIGGER {soon}_no_truncate ON {soon}")
    named = ledger.check_triggers(served)
    assert len(named) == 2 and all(soon in line for line in named)


def test_one_key_stands_in_one_month_only(two_roles):
    owned, _ = two_roles
    entry = enter(1, using=owned)
    columns = ", ".join(f'"{field.column}"' for field in Entry._meta.concrete_fields)
    again = columns.replace('"at"', "\"at\" + interval '70 days'")
    with pytest.raises(IntegrityError), connections[owned].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_entry ({columns}) SELECT {again} FROM ledger_entry WHERE id = %s", [entry.pk]
        )


def test_a_filled_table_is_cut_without_losing_or_copying_a_row(two_roles):
    owned, _ = two_roles
    ledger.make_key(origin="qingkong/test", using=owned)
    with connections[owned].schema_editor() as editor:
        editor.execute("CREATE SCHEMA old; SET search_path = old")
        for model in MODELS:
            editor.create_model(model)
        for statement in triggers.create_statements("postgresql"):
            editor.execute(statement, params=None)
    connections[owned].settings_dict["OPTIONS"]["options"] += " -c search_path=old"
    connections[owned].close()
    with connections[owned].cursor() as cursor:
        for number in range(5):
            enter(number, using=owned)
        cursor.execute("SELECT pg_relation_filenode('ledger_entry')")
        before = cursor.fetchone()
    with transaction.atomic(using=owned), connections[owned].cursor() as cursor:
        cutting.cut(cursor, at=timezone.now())
        cursor.execute(f"SELECT pg_relation_filenode('{months.BEFORE}')")
        assert cursor.fetchone() == before
    assert parts(owned) == {months.BEFORE: 5}
    assert ledger.integrate(owned) == 5
    assert ledger.check_triggers(owned) == []
    assert ledger.verify(owned).ok


def test_a_look_up_by_key_asks_one_month(two_roles):
    _, served = two_roles
    entry = enter(1, using=served)
    with connections[served].cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM ledger_entry WHERE id = %s", [entry.pk])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count(" on ledger_entry_") == 1, plan
