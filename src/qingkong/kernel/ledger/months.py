"""Entries cut by month on PostgreSQL, so that a closed month is never written again. SQLite keeps one table.

The cut is by the entry's key: a UUIDv7 begins with the milliseconds at which the entry was made. So the key alone stays
unique, a look-up by key asks one month, and an act that is dated back (`at`) still goes into the month that is open.
The months to come are made ahead; what fits none goes into `ledger_entry_rest`, so that no act is lost, and start-up
says so.
"""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connections

AHEAD = 3  # months that are always ready
SOON = timedelta(days=31)
TABLE, BEFORE, REST = "ledger_entry", "ledger_entry_before", "ledger_entry_rest"

NOT_CUT = "存证表没有按月分区：运行 qingkong database prepare"
IN_REST = f"有存证落在默认分区 {REST}：运行 qingkong database prepare，把它们移到各自的月份"
NOT_READY = "{month} 的存证分区还没有建立：后台任务 ledger.months 没有运行；也可运行 qingkong database prepare"

KEY_AT = """CREATE OR REPLACE FUNCTION ledger_key_at(moment timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid $$"""
# Runs with the owner's rights, because the application's role may not make tables. ATTACH, unlike CREATE … PARTITION OF,
# lets others go on writing; behind a long reader it gives up after two seconds and is tried again another time.
MAKE = """CREATE OR REPLACE FUNCTION ledger_make_months(at timestamptz, ahead integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
    DECLARE made integer := 0; starts timestamptz; part text;
    BEGIN
        FOR number IN 0 .. least(ahead, 24) LOOP
            starts := date_trunc('month', at) + make_interval(months => number);
            part := 'ledger_entry_' || to_char(starts, 'YYYY_MM');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE ledger_entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
                EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION ledger_refuse()',
                    part || '_no_truncate', part);
                EXECUTE format('ALTER TABLE ledger_entry ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    part, ledger_key_at(starts), ledger_key_at(starts + interval '1 month'));
                made := made + 1;
            EXCEPTION
                WHEN invalid_object_definition THEN NULL; -- the month lies in the part from before the cut
                WHEN check_violation THEN RAISE WARNING 'ledger_entry_rest holds entries of %', part;
            END;
        END LOOP;
        IF made > 0 THEN ANALYZE ledger_entry; END IF; -- autovacuum never does it for the whole
        RETURN made;
    END $$"""


def key_at(moment: datetime) -> UUID:
    """The lowest key of an entry made at that moment or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def make_months(*, at: datetime, using: str = "default") -> int:
    """Have the month of `at` and the next AHEAD ones ready; how many were made (SQLite: none)."""
    if connections[using].vendor != "postgresql":
        return 0
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT ledger_make_months(%s, %s)", [at, AHEAD])
        return int(cursor.fetchone()[0])


def check_months(*, at: datetime, using: str = "default") -> list[str]:
    """What is wrong with the months, one line each; empty when all is well, and on SQLite."""
    if connections[using].vendor != "postgresql":
        return []
    ends = _ends(using)
    if ends is None:
        return [NOT_CUT]
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {REST})")
        problems = [IN_REST] if cursor.fetchone()[0] else []
    soon = at + SOON
    if max(ends, default=UUID(int=0)) <= key_at(soon):
        problems.append(NOT_READY.format(month=f"{soon.astimezone(UTC):%Y-%m}"))
    return problems


def _ends(using: str) -> list[UUID] | None:
    """Where each month ends, as a key; None where the table isn't cut."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT relkind FROM pg_class WHERE oid = '{TABLE}'::regclass")
        if cursor.fetchone()[0] != "p":
            return None
        cursor.execute(
            "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            f"WHERE i.inhparent = '{TABLE}'::regclass"
        )
        bounds = [re.search(r"TO \('([0-9a-f-]+)'\)", bound) for (bound,) in cursor.fetchall()]
    return [UUID(found[1]) for found in bounds if found]
