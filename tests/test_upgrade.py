"""Upgrades with data: a county in the tables of each release, brought up to today's; and released migrations stay as they are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from qingkong.conftest import AT, sit_down
from qingkong.domains.enforcement.calls.tests.building import a_call, a_reported_response
from qingkong.domains.enforcement.dossiers.tests import making
from qingkong.kernel import ledger, vault
from qingkong.kernel.vault.models import Blob
from qingkong.project import releases
from qingkong.project.backup import databases

sqlite_only = pytest.mark.skipif(
    "sqlite" not in connections.settings["default"]["ENGINE"], reason="the old tables are made in a SQLite file"
)


def test_a_released_migration_is_never_edited_or_removed():
    """Made a new migration that goes out? `python -m qingkong.project.releases add`. Edited an old one? Undo that."""
    assert list(releases.problems()) == []


def test_an_edited_and_a_removed_migration_are_named(monkeypatch):
    there = releases.migrations()
    (edited, removed, *_) = releases.frozen()
    there[edited] = "0" * 64
    del there[removed]
    monkeypatch.setattr(releases, "migrations", lambda: there)
    assert sorted(line.partition(":")[0] for line in releases.problems()) == sorted([edited, removed])


def test_a_new_migration_is_frozen_by_one_command_and_the_old_ones_stay(monkeypatch, tmp_path):
    before = releases.frozen()
    monkeypatch.setattr(releases, "FILE", tmp_path / "releases.toml")
    releases._write(before, {"0.1": {"calls": "0001_initial"}})
    new = "kernel/papers/migrations/0009_new.py"
    monkeypatch.setattr(releases, "migrations", lambda: {**before, new: "1" * 64})
    assert releases.add() == [new]
    assert releases.frozen() == {**before, new: "1" * 64}
    releases.name("9.9")
    assert releases.releases()["9.9"]["papers"] == "0009_new"
    with pytest.raises(ValueError, match=r"9\.9"):
        releases.name("9.9")


def fill(county) -> dict[str, object]:
    """A call that was answered, a case with its file checked once, an erased fact."""
    response = a_reported_response(county)
    dossier = making.submitted(county)
    entry = ledger.Entry.objects.filter(facts__value__isnull=False, thread=response.call.number).latest("at")
    ledger.erase_facts(
        entry, ground="个人信息保护法第四十七条", actor=county.case_office, second=county.bureau_leader, at=AT
    )
    ledger.integrate()
    return {"call": response.call, "case": dossier.case, "erased": entry}


def make_old(release: str) -> None:
    """The tables of a release, in the database that is lived on, which is empty."""
    targets = releases.releases()[release]
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in ours()]
    executor.migrate([*targets.items(), *others])


def ours() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name.startswith("qingkong.")}


def tables(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return sorted(name for (name,) in rows if name != "django_migrations" and "_fts" not in name)


def copy_rows(source: Path, target: Path) -> dict[str, int]:
    """Put every row of the county into the old tables, in the columns they have; how many of each table."""
    copied = {}
    with closing(sqlite3.connect(target)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")  # the checks call functions of the framework
        database.execute("ATTACH ? AS today", [str(source)])
        guards = database.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:  # they guard the work of officers, not a copy
            database.execute(f'DROP TRIGGER "{name}"')
        for table in set(tables(target)) & set(tables(source)):
            old, new = (
                {r[1] for r in database.execute(f'PRAGMA {s}.table_info("{table}")')} for s in ("main", "today")
            )
            columns = ", ".join(f'"{column}"' for column in sorted(old & new))
            database.execute(f'DELETE FROM main."{table}"')
            database.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM today."{table}"')
            copied[table] = database.execute(f'SELECT count(*) FROM main."{table}"').fetchone()[0]
        for _, statement in guards:
            database.execute(statement)
        database.commit()
    return copied


def counts(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as database:
        return {t: database.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables(file)}


@sqlite_only
@pytest.mark.django_db(transaction=True, databases=["default", "passing"])
@pytest.mark.parametrize("release", releases.releases())
def test_a_county_of_a_release_is_brought_up_with_all_its_data(county, tmp_path, release):
    made = fill(county)
    today, old = Path(connection.settings_dict["NAME"]), tmp_path / "old.sqlite"
    entries = ledger.Entry.objects.count()
    connections.close_all()
    with databases.living_on(old):
        make_old(release)
    copied = copy_rows(today, old)
    assert copied["ledger_entry"] == entries and copied["calls_call"] and copied["cases_case"]
    with databases.living_on(old):
        assert MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
        call_command("migrate", database="default", verbosity=0)
        after = counts(old)
        assert {table: after[table] for table in copied if table in after} == copied
        databases.require_sound("default")  # pages, references, and the ledger against its signatures
        assert ledger.check_triggers() == []
        assert ledger.Entry.objects.get(pk=made["erased"].pk).facts.value is None
        assert all(vault.exists(sha256) for sha256 in Blob.objects.values_list("sha256", flat=True))
        desk = sit_down(Client(), county.officer)
        for page in (f"/desk/calls/{made['call'].pk}/", f"/desk/cases/{made['case'].pk}/", "/desk/"):
            assert desk.get(page).status_code == 200, page
        again = a_call(county, caller_phone="19900000004")
        assert again.number > made["call"].number
        databases.require_sound("default")
