"""One person's data: sealed in the database, opened only by a look, each look entered (G3, G4, G5, G18)."""

from datetime import timedelta

import pytest
from django.db import connection

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.cases import operations as cases
from qingkong.domains.enforcement.cases.queries import Report
from qingkong.domains.enforcement.cases.rules.states import Nature
from qingkong.kernel import access
from qingkong.kernel.access import Purpose
from qingkong.kernel.access.looks import LASTS, CannotLook
from qingkong.kernel.access.sealed import CannotOpen, Tampered
from qingkong.kernel.refusals import NotPermitted

NAME, PHONE = "演示钱某", "19900000001"


def register(county, name=NAME, phone=PHONE):
    return cases.register_report(
        nature=Nature.PUBLIC_ORDER,
        subject="自行车被盗",
        reporter=cases.Reporter(name=name, phone=phone),
        actor=county.window,
        at=AT,
    )


@pytest.fixture
def report(county):
    return register(county)


def look(county, report, *, actor=None, purpose=Purpose.HANDLING, reference=None, at=AT):
    return access.look(
        actor=actor or county.window, subject=report, purpose=purpose, reference=reference or report.number, at=at
    )


def test_neither_name_nor_phone_stands_in_the_database_or_in_a_printed_value(report):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_report")
        row = str(cursor.fetchall())
    assert NAME not in row and PHONE not in row
    fresh = report.fresh()
    assert NAME not in f"{fresh.reporter_name} {fresh.reporter_name!r}" and str(fresh.reporter_name) == "已封存"


def test_a_look_opens_and_is_entered_once_for_its_minutes(county, report):
    first = look(county, report)
    assert report.fresh().reporter_name.open(first) == NAME
    look(county, report, at=AT + LASTS - timedelta(seconds=1))
    assert ledger_acts(report).count("access.looked") == 1
    look(county, report, at=AT + LASTS)
    assert ledger_acts(report).count("access.looked") == 2


def test_a_look_at_one_record_opens_no_other(county, report):
    other = register(county, "演示孙某", "19900000002")
    with pytest.raises(CannotOpen):
        other.fresh().reporter_name.open(look(county, report))


@pytest.mark.parametrize("reference", ["B2026-999999", "", "anything", "J2026-000001"])
def test_an_invented_or_empty_reference_opens_nothing(county, report, reference):
    with pytest.raises(CannotLook):
        access.look(actor=county.window, subject=report, purpose=Purpose.HANDLING, reference=reference, at=AT)
    assert "access.looked" not in ledger_acts(report)


def test_another_station_the_administrator_and_the_supervisor_open_nothing(county, report):
    for actor in (county.stranger, county.strange_head, county.administrator, county.supervisor, county.dispatcher):
        with pytest.raises(NotPermitted):
            look(county, report, actor=actor)


def test_the_system_opens_only_to_notify(county, report):
    with pytest.raises(CannotLook):
        look(county, report, actor=county.system)
    assert report.reporter_phone.open(look(county, report, actor=county.system, purpose=Purpose.NOTIFYING)) == PHONE


def test_a_ciphertext_moved_to_another_row_does_not_open(county, report):
    other = register(county, "演示孙某", "19900000002")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reporter_name FROM cases_report WHERE number = %s", [other.number])
        stolen = cursor.fetchone()[0]
        cursor.execute("UPDATE cases_report SET reporter_name = %s WHERE number = %s", [stolen, report.number])
    with pytest.raises(Tampered):
        report.fresh().reporter_name.open(look(county, report))


def test_a_sealed_value_is_not_copied_to_another_record(county, report):
    other = register(county, "演示孙某", "19900000002")
    with pytest.raises(TypeError):
        other.reporter_name = report.reporter_name


@pytest.mark.parametrize("typed", ["199 0000 0001", "+8619900000001", "１９９０００００００１", "199-0000-0001"])
def test_an_exact_identifier_is_found_however_it_is_written(report, typed):
    assert Report.objects.filter(reporter_phone_digest=access.digest("phone", typed)).get() == report


@pytest.mark.parametrize("part", ["1990000000", "9900000001", "%", "19900000002"])
def test_a_part_of_an_identifier_finds_nobody(report, part):
    assert not Report.objects.filter(reporter_phone_digest=access.digest("phone", part)).exists()
