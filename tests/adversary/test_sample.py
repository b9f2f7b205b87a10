"""A sample of the adversary suite: each family on a small county, each attack on history once. `make adversary` does all."""

import pytest
from django.db import connection

from qingkong.kernel.identity.models import Appointment, Officer
from qingkong.kernel.ledger.models import Cosignature, Facts
from qingkong.kernel.ledger.sealed_tables import sealed_models
from tests.adversary import history, honest, originals, outcomes, rows, tables, window
from tests.adversary.stage import Stage, stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("county")]


@pytest.fixture
def staged():
    with stage() as prepared:
        yield prepared


def test_every_column_of_every_sealed_table_that_is_altered_is_named_and_honest_work_hides_nothing(staged: Stage):
    assert staged.compare(sealed_models()) == []
    found = [*rows.attacks(staged), *honest.attacks(staged)]
    assert [one for one in found if not one.verify] == []
    altered = {one.target for one in found if one.attack == "alter a column"}
    every = {f"{model._meta.db_table}.{field.column}" for model in sealed_models() for field in rows.columns(model)}
    assert every - altered <= {"ledger_cosigner.vkey"}
    assert {one.attack for one in found} >= {"swap two rows", "delete a row", "insert a row", "delete all rows"}


def test_each_attack_with_the_servers_key_is_seen_by_a_cosigner_or_by_verify(staged: Stage):
    found = {one.attack: one for one in history.attacks(staged)}
    assert [one for one in found.values() if not one.seen] == []
    only_a_cosigner = {name for name, one in found.items() if one.cosigner and not one.verify}
    assert "alter a row and its seals, rebuild, sign" in only_a_cosigner
    assert "restore an old copy" in only_a_cosigner


def test_before_a_cosigner_came_a_rewritten_history_is_unseen_and_counted_in_the_window(staged: Stage):
    found = {one.attack: one for one in window.attacks(staged)}
    unseen = {name for name, one in found.items() if not one.seen}
    assert "rewrite an entry, rebuild, sign" in unseen
    assert "rewrite and sign with another key" not in unseen
    assert not any(found[name].note.startswith("0 ") for name in unseen)


def test_columns_of_entries_and_facts_rows_of_cosigners_and_originals_are_seen(staged: Stage):
    found = [*tables._columns(staged, Facts), *tables._rows(staged, Cosignature), *originals.attacks(staged)]
    assert len(found) > 15
    assert [one for one in found if not one.seen] == []


def test_the_table_says_who_saw_what_and_nothing_is_kept_of_it(staged: Stage):
    with staged.attack():
        staged.sql("UPDATE identity_officer SET name = '别人'")
        assert staged.compare([Officer, Appointment]) != []
    assert staged.compare([Officer, Appointment]) == []
    assert connection.in_atomic_block
    seen = outcomes.Outcome("f", "alter", "t.c", verify=True, cosigner=False)
    unseen = outcomes.Outcome("f", "alter", "t.d", verify=False, cosigner=False)
    text = outcomes.plain([seen, unseen])
    assert "1 of 2" in text and text.rstrip().endswith("1")
    assert "| alter | 2 | 1 of 2 | no | 1 |" in outcomes.markdown([seen, unseen])
