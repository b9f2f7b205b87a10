import argparse
import json

import pytest

from qingkong.kernel.clocks import commands


@pytest.fixture
def qingkong(capsys):
    parser = argparse.ArgumentParser()
    commands.add_commands(parser.add_subparsers())

    def run(*argv):
        try:
            args = parser.parse_args(["clocks", *argv])
            status = args.run(args)
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_explain_prints_the_due_instant_and_each_step(qingkong):
    status, out, _ = qingkong("explain", "LA-04", "--from", "2026-02-13T16:30")
    assert status == 0
    assert out.splitlines()[-1] == "2026-02-25T00:00:00+08:00"
    assert "春节" in out


def test_explain_as_json(qingkong):
    status, out, _ = qingkong("explain", "LA-04", "--from", "2026-02-13T16:30", "--held", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["due"] == "2026-02-17T00:00:00+08:00"
    assert any("不因节假日延长" in step for step in answer["steps"])


def test_an_offset_is_obeyed_and_none_means_the_county(qingkong):
    _, ours, _ = qingkong("explain", "LA-10", "--from", "2026-11-24T07:00", "--json")
    _, utc, _ = qingkong("explain", "LA-10", "--from", "2026-11-23T23:00Z", "--json")
    assert json.loads(ours)["due"] == json.loads(utc)["due"] == "2026-11-28T00:00:00+08:00"


def test_suspensions_may_be_given_more_than_once(qingkong):
    spans = ["--suspended", "2026-06-02..2026-06-04", "--suspended", "2026-06-05T00:00..2026-06-06T00:00"]
    _, out, _ = qingkong("explain", "XZ-07", "--from", "2026-06-01", *spans, "--held", "--json")
    assert json.loads(out)["due"] == "2026-07-05T00:00:00+08:00"


def test_a_local_standard_says_that_it_is_not_the_law(qingkong):
    status, out, _ = qingkong("explain", "LA-03", "--from", "2026-02-13T16:30")
    assert status == 0
    assert "不是法定期限" in out


def test_english_steps(qingkong):
    _, out, _ = qingkong("explain", "LA-04", "--from", "2026-02-13T16:30", "--lang", "en")
    assert "Spring Festival" in out
    assert "是春节" not in out


@pytest.mark.parametrize(
    ("argv", "status", "says"),
    [
        (["NOPE", "--from", "2026-01-01"], 1, "没有编号"),
        (["XZ-03", "--from", "2026-02-01"], 1, "没有可以计算"),
        (["XZ-07", "--from", "2010-02-01"], 1, "尚未施行"),
        (["XZ-07", "--from", "yesterday"], 2, "不是时间"),
        (["XZ-07", "--from", "2026-02-30"], 2, "不是时间"),
        (["XZ-07", "--from", "9999-12-31"], 2, "年份"),
        (["XZ-07", "--from", "2026-01-01", "--suspended", "2026-02-01"], 2, "起止"),
        (["XZ-07", "--from", "2026-01-01", "--suspended", "2026-02-05..2026-02-01"], 2, "结束"),
        (["XZ-07", "--from", "2026-01-01", "--suspended", "..2026-02-01"], 2, "不是时间"),
        (["XZ-07"], 2, "--from"),
    ],
)
def test_wrong_input_is_answered_with_a_sentence(qingkong, argv, status, says):
    got, out, err = qingkong("explain", *argv)
    assert (got, out) == (status, "")
    assert says in err


def test_list_shows_every_limit_with_how_sure_it_is(qingkong):
    _, out, _ = qingkong("list", "--json")
    rows = json.loads(out)
    assert len(rows) > 200
    assert {row["sure"] for row in rows} == {"S", "P", "M"}
