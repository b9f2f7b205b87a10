"""Rows and entries agree both ways: each write is sealed by the entry it goes with, and a row changed besides is named."""

import json
from contextlib import nullcontext
from datetime import date
from uuid import UUID

import pytest
from django.db import connection, transaction

from qingkong.conftest import as_owner
from qingkong.kernel import access, ledger
from qingkong.kernel.access.accounts import appoint, make_account
from qingkong.kernel.identity.models import Appointment, Officer, Unit
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.ledger import sealing
from qingkong.kernel.ledger.adopting import adopt
from qingkong.kernel.ledger.models import Entry, Facts
from qingkong.kernel.ledger.tests.building import AT

ADMIN = access.system("tests")
pytestmark = pytest.mark.usefixtures("county")


@pytest.fixture
def officer() -> Officer:
    return make_account(username="S900", name="示例封", actor=ADMIN, at=AT)


def named() -> set[tuple[str, str, str, str]]:
    return {(one.kind, one.table, one.row, one.column) for one in ledger.agreement().problems}


def sql(statement: str, *values: object) -> None:
    with nullcontext() if connection.in_atomic_block else as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, [key(value) for value in values])


def key(value: object) -> object:
    return value.hex if isinstance(value, UUID) and connection.vendor == "sqlite" else value


def test_what_was_loaded_and_appointed_agrees_with_what_was_entered(officer):
    report = ledger.agreement()
    assert (report.ok, report.problems) == (True, [])
    assert report.entries > 1000  # divisions, limits, units, officers


def test_a_column_changed_in_the_database_is_named(officer):
    sql("UPDATE identity_officer SET name = '别人' WHERE id = %s", officer.pk)
    assert named() == {("altered", "identity_officer", officer.pk.hex, "name")}


def test_a_deleted_row_and_an_added_row_are_named(officer):
    sql("UPDATE identity_officer SET id = %s WHERE id = %s", Entry().pk, officer.pk)
    found = named()
    assert ("missing", "identity_officer", officer.pk.hex, "") in found
    assert {kind for kind, *_ in found} == {"missing", "inserted"}


def test_two_rows_with_their_values_swapped_are_both_named(officer):
    other = make_account(username="S901", name="示例存", actor=ADMIN, at=AT)
    for one, name in ((officer, other.name), (other, officer.name)):
        sql("UPDATE identity_officer SET name = %s WHERE id = %s", name, one.pk)
    assert {row for _, _, row, _ in named()} == {officer.pk.hex, other.pk.hex}


def test_a_row_put_back_to_what_it_was_before_is_named(officer):
    unit = Unit.objects.get(code="104")
    appointed = appoint(officer=officer, unit=unit, post=Post.OFFICER, since=date(2026, 1, 1), actor=ADMIN, at=AT)
    with transaction.atomic():
        Appointment.objects.filter(pk=appointed.pk).update(until_on=date(2026, 11, 1))
        ledger.record(actor=ADMIN, at=AT, act="identity.appointed", subject=appointed)
    assert ledger.agreement().ok
    sql("UPDATE identity_appointment SET until_on = NULL WHERE id = %s", appointed.pk)
    assert named() == {("altered", "identity_appointment", appointed.pk.hex, "until_on")}


def test_an_alteration_that_an_honest_act_came_over_is_still_named(officer):
    sql("UPDATE identity_officer SET name = '别人' WHERE id = %s", officer.pk)
    row = Officer.objects.get(pk=officer.pk)
    row.is_active = False
    with transaction.atomic():
        row.save()  # writes the altered name too
        ledger.record(actor=ADMIN, at=AT, act="identity.account_closed", subject=row)
    assert ("altered", "identity_officer", officer.pk.hex, "name") in named()


def test_an_alteration_put_right_after_an_honest_act_is_still_named(officer):
    sql("UPDATE identity_officer SET name = '别人' WHERE id = %s", officer.pk)
    row = Officer.objects.get(pk=officer.pk)
    row.is_active = False
    with transaction.atomic():
        row.save(update_fields=["is_active"])
        ledger.record(actor=ADMIN, at=AT, act="identity.account_closed", subject=row)
    sql("UPDATE identity_officer SET name = %s WHERE id = %s", officer.name, officer.pk)
    assert named() == {("altered", "identity_officer", officer.pk.hex, "")}


def test_what_is_written_after_the_last_entry_is_entered_before_the_commit(transactional_db, officer):
    with transaction.atomic():
        ledger.record(actor=ADMIN, at=AT, act="identity.account_reopened", subject=officer)
        Officer.objects.filter(pk=officer.pk).update(name="示例后")
    last = Entry.objects.order_by("-id").first()
    assert (last.act, last.subject, last.at) == (sealing.ACT, sealing.SUBJECT, AT)
    assert ledger.agreement().ok
    assert ledger.verify().ok


def test_a_row_written_outside_any_transaction_is_entered_at_once(transactional_db, officer):
    officer.name = "示例外"
    officer.save()
    assert Entry.objects.order_by("-id").first().act == sealing.ACT
    assert ledger.agreement().ok


def test_a_change_that_was_rolled_back_leaves_no_seal(transactional_db, officer):
    before = Entry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Officer.objects.filter(pk=officer.pk).update(name="示例无")
        raise ZeroDivisionError
    with transaction.atomic():
        ledger.record(actor=ADMIN, at=AT, act="identity.account_reopened", subject=officer)
    assert Entry.objects.count() == before + 1
    assert not Facts.objects.filter(entry__act="identity.account_reopened", entry__subject=officer.subject_key).exists()
    assert ledger.agreement().ok


def test_a_deleted_row_that_comes_back_is_named(officer):
    kept = Unit.objects.create(code="999", name="示例所", short="例", kind="station")
    with transaction.atomic():
        ledger.record(actor=ADMIN, at=AT, act="identity.unit_made", subject=kept)
        gone = kept.pk
        kept.delete()
        ledger.record(actor=ADMIN, at=AT, act="identity.unit_made", subject=f"identity.unit:{gone}")
    assert ledger.agreement().ok
    sql(
        "INSERT INTO identity_unit (id, code, name, short, kind, division_code, phone)"
        " VALUES (%s, '999', '示例所', '例', 'station', '', '')",
        gone,
    )
    assert named() == {("inserted", "identity_unit", gone.hex, "")}


def test_a_seal_altered_with_its_row_is_named_by_verify(transactional_db, officer):
    ledger.integrate()
    entry = Entry.objects.get(subject=officer.subject_key, act="identity.account_made")
    salt = bytes(entry.facts.salt)
    sql("DROP TRIGGER ledger_facts_only_erased" + ("" if connection.vendor == "sqlite" else " ON ledger_facts"))
    sql("UPDATE ledger_facts SET salt = %s WHERE entry_id = %s", salt[:-1] + bytes([salt[-1] ^ 1]), entry.pk)
    assert ("altered", "ledger_facts", str(entry.pk)) in {(p.kind, p.table, p.row) for p in ledger.verify().problems}


def test_facts_that_are_disclosed_tell_nothing_of_the_seals(transactional_db, officer):
    from qingkong_verify.proofs import check_proof

    ledger.integrate()
    entry = Entry.objects.get(subject=officer.subject_key, act="identity.account_made")
    proof = ledger.prove(entry, with_facts=True)
    assert len(bytes(entry.facts.salt)) > 32
    assert len(proof["facts"]["salt"]) == 44  # 32 bytes
    assert check_proof(json.dumps(proof), [ledger.vkey()]).facts is not None


def test_seals_stay_when_the_facts_beside_them_are_erased_by_law(county, transactional_db, officer):
    entry = Entry.objects.get(subject=officer.subject_key, act="identity.account_made")
    ledger.erase_facts(
        entry, ground="个人信息保护法第四十七条", actor=county.inspector, second=county.legal_section, at=AT
    )
    assert ledger.agreement().ok
    sql("UPDATE identity_officer SET name = '别人' WHERE id = %s", officer.pk)
    assert named() == {("altered", "identity_officer", officer.pk.hex, "name")}
    assert ledger.verify().ok


def test_rows_of_a_table_nobody_sealed_are_adopted_once_and_a_row_slipped_in_later_is_not(transactional_db, officer):
    sql("DROP TRIGGER ledger_facts_only_erased" + ("" if connection.vendor == "sqlite" else " ON ledger_facts"))
    sql("UPDATE ledger_facts SET salt = %s WHERE length(salt) > 32", b"0" * 32)  # as a release before seals left it
    assert {kind for kind, *_ in named()} == {"unsealed"}
    assert adopt(actor=ADMIN, at=AT) == ledger.agreement().entries
    assert ledger.agreement().ok
    sql("UPDATE identity_officer SET id = %s WHERE id = %s", Entry().pk, officer.pk)
    assert adopt(actor=ADMIN, at=AT) == 0
    assert {kind for kind, *_ in named()} == {"missing", "inserted"}
