import pytest

from qingkong.domains.enforcement.calls.tests import building
from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.tests.building import ELF, register
from qingkong.kernel import gates

AVI = b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(100)


def test_closing_a_call_where_somebody_was_asks_for_a_recording(county, call):
    assert queries.lacks_recording(call)


def test_a_photo_is_no_recording(county, call):
    register(county, call)
    assert queries.lacks_recording(call)


def test_a_film_answers_the_question(county, call):
    register(county, call, AVI, name="执法仪.avi")
    assert not queries.lacks_recording(call)


def test_a_quarantined_file_does_not(county, call):
    register(county, call, ELF, name="执法仪.avi")
    assert queries.lacks_recording(call)


def test_a_call_to_which_nobody_came_needs_none(county):
    assert not queries.lacks_recording(building.a_call(county))


def test_the_check_warns_and_does_not_block(county):
    check = next(c for c in gates.registered() if c.id == "evidence.recording")
    assert check.steps == ("calls.close",)
    assert not check.blocks
    assert "不得事后补录" in str(check.how)


@pytest.mark.parametrize("film", [True, False])
def test_a_call_closes_with_or_without_a_recording_and_the_lack_is_a_finding(county, call, film):
    from qingkong.domains.enforcement.calls import operations
    from qingkong.domains.enforcement.calls.queries import Result

    if film:
        register(county, call, AVI, name="执法仪.avi")
    operations.close_call(
        call=call, result=Result.SETTLED, note="当场处结", actor=county.officer, at=county.at.replace(hour=9)
    )
    open_ones = {finding.check_id for finding in gates.open_findings(call)}
    assert ("evidence.recording" in open_ones) is not film
