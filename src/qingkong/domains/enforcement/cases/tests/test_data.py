import tomllib
from pathlib import Path

import pytest

from qingkong.domains.enforcement.cases import loading
from qingkong.domains.enforcement.cases.models import Ground, PaperForm, PowerRow
from qingkong.domains.enforcement.cases.policy.acts import STATUTORY
from qingkong.domains.enforcement.cases.rules.deciding import PenaltyKind
from qingkong.domains.enforcement.cases.rules.ending import Needs
from qingkong.domains.enforcement.cases.rules.matters import Matter
from qingkong.kernel.identity.posts import Post, UnitKind


def rows(name, table):
    return tomllib.loads((loading.DATA / name).read_text())[table]


def test_every_power_names_a_matter_posts_and_a_kind_of_unit_that_exist():
    for row in rows("powers.toml", "power"):
        Matter(row["matter"])
        assert {Post(post) for post in row["posts"]}
        assert row["unit"] == "*" or UnitKind(row["unit"])
        assert row.get("penalty") is None or PenaltyKind(row["penalty"])
        assert row["status"] in "SPML"


def test_every_matter_has_somebody_with_the_power_in_a_stations_case_and_in_a_brigades():
    for matter in set(Matter) - {Matter.CONVERT}:
        for unit in ("station", "brigade"):
            assert [r for r in rows("powers.toml", "power") if r["matter"] == matter and r["unit"] in ("*", unit)], (
                matter,
                unit,
            )


def test_the_closing_grounds_are_the_five_of_article_258():
    close = [r for r in rows("grounds.toml", "ground") if r["matter"] == "close"]
    assert [r["item"] for r in close] == [1, 2, 3, 4, 5]
    assert {r["article"] for r in close} == {258}
    assert {Needs(r["needs"]) for r in close} == set(Needs)


def test_every_statutory_paper_has_its_form_and_every_form_its_paper():
    assert {f"cases.{r['kind']}" for r in rows("papers.toml", "paper")} == set(STATUTORY)


def test_arrows_of_the_flow_chart_lead_from_box_to_box():
    flow = tomllib.loads((loading.DATA / "flow.toml").read_text())
    boxes = {box["id"] for box in flow["box"]}
    assert {arrow[end] for arrow in flow["arrow"] for end in ("from", "to")} == boxes


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_a_changed_amount_is_said(county, tmp_path):
    assert loading.load(actor=county.system, at=county.at) == []
    for file in loading.DATA.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text().replace("up_to_fen = 100000", "up_to_fen = 200000"))
    assert loading.load(actor=county.system, at=county.at, folder=tmp_path) == [
        "PowerRow penalty-station-fine 更改 up_to_fen"
    ]
    assert PowerRow.objects.get(code="penalty-station-fine").up_to_fen == 200_000


@pytest.mark.django_db
def test_a_row_without_its_article_is_refused_with_its_place(county, tmp_path):
    for file in loading.DATA.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "grounds.toml").write_text(
        '[[ground]]\nid = "x"\nmatter = "close"\ntext = "随意"\nlaw = "某法"\nstatus = "L"\n'
    )
    with pytest.raises(loading.CannotLoad) as refused:
        loading.load(actor=county.system, at=county.at, folder=tmp_path)
    assert str(refused.value) == "grounds.toml 第 1 项缺少 article。"


@pytest.mark.django_db
def test_a_ground_is_written_with_article_and_item(county):
    assert Ground.objects.get(code="258-3").article == "公安机关办理行政案件程序规定第二百五十八条第（三）项"
    assert PaperForm.objects.get(code="penalty").article == "治安管理处罚法第一百一十五条"


def test_no_amount_of_the_law_stands_in_the_rules():
    source = "".join(p.read_text() for p in (Path(loading.__file__).parent / "rules").glob("*.py"))
    assert not [n for n in ("100000", "100_000", "400000", "400_000", "1000") if n in source]
