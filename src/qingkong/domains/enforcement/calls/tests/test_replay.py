"""A file of calls through the operations: mapping, bad lines, a second run, a run that was cut off."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.calls.models import Call, Response
from qingkong.domains.enforcement.calls.rules import State
from qingkong.domains.enforcement.calls.ways.mapping import BadLine, CannotRead, Line, read_lines, read_mapping
from qingkong.domains.enforcement.calls.ways.replay import Replay
from qingkong.project.cli import main

EXAMPLES = Path(__file__).parents[6] / "docs" / "examples"
MAPPING = """
source = "试"
[file]
encoding = "utf-8"
header = false
columns = ["time", "town", "title", "street"]
[time]
format = "%Y-%m-%d %H:%M"
[call]
time = "{time}"
division = "{town}"
kind = "{title}"
place = "{street}"
what = "{title}"
[[kind]]
title = "THEFT*"
kind = "theft"
result = "case_worthy"
[[kind]]
title = "NOISE"
kind = "nuisance"
[township]
"Shahe" = "370923101"
"Laohu" = "370923106"
"""
GOOD = ["2026-11-10 08:00,Shahe,THEFT: BIKE,Main St", "2026-11-10 09:00,LAOHU,noise,2nd St"]


@pytest.fixture
def mapping(tmp_path):
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    return read_mapping(tmp_path / "map.toml")


def file_of(tmp_path, lines, encoding="utf-8", end="\n"):
    path = tmp_path / "calls.csv"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def play(path, mapping, now=AT):
    return Replay(now=now).run(read_lines(path, mapping))


# --- reading -------------------------------------------------------------------------------------------------


def test_two_identical_lines_are_two_calls_and_keep_their_names_when_read_again(tmp_path, mapping):
    path = file_of(tmp_path, [GOOD[0], GOOD[1], GOOD[0]])
    names = [line.intake.external_number for line in read_lines(path, mapping)]
    assert len(set(names)) == 3
    assert names == [line.intake.external_number for line in read_lines(path, mapping)]


def test_lines_in_another_order_keep_their_names(tmp_path, mapping):
    names = {line.intake.external_number for line in read_lines(file_of(tmp_path, [*GOOD, GOOD[0]]), mapping)}
    turned = file_of(tmp_path, [GOOD[0], GOOD[0], GOOD[1]])
    assert names == {line.intake.external_number for line in read_lines(turned, mapping)}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2026-11-10 08:00,Shahe,THEFT", "3"),
        ("2026-11-10 08:00,Nowhere,THEFT,x", "Nowhere"),
        ("2026-11-10 08:00,Shahe,UFO,x", "UFO"),
        ("2026-13-10 08:00,Shahe,THEFT,x", "2026-13-10"),
        ('2026-11-10 08:00,Shahe,THEFT,"x', "引号"),
        ("2026-11-10 08:00,Shahe,THEFT," + "x" * 30_000, "太长"),
        (",,,", ""),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_others_are_read(tmp_path, mapping, line, says):
    read = list(read_lines(file_of(tmp_path, [GOOD[0], line, GOOD[1]]), mapping))
    assert [type(one) for one in read] == [Line, BadLine, Line]
    assert read[1].number == 2 and says in str(read[1].reason)


def test_three_thousand_lines_with_five_bad_ones_give_the_rest_and_five_numbers(tmp_path, mapping):
    lines = [f"2026-11-10 08:00,Shahe,THEFT,House {n}" for n in range(3000)]
    for position in (0, 17, 999, 1500, 2999):
        lines[position] = "broken"
    read = list(read_lines(file_of(tmp_path, lines, end="\r\n"), mapping))
    assert [line.number for line in read if isinstance(line, BadLine)] == [1, 18, 1000, 1501, 3000]
    assert sum(isinstance(line, Line) for line in read) == 2995


def test_a_line_of_another_encoding_is_bad_and_blank_lines_are_none(tmp_path, mapping):
    path = tmp_path / "calls.csv"
    path.write_bytes(f"{GOOD[0]}\n\n".encode() + "2026-11-10 08:00,Shahe,THEFT,供销社\n".encode("gb18030"))
    read = list(read_lines(path, mapping))
    assert [type(one) for one in read] == [Line, BadLine]
    assert read[1].number == 3


@pytest.mark.parametrize(
    "text",
    ["not toml [", MAPPING.replace('source = "试"', ""), MAPPING.replace("utf-8", "klingon"),
     MAPPING.replace('"case_worthy"', '"solved"'), MAPPING.replace("[call]", '[call]\nname = "x"'),
     MAPPING.replace('format = "%Y-%m-%d %H:%M"', 'format = "%Y"\nzone = "Mars/Olympus"'), ""],
)  # fmt: skip
def test_a_bad_mapping_is_refused_in_a_sentence_that_names_it(tmp_path, text):
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CannotRead) as refused:
        read_mapping(tmp_path / "bad.toml")
    assert "bad.toml" in str(refused.value)


# --- playing -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_line_is_taken_dispatched_stamped_and_closed(tmp_path, mapping, county):
    outcome = play(file_of(tmp_path, [*GOOD, "broken", GOOD[0]]), mapping)
    assert (outcome.read, outcome.taken, outcome.already, outcome.dispatched, outcome.closed) == (4, 3, 0, 3, 3)
    assert [line for line, _ in outcome.refused] == [3] and outcome.held == []
    assert {call.state for call in Call.objects.all()} == {State.CLOSED}
    assert all(r.acknowledged_at and r.departed_at and r.arrived_at and r.reported_at for r in Response.objects.all())
    call = Call.objects.get(place_text="2nd St")
    assert call.kind_id == "nuisance" and call.unit == county.other_station
    assert ledger_acts(call)[0] == "calls.taken" and ledger_acts(call)[-1] == "calls.closed"


@pytest.mark.django_db
def test_a_second_run_changes_nothing(tmp_path, mapping, county):
    path = file_of(tmp_path, [*GOOD, GOOD[0]])
    play(path, mapping)
    before = [ledger_acts(call) for call in Call.objects.order_by("number")]
    outcome = play(path, mapping, now=AT + timedelta(days=3))
    assert (outcome.taken, outcome.already, outcome.closed, outcome.operations) == (0, 3, 0, 3)
    assert [ledger_acts(call) for call in Call.objects.order_by("number")] == before


@pytest.mark.django_db
@pytest.mark.parametrize("operations_done", range(1, 14))
def test_a_run_that_was_cut_off_is_carried_on_where_it_stopped(tmp_path, mapping, county, operations_done):
    class CutOff(Exception):
        pass

    class Short(Replay):
        def _timed(self, step, operation, **arguments):
            if self.outcome.operations == operations_done:
                raise CutOff
            return super()._timed(step, operation, **arguments)

    path = file_of(tmp_path, GOOD)
    with pytest.raises(CutOff):
        Short(now=AT).run(read_lines(path, mapping))
    outcome = play(path, mapping)
    assert outcome.read == outcome.taken + outcome.already == 2
    assert outcome.held == []
    for call in Call.objects.all():
        assert call.state == State.CLOSED
        acts = [act for act in ledger_acts(call) if act.startswith("calls.")]
        assert len(acts) == len(set(acts)) == 7


@pytest.mark.django_db
def test_a_call_later_than_now_is_refused(tmp_path, mapping, county):
    outcome = play(file_of(tmp_path, ["2027-01-01 00:00,Shahe,THEFT,x"]), mapping)
    assert outcome.taken == 0 and [line for line, _ in outcome.refused] == [1]


@pytest.mark.django_db
def test_where_nobody_serves_the_call_is_taken_and_the_line_says_why_it_stopped(tmp_path, mapping, county):
    other = MAPPING.replace('"Laohu" = "370923106"', '"Laohu" = "370923206"')
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    outcome = play(file_of(tmp_path, GOOD), read_mapping(tmp_path / "other.toml"))
    assert (outcome.taken, outcome.closed) == (2, 1)
    assert [line for line, _ in outcome.held] == [2]


# --- the command ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_prints_json_for_scripts_and_reasons_for_people(county, capsys):
    files = [str(EXAMPLES / "calls_small.csv"), "--mapping", str(EXAMPLES / "calls_small.toml"), "--json"]
    assert main(["calls", "replay", *files]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["read"], told["taken"], told["already"]) == (11, 8, 1)
    assert [one["line"] for one in told["refused"]] == [11, 12]
    assert told["seconds"] > 0
    assert "第 11 行" in printed.err


def test_a_missing_file_is_wrong_use_and_says_which(capsys, tmp_path):
    mapping = str(EXAMPLES / "calls_small.toml")
    assert main(["calls", "replay", str(tmp_path / "none.csv"), "--mapping", mapping]) == 2
    assert "none.csv" in capsys.readouterr().err


def test_a_bad_mapping_ends_with_one_and_a_sentence(capsys, tmp_path):
    (tmp_path / "bad.toml").write_text("= nonsense")
    assert main(["calls", "replay", str(EXAMPLES / "calls_small.csv"), "--mapping", str(tmp_path / "bad.toml")]) == 1
    assert "bad.toml" in capsys.readouterr().err


def test_an_impossible_speed_is_wrong_use(tmp_path):
    files = [str(EXAMPLES / "calls_small.csv"), "--mapping", str(EXAMPLES / "calls_small.toml")]
    with pytest.raises(SystemExit) as ended:
        main(["calls", "replay", *files, "--speed", "0"])
    assert ended.value.code == 2


def test_the_mapping_of_the_real_file_names_kinds_and_places_that_exist():
    table = read_mapping(EXAMPLES / "montgomery.toml")
    assert len(table.townships) == 67 and len(set(table.townships.values())) == 14
    assert table.kind_of("EMS: ASSAULT VICTIM").kind == "assault"
    assert table.kind_of("Traffic: VEHICLE ACCIDENT -").kind == "traffic_accident"
    assert table.kind_of("Burglary") is None
