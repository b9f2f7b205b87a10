import json
from datetime import UTC, datetime

import pytest

from qingkong.kernel import places
from qingkong.kernel.places.loading import CannotLoad
from qingkong.kernel.places.outline import county_outline, holds
from qingkong.project.cli import main

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HEAD = "code,name,parent,level\n"


def test_all_733_divisions_are_loaded(no_divisions):
    assert places.load(actor=None, at=AT) == ["区划新增 733 条"]
    assert places.Division.objects.count() == 733
    assert places.Division.objects.filter(level=places.Level.VILLAGE).count() == 716


def test_loading_twice_changes_nothing(divisions):
    aliases = places.Alias.objects.count()
    assert places.load(actor=None, at=AT) == []
    assert places.Alias.objects.count() == aliases


def test_a_renamed_division_is_said_and_found_under_its_new_name(divisions, tmp_path):
    old = places.loading.FILE.read_text()
    file = tmp_path / "new.csv"
    file.write_text(old.replace("前河涯村委会", "新河涯村委会"))
    assert places.load(actor=None, at=AT, file=file) == ["区划 370923101247 前河涯村委会 → 新河涯村委会"]
    assert places.find("新河涯").candidates[0].code == "370923101247"
    assert places.find("前河涯村").certain is False


def test_a_division_that_is_gone_from_the_file_stays(divisions, tmp_path):
    file = tmp_path / "less.csv"
    file.write_text("".join(line for line in places.loading.FILE.open() if "前河涯" not in line))
    assert places.load(actor=None, at=AT, file=file) == ["区划 370923101247 前河涯村委会 不在新文件中，仍保留"]
    assert places.Division.objects.count() == 733


@pytest.mark.usefixtures("no_divisions")
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("x,y,,province\n", 2),
        ("37,山东省,,country\n", 2),
        ("37,山东省,,province\n37,山东,,province\n", 3),
        ("3709,泰安市,37,city\n", 2),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(tmp_path, rows, line):
    file = tmp_path / "bad.csv"
    file.write_text(HEAD + rows)
    with pytest.raises(CannotLoad, match=f"第 {line} 行"):
        places.load(actor=None, at=AT, file=file)
    assert not places.Division.objects.exists()


def test_good_coordinates_are_taken_and_bad_lines_are_listed(divisions):
    lines = ["code,longitude,latitude", "370923101247,116.4,35.9", "1,116,35", "370923101,abc,35", "370923101,0,0"]
    taken, refused = places.load_coordinates(lines, source="县自然资源和规划局", actor=None, at=AT)
    assert taken == 1
    assert ["第 3 行" in str(refused[0]), "第 4 行" in str(refused[1]), "第 5 行" in str(refused[2])] == [True] * 3
    assert places.coordinates(["370923101247"]) == {"370923101247": places.Point(116.4, 35.9, invented=False)}


def test_invented_points_lie_in_the_county_say_so_and_are_the_same_each_time(divisions):
    assert places.invent_coordinates(seed=7, actor=None, at=AT) == 730
    first = _all_points()
    places.invent_coordinates(seed=7, actor=None, at=AT)
    assert _all_points() == first
    assert all(holds(county_outline(), p.longitude, p.latitude) and p.invented for p in first.values())
    assert len({(p.longitude, p.latitude) for p in first.values()}) > 700


def test_an_invented_point_never_replaces_a_real_one(divisions):
    places.load_coordinates(["code,longitude,latitude", "370923101247,116.4,35.9"], source="县", actor=None, at=AT)
    places.invent_coordinates(seed=7, actor=None, at=AT)
    assert not places.coordinates(["370923101247"])["370923101247"].invented


def _all_points():
    return places.coordinates(places.Division.objects.values_list("code", flat=True))


def test_the_command_prints_candidates_as_json(divisions, capsys):
    assert main(["places", "find", "王庄", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["certain"] is False
    assert {"code", "name", "level"} <= answer["candidates"][0].keys()
    assert main(["places", "find", "沙河站", "前河涯", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["certain"] is True
