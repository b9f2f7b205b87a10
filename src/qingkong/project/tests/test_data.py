"""Loading data says what it changed, enters it, and changes nothing the second time."""

from qingkong.conftest import AT
from qingkong.kernel import ledger
from qingkong.project import data


def test_a_second_load_changes_nothing_and_enters_nothing(county):
    before = len(ledger.timeline("project:data"))
    assert before == 1  # the county's own load
    assert data.load(actor=county.system, at=AT) == []
    assert len(ledger.timeline("project:data")) == before


def test_a_unit_that_is_missing_is_made_and_said(county):
    from qingkong.kernel.identity.models import Unit
    from qingkong.project.county import load

    assert load(actor=county.system, at=AT) == []
    assert Unit.objects.filter(kind="station").count() == 14
