"""The application's role can add to the ledger and change nothing in it; whoever serves with more is told."""

from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connections

from qingkong.kernel import ledger
from qingkong.kernel.ledger.tests.building import enter, fill
from qingkong.project.postgres import granting

TABLES = ["entry", "entry_before", "leaf", "tile", "checkpoint", "cosigner", "cosignature", "facts"]
FORBIDDEN = {
    "change": "UPDATE ledger_{} SET {} = {}",
    "delete": "DELETE FROM ledger_{}",
    "truncate": "TRUNCATE ledger_{} CASCADE",
    "disable": "ALTER TABLE ledger_{} DISABLE TRIGGER ALL",
    "drop": "DROP TABLE ledger_{} CASCADE",
    "guard": "CREATE TRIGGER mine BEFORE INSERT ON ledger_{} EXECUTE FUNCTION ledger_refuse()",
}
COLUMN = {
    "leaf": "sequence",
    "tile": "width",
    "checkpoint": "size",
    "cosigner": "name",
    "cosignature": "line",
    "facts": "entry_id",
}


def refused(using: str, statement: str) -> bool:
    with connections[using].cursor() as cursor, pytest.raises(ProgrammingError) as why:
        cursor.execute(statement)
    return any(word in str(why.value) for word in ("permission denied", "must be owner"))


def test_the_applications_role_can_record_integrate_sign_prove_and_erase(two_roles):
    _, served = two_roles
    entry = enter(3, using=served)
    fill(300, using=served)  # past a full tile
    ledger.integrate(served)
    enter(4, using=served)
    ledger.integrate(served)  # outgrown tiles go
    assert ledger.prove(entry, using=served)["index"] == 0
    other = ledger.tests.building.actor("示例乙", "0190aaaa-0000-7000-8000-000000000002")
    me = ledger.tests.building.actor()
    at = datetime(2026, 11, 24, tzinfo=UTC)
    ledger.erase_facts(entry, ground="个人信息保护法第四十七条", actor=me, second=other, at=at, using=served)
    ledger.integrate(served)
    assert ledger.verify(served).ok
    with connections[served].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_tile WHERE level = 0")
        assert cursor.fetchone()[0] == 2  # the full one and the newest partial one


def test_the_applications_role_can_do_no_harm_to_what_is_entered(two_roles):
    _, served = two_roles
    enter(using=served)
    ledger.integrate(served)
    for table in TABLES:
        column = COLUMN.get(table, "act")
        for statement in FORBIDDEN.values():
            assert refused(served, statement.format(table, column, column)), (table, statement)
    assert ledger.verify(served).ok


def test_the_applications_role_cannot_step_round_the_guard(two_roles):
    _, served = two_roles
    for statement in (
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "CREATE TABLE mine (a integer)",
        "ALTER TABLE ledger_entry OWNER TO qingkong",
        "ALTER TABLE ledger_entry DETACH PARTITION ledger_entry_before",
        "SET ROLE qingkong_owner",
    ):
        assert refused(served, statement), statement


def test_outgrown_tiles_alone_go_by_the_function_that_runs_as_the_owner(two_roles):
    _, served = two_roles
    fill(300, using=served)
    ledger.integrate(served)
    with connections[served].cursor() as cursor:
        cursor.execute("SELECT ledger_drop_outgrown(ARRAY[0, 0, 1], ARRAY[0, 1, 0]::bigint[])")
    assert ledger.verify(served).ok


def test_a_role_that_holds_what_it_should_may_serve_and_others_are_named(two_roles, server):
    owned, served = two_roles
    assert granting.check_role(served) == []
    assert "拥有" in granting.check_role(owned)[0]
    with connections[owned].cursor() as cursor:
        cursor.execute("GRANT DELETE, TRUNCATE ON ledger_leaf TO qingkong")
        cursor.execute("GRANT UPDATE (act) ON ledger_entry TO qingkong")
        cursor.execute("REVOKE INSERT ON ledger_pending FROM qingkong")
        cursor.execute("GRANT CREATE ON SCHEMA public TO qingkong")
    assert sorted(granting.check_role(served)) == sorted([
        "应用的数据库角色 qingkong 可以在 public 里建表",
        "ledger_entry 不该有 UPDATE 权限",
        "ledger_leaf 不该有 DELETE, TRUNCATE 权限",
        "ledger_pending 缺 INSERT 权限",
    ])  # fmt: skip
    with connections[owned].cursor() as cursor:
        granting.grant(cursor, "qingkong")
    assert granting.check_role(served) == []
    connections[served].settings_dict["USER"] = "postgres"
    connections[served].close()
    assert "超级用户" in granting.check_role(served)[0]
