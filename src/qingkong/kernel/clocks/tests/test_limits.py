import json
import re
from datetime import date
from pathlib import Path

import pytest

from qingkong.kernel.clocks.limits import BadLimits, Body, packaged, read
from qingkong.kernel.clocks.reckoning import TimeUnit
from qingkong.kernel.clocks.rungs import before

CATALOGUE = packaged()
TODAY = date(2026, 11, 24)
REFERENCE = Path(__file__).parents[6] / "shared" / "reference" / "legal_rules.json"
DAYS, WORKING, HOURS = TimeUnit.DAYS, TimeUnit.WORKING_DAYS, TimeUnit.HOURS

ROW = "[[limit]]\nid = 'T-1'\nname = 'a'\nname_en = 'a'\nlaw = 'l'\narticle = ''\nsure = 'S'\nsource = 'x'\n"


@pytest.mark.parametrize(
    ("limit_id", "amount", "unit"),
    [
        ("JCJ-07", 24, HOURS), ("LA-04", 3, DAYS), ("LA-06", 24, HOURS), ("LA-10", 3, DAYS), ("XZ-07", 30, DAYS),
        ("XZ-13", 30, DAYS), ("XZ-14", 24, HOURS), ("XZ-16", 7, WORKING), ("XZ-19", 24, HOURS), ("XZ-22", 5, WORKING),
        ("XZ-27", 2, DAYS), ("XZ-28", 2, DAYS), ("XZ-32", 15, DAYS), ("CW-01", 24, HOURS), ("CW-02", 24, HOURS),
        ("GK-03", 5, WORKING), ("GK-04", 5, WORKING), ("LA-01", None, None), ("LA-03", None, None),
    ],
)  # fmt: skip
def test_the_limits_of_the_flow_are_there(limit_id, amount, unit):
    limit = CATALOGUE.on(limit_id, TODAY)
    assert limit is not None
    assert (limit.amount, limit.unit) == (amount, unit)


def test_every_row_says_its_law_its_source_and_how_sure_it_is():
    for limit in CATALOGUE.limits:
        assert limit.law, limit.id
        assert limit.name_en, limit.id
        assert all(key.strip() in CATALOGUE.sources for key in limit.source.split(";")), limit.id


def test_every_row_has_an_amount_a_word_for_at_once_or_a_figure_or_is_a_rule_without_a_number():
    timed = [limit for limit in CATALOGUE.limits if limit.amount]
    assert len(timed) > 100
    assert all(limit.trigger for limit in timed)
    assert all(before(rung) is not None for limit in timed for rung in limit.rungs)


def test_at_once_has_no_number_of_the_law_and_a_local_standard_is_labelled():
    limit = CATALOGUE.on("LA-03", TODAY)
    assert limit and limit.amount is None and limit.promptly == "立即"
    assert limit.local and "本地标准" in limit.local.source


def test_a_public_order_case_is_extended_by_the_county_for_a_station_and_by_the_city_for_a_brigade():
    (extension,) = CATALOGUE.on("XZ-07", TODAY).extensions
    assert (extension.by, extension.times) == (30, 2)
    assert extension.approver_for("station") is Body.COUNTY_BUREAU
    assert extension.approver_for("brigade") is Body.NEXT_BUREAU_UP


def test_a_case_of_2025_keeps_the_law_of_2025():
    old, new = CATALOGUE.on("XZ-07", date(2025, 12, 31)), CATALOGUE.on("XZ-07", date(2026, 1, 1))
    assert (old.trigger, old.extensions[0].times) == ("受理", 1)
    assert (new.trigger, new.extensions[0].times) == ("立案", 2)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the study of the law is not beside this clone")
def test_every_rule_of_the_study_is_a_limit_and_each_with_a_number_has_one():
    rules = json.loads(REFERENCE.read_text(encoding="utf-8"))["rules"]
    ids = {limit.id for limit in CATALOGUE.limits}
    assert [rule["id"] for rule in rules if rule["id"] not in ids] == []
    numbered = [rule for rule in rules if re.match(r"\d", rule["limit"]) and rule["unit"] != "-"]
    with_number = {limit.id for limit in CATALOGUE.limits if limit.amount or limit.figures}
    assert [rule["id"] for rule in numbered if rule["id"] not in with_number] == []
    assert {(rule["id"], rule["status"]) for rule in rules} <= {
        (limit.id, limit.sure.value) for limit in CATALOGUE.limits
    }


@pytest.mark.parametrize(
    "text",
    [
        ROW + "amount = 3\n",
        ROW + "amount = 0\nunit = 'days'\n",
        ROW + "amount = 3\nunit = 'fortnights'\n",
        ROW + "colour = 'red'\n",
        ROW.replace("'S'", "'?'"),
        ROW.replace("law = 'l'", "law = ''"),
        ROW + ROW,
        ROW + "[[limit.extension]]\nkey = 'a'\nground = 'b'\nby = 1\napprover = 'king'\n",
        ROW + "[[limit.extension]]\nkey = 'a'\nground = 'b'\napprover = 'county_bureau'\n",
        "[[local]]\nid = 'NOPE'\namount = 1\nunit = 'days'\nsource = 'x'\n",
        "[[limit]\n",
    ],
)
def test_a_row_that_makes_no_sense_is_refused(text):
    with pytest.raises(BadLimits):
        read(text)
