from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Case, TeamMember
from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState
from qingkong.domains.enforcement.cases.rules.teams import TeamRole
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import numbering
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import NotPermitted

pytestmark = pytest.mark.django_db


def rows(county, count):
    lead = county.officers.officer
    for number in range(count):
        criminal = number % 3 == 0
        yield do.Imported(
            kind=CaseKind.CRIMINAL if criminal else CaseKind.ADMINISTRATIVE,
            offence="盗窃" if criminal else "殴打他人",
            unit_id=county.station.pk,
            division_code=build.VILLAGE,
            filed_at=county.at - timedelta(minutes=number),
            state=CaseState.INVESTIGATING,
            team={TeamRole.LEAD: (lead.pk, lead.name, Post.OFFICER)},
        )


def test_each_imported_case_has_its_number_its_lead_and_one_entry(county):
    assert do.import_cases(rows(county, 7), actor=county.system, at=county.at) == 7
    assert sorted(Case.objects.filter(kind="criminal").values_list("number", flat=True)) == [
        f"X2026-{n:06d}" for n in (1, 2, 3)
    ]
    assert all(ledger_acts(case) == ["cases.imported"] for case in Case.objects.all())
    assert TeamMember.objects.count() == 7
    assert queries.cases(actor=county.officer).count() == 7
    assert len(queries.find(actor=county.officer, text="盗窃")) == 3


def test_numbers_go_on_where_an_import_ended(county):
    do.import_cases(rows(county, 7), actor=county.system, at=county.at)
    assert build.case(county).number == "A2026-000005"
    assert numbering.take("X", at=county.at) == "X2026-000004"


def test_only_the_system_imports(county):
    with pytest.raises(NotPermitted):
        do.import_cases(rows(county, 1), actor=county.bureau_leader, at=county.at)


def test_finding_by_title_costs_the_same_at_any_size(county):
    do.import_cases(rows(county, 10), actor=county.system, at=county.at)
    with CaptureQueriesContext(connection) as few:
        queries.find(actor=county.bureau_leader, text="盗窃案")
    do.import_cases(rows(county, 600), actor=county.system, at=county.at)
    with CaptureQueriesContext(connection) as many:
        assert len(queries.find(actor=county.bureau_leader, text="盗窃案")) == 10
    assert len(few) == len(many) <= 3
