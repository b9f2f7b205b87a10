import csv
from collections import Counter

import pytest

from qingkong.kernel import places
from qingkong.kernel.places.loading import FILE
from qingkong.kernel.places.names import shown

pytestmark = pytest.mark.usefixtures("divisions")

QIANHEYA = "370923101247"
ROWS = list(csv.DictReader(FILE.open()))
VILLAGES = [row for row in ROWS if row["level"] == "village"]
TOWNSHIPS = {row["code"]: row["name"] for row in ROWS if row["level"] == "township"}


@pytest.mark.parametrize(
    "text",
    [
        "沙河站镇前河涯村",
        "沙河站 前河涯",
        "沙河站前河涯村委会",
        "沙河站镇　前河涯村",
        "东平县沙河站镇前河涯村",
        "山东省泰安市东平县沙河站镇前河涯村",
        "沙河站镇前河涯村 村委会门前",
        "沙河站镇前河涯村东头小卖部",
        "前河涯村",
        "前河涯",
        "shahezhan qianheya",
        "ShaHeZhanZhen QianHeYaCun",
        "qianheya",
    ],
)
def test_one_village_written_in_any_usual_way_is_found_for_certain(text):
    found = places.find(text)
    assert found.certain
    assert found.candidates[0].code == QIANHEYA
    assert found.candidates[0].full_name == "沙河站镇前河涯村"


def test_every_village_is_found_by_its_township_and_name():
    wrong = [v["name"] for v in VILLAGES if not _sure(f"{TOWNSHIPS[v['parent']]}{shown(v['name'])}", v["code"])]
    assert wrong == []


def test_every_official_name_with_its_township_is_found():
    wrong = [v["name"] for v in VILLAGES if not _sure(f"{TOWNSHIPS[v['parent']]} {v['name']}", v["code"])]
    assert wrong == []


def _sure(text, code):
    found = places.find(text)
    return found.certain and found.candidates[0].code == code


def test_no_shared_name_is_guessed_without_its_township():
    names = Counter(v["name"] for v in VILLAGES)
    shared = {name: count for name, count in names.items() if count > 1}
    assert sum(shared.values()) == 97
    for name, count in shared.items():
        found = places.find(shown(name))
        assert not found.certain
        assert [shown(c.name) for c in found.candidates[:count]] == [shown(name)] * count


def test_within_a_township_a_shared_name_is_certain():
    village = next(v for v in VILLAGES if v["name"] == "王庄村委会")
    found = places.find("王庄村", within=village["parent"])
    assert found.certain
    assert found.candidates[0].code == village["code"]


def test_every_township_is_found_with_its_kind():
    for code, name in TOWNSHIPS.items():
        assert _sure(name, code)


def test_a_short_name_that_township_and_village_share_gives_both():
    found = places.find("老湖")
    assert not found.certain
    assert [c.level for c in found.candidates[:2]] == ["township", "village"]


def test_a_township_and_no_village_gives_the_township():
    found = places.find("沙河站镇政府对面")
    assert found.certain
    assert found.candidates[0].code == "370923101"


def test_a_village_that_the_named_township_does_not_have_is_not_certain():
    found = places.find("老湖镇前河涯村")
    assert not found.certain
    assert {c.code for c in found.candidates} >= {"370923106", QIANHEYA}


def test_part_of_a_name_is_never_certain():
    found = places.find("前河")
    assert not found.certain
    assert found.candidates[0].code == QIANHEYA
    assert not places.find("沙河站镇前河").certain


def test_initials_give_candidates_only():
    found = places.find("qhy")
    assert not found.certain
    assert QIANHEYA in [c.code for c in found.candidates]


def test_the_longest_name_wins_in_its_township():
    found = places.find("旧县乡旧县一村", limit=3)
    assert found.certain
    assert found.candidates[0].code == "370923208201"


@pytest.mark.parametrize("text", ["", "   ", "，。", "北京市朝阳区", "🚓", "x" * 5000, "%_'\";--", "\x00"])
def test_anything_else_is_found_nowhere_and_harms_nothing(text):
    assert not places.find(text).certain


def test_the_limit_is_kept():
    assert len(places.find("庄", limit=3).candidates) == 3


def test_full_names_stand_for_codes():
    assert places.full_name(QIANHEYA) == "沙河站镇前河涯村"
    assert places.full_name("370923101") == "沙河站镇"
    assert places.full_name("999") == "999"
    assert places.township_of(QIANHEYA) == "370923101"


def test_finding_asks_the_database_once(django_assert_max_num_queries):
    places.find("前河涯")
    with django_assert_max_num_queries(1):
        places.find("沙河站镇前河涯村")
