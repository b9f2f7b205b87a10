"""`qingkong check` says what is there, and how to put right what isn't."""

import json

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from qingkong.conftest import AT
from qingkong.project import checking
from qingkong.project.cli import main

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def found(results, what):
    return next(one for one in results if one.what == what)


def test_a_machine_without_an_instance_is_told_how_to_make_one(settings, tmp_path, capsys):
    settings.INSTANCE = type("None_", (), {"made": False})()
    settings.QINGKONG_HOME = tmp_path
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "还没有建立" in said and "make run" in said and "Traceback" not in said


def test_what_is_right_says_what_was_seen_and_no_remedy(settings, tmp_path, capsys):
    settings.INSTANCE = type("Made", (), {"made": True})()
    settings.QINGKONG_HOME = tmp_path
    (tmp_path / "data").mkdir()
    results = checking.check(at=AT)
    assert found(results, "文件夹 data").ok and not found(results, "文件夹 vault").ok
    main(["check"])
    lines = {line.split("：")[0][2:]: line for line in capsys.readouterr().err.splitlines() if "：" in line}
    assert "要存在" not in lines["文件夹 data"] and "要存在，并且能写" in lines["文件夹 vault"]


def test_the_machine_readable_answer_has_the_remedy_of_what_is_wrong_alone(settings, tmp_path, capsys):
    settings.INSTANCE = type("Made", (), {"made": True})()
    settings.QINGKONG_HOME = tmp_path
    main(["check", "--json"])
    results = json.loads(capsys.readouterr().out)
    assert all(("how" in one) <= (not one["ok"]) for one in results)
    assert found([type("R", (), one)() for one in results], "文件夹 data").how


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the application's role may not forget a step")
def test_a_step_of_the_tables_that_is_not_applied_is_counted_by_name():
    assert checking.not_applied() == []
    MigrationRecorder(connection).record_unapplied("calls", "0001_initial")
    assert checking.not_applied() == ["calls.0001_initial"]
