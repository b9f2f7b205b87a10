from datetime import date, datetime
from uuid import uuid4

import pytest

from qingkong.conftest import AT
from qingkong.kernel import clocks
from qingkong.kernel.clocks import limits, loading
from qingkong.kernel.clocks.limits import BadLimits
from qingkong.kernel.clocks.models import Clock, TimeLimit
from qingkong.kernel.text import TZ

pytestmark = pytest.mark.django_db

NOTICE_2027 = """
[[year]]
year = 2027
notice = "国办发明电〔2026〕9号"
read = true
holidays = [{ festival = "new_year", from = 2027-01-01, to = 2027-01-05 }]
workdays = []
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The county's own data folder."""
    monkeypatch.setattr(loading, "local_folder", lambda: tmp_path)
    return tmp_path


def test_loading_again_changes_nothing(county, own):
    assert loading.load(actor=county.system, at=AT) == []


def test_every_row_of_the_data_is_a_row_of_the_database_and_reads_back_the_same(county):
    assert {(row.code, row.effective_from): row.limit for row in TimeLimit.objects.all()} == {
        (limit.id, limit.effective_from): limit for limit in limits.packaged().limits
    }


def test_a_county_sets_its_own_standard_and_the_change_is_told(county, own):
    (own / "time_limits.toml").write_text(
        '[[local]]\nid = "LA-03"\namount = 30\nunit = "minutes"\nsource = "本地标准：东平"\n', encoding="utf-8"
    )
    changes = loading.load(actor=county.system, at=AT)
    assert changes
    assert all("LA-03" in change for change in changes)
    assert clocks.limit_in_force("LA-03", at=AT).limit.local.amount == 30


def test_a_county_cannot_load_a_file_that_makes_no_sense(county, own):
    (own / "time_limits.toml").write_text("[[limit]]\nid = 'X'\n", encoding="utf-8")
    with pytest.raises(BadLimits, match="X"):
        loading.load(actor=county.system, at=AT)


def test_a_published_year_moves_the_clocks_that_were_predicted(county, own):
    case = f"cases.case:{uuid4()}"
    begun = datetime(2026, 12, 29, 9, tzinfo=TZ)
    clocks.start("LA-10", subject=case, at=begun, actor=county.officer, unit_id=county.station.pk)
    before = Clock.objects.get(subject_key=case)
    assert before.predicted
    assert before.due_at == datetime(2027, 1, 5, tzinfo=TZ)  # Friday 1 January off, then the weekend, then Monday

    (own / "working_calendar.toml").write_text(NOTICE_2027, encoding="utf-8")
    changes = loading.load(actor=county.system, at=AT)
    after = Clock.objects.get(subject_key=case)
    assert any("国办发明电〔2026〕9号" in change for change in changes)
    assert any("1 个正在计算的期限" in change for change in changes)
    assert not after.predicted
    assert after.due_at == datetime(2027, 1, 7, tzinfo=TZ)


def test_a_version_that_leaves_the_file_stays_for_the_clocks_that_run_on_it(county, own):
    TimeLimit.objects.create(
        code="OLD-1", name="旧", name_en="old", law="旧法", amount=3, unit="days", sure="M", source="MEM",
        effective_from=date(2020, 1, 1), facts={},
    )  # fmt: skip
    loading.load(actor=county.system, at=AT)
    assert TimeLimit.objects.filter(code="OLD-1").exists()
