import argparse
import json
from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.kernel import gates
from qingkong.kernel.gates import Check, Gate, commands, loading
from qingkong.kernel.gates.asking import in_force
from qingkong.kernel.gates.loading import BadChecks
from qingkong.kernel.gates.models import CheckRow
from qingkong.kernel.text import local, zh

pytestmark = pytest.mark.django_db


def never(subject, at):
    return False


LAW = Check("t.law", Gate.SOURCE, "t.step", zh("没有回执。"), zh("出具回执。"), never, article="甲法第一条")
LOCAL = Check("t.local", Gate.PROCESS, "t.step", zh("没有巡查记录。"), zh("补记。"), never)


@pytest.fixture(autouse=True)
def own(tmp_path, settings):
    """An instance with its own folder, and two checks in it."""
    settings.QINGKONG_HOME = tmp_path
    (tmp_path / "local").mkdir()
    gates.register([LAW, LOCAL])
    yield tmp_path / "local" / "checks.toml"
    for check in (LAW, LOCAL):
        gates.unregister(check.id)


def load(county, at=AT):
    return loading.load(actor=county.system, at=at)


def now(check, at=AT):
    (row,) = in_force([check], on=local(at).date())
    return row


def test_registered_checks_become_rows_once(county):
    assert len([line for line in load(county) if "t.law" in line]) == 1
    assert load(county) == []


def test_a_county_rewords_and_tightens_without_code(county, own):
    load(county)
    own.write_text(
        '[[check]]\nid = "t.local"\nhow = "今天补记，交所长。"\nwaivable_by = "station_head"\n', encoding="utf-8"
    )
    tomorrow = AT + timedelta(days=1)
    (change,) = load(county, tomorrow)
    assert "今天补记" in change
    assert (now(LOCAL, tomorrow).how, now(LOCAL).how) == ("今天补记，交所长。", "补记。")


def test_taking_the_edit_away_brings_back_the_codes_wording(county, own):
    own.write_text('[[check]]\nid = "t.local"\nhow = "改过。"\n', encoding="utf-8")
    load(county)
    own.unlink()
    load(county, AT + timedelta(days=1))
    assert now(LOCAL, AT + timedelta(days=1)).how == "补记。"


def test_a_check_that_leaves_the_code_is_retired_and_kept(county):
    load(county)
    gates.unregister("t.local")
    load(county, AT + timedelta(days=2))
    row = CheckRow.objects.get(check_id="t.local")
    assert row.effective_to == local(AT + timedelta(days=2)).date()
    gates.register([LOCAL])


@pytest.mark.parametrize(
    "text",
    [
        '[[check]]\nid = "t.law"\nblocks = false\n',
        '[[check]]\nid = "t.law"\neffective_to = 2026-12-01\n',
        '[[check]]\nid = "t.law"\nwaivable_by = "officer"\n',
        '[[check]]\nid = "t.nope"\nhow = "x"\n',
        '[[check]]\nid = "t.local"\ncolour = "red"\n',
        '[[check]]\nid = "t.local"\nblocks = "yes"\n',
        '[[check]]\nid = "t.local"\nwaivable_by = "king"\n',
        "[[check",
    ],
)
def test_a_county_cannot_soften_the_law_nor_load_nonsense(county, own, text):
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadChecks):
        load(county)


def test_the_command_lists_the_checks_as_in_force(county, own, capsys):
    parser = argparse.ArgumentParser()
    commands.add_commands(parser.add_subparsers())
    args = parser.parse_args(["gates", "list", "--json"])
    assert args.run(args) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["t.law"]["article"] == "甲法第一条"
    assert rows["t.law"]["blocks"] is True
    args = parser.parse_args(["gates", "list"])
    assert args.run(args) == 0
    assert "没有巡查记录。" in capsys.readouterr().out
