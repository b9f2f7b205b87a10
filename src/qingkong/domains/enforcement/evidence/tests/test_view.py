from datetime import timedelta

import pytest

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.calls import operations as calls
from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.domains.enforcement.evidence.tests.building import ELF, register
from qingkong.kernel import access, ledger
from qingkong.kernel.access import Purpose
from qingkong.kernel.refusals import NotFound, NotPermitted

LATER = timedelta(days=3)


def _open(county, item, post, **more):
    return operations.open_evidence(item=item, actor=getattr(county, post), at=more.pop("at", county.at), **more)


@pytest.fixture
def item(county, case):
    return queries.EvidenceItem.objects.get(pk=register(county, case).pk)


def test_opening_is_a_look_with_the_case_as_its_reference(county, item):
    look = _open(county, item, "officer")
    assert look.reference == item.case_number
    assert item.declared_name.open(look) == "现场.jpg"
    assert ledger_acts(item) == ["evidence.registered", "access.looked"]
    (line,) = ledger.looks_at(item.case_number)
    assert line.reference == item.case_number


def test_opening_again_within_the_quarter_of_an_hour_is_the_same_look(county, item):
    _open(county, item, "officer")
    _open(county, item, "officer", at=county.at + timedelta(minutes=14))
    assert ledger_acts(item).count("access.looked") == 1
    _open(county, item, "officer", at=county.at + timedelta(minutes=16))
    assert ledger_acts(item).count("access.looked") == 2


@pytest.mark.parametrize(
    "post", ["officer", "second_officer", "legal_officer", "station_head", "bureau_leader", "inspector"]
)
def test_the_team_its_legal_officer_and_who_answers_for_them_open_it(county, item, post):
    assert _open(county, item, post).reference == item.case_number


def test_the_purpose_goes_with_the_post(county, item):
    assert _open(county, item, "officer").purpose is Purpose.HANDLING
    assert _open(county, item, "legal_officer").purpose is Purpose.REVIEW
    assert _open(county, item, "inspector").purpose is Purpose.SUPERVISION


@pytest.mark.parametrize(
    "post",
    ["stranger", "third_officer", "administrator", "supervisor", "custodian", "auxiliary", "dispatcher", "person"],
)
def test_nobody_else_opens_evidence_of_a_case(county, item, post):
    with pytest.raises((NotPermitted, operations.CannotOpen)):
        _open(county, item, post)
    assert "access.looked" not in ledger_acts(item)


@pytest.mark.parametrize(
    "post", ["stranger", "third_officer", "administrator", "supervisor", "custodian", "dispatcher"]
)
def test_nor_do_they_see_that_it_is_there(county, item, post):
    actor = getattr(county, post)
    with pytest.raises(NotFound):
        queries.get_item(actor=actor, id=item.pk)
    assert not queries.listed(actor=actor).filter(pk=item.pk).exists()
    assert queries.find(actor=actor, text=item.number) == []


@pytest.mark.parametrize(
    "post", ["officer", "second_officer", "legal_officer", "station_head", "case_office", "legal_section"]
)
def test_who_may_see_it_finds_it_alike_on_its_page_in_the_list_and_by_number(county, item, post):
    actor = getattr(county, post)
    assert queries.get_item(actor=actor, id=item.pk) == item
    assert queries.listed(actor=actor).filter(pk=item.pk).exists()
    assert queries.find(actor=actor, text=item.number) == [item]


def test_the_responder_opens_what_belongs_to_an_open_call(county, call):
    item = register(county, call)
    assert _open(county, item, "officer").reference == call.number
    assert _open(county, item, "station_head").reference == call.number


def test_once_the_call_is_closed_only_who_must_check_it_opens_it(county, call):
    item = register(county, call)
    calls.close_call(
        call=call, result=_settled(), note="当场处结", actor=county.officer, at=county.at + timedelta(hours=2)
    )
    later = county.at + LATER
    with pytest.raises(operations.CannotOpen):
        _open(county, item, "officer", at=later)
    assert _open(county, item, "station_head", at=later).reference == item.number
    assert _open(county, item, "inspector", at=later).reference == item.number


def _settled():
    from qingkong.domains.enforcement.calls.queries import Result

    return Result.SETTLED


def test_a_reference_that_is_not_the_actors_opens_nothing(county, item):
    with pytest.raises(access.looks.CannotLook):
        _open(county, item, "officer", reference="A2026-999999", purpose=Purpose.HANDLING)


def test_each_copy_of_an_original_that_goes_out_is_entered(county, item):
    for _ in range(2):
        content, name = operations.download_original(item=item, actor=county.officer, at=county.at)
    assert (content.sha256, name) == (item.original_id, f"{item.number}.jpg")
    assert ledger_acts(item).count("evidence.downloaded") == 2


@pytest.mark.parametrize("post", ["auxiliary", "case_office", "stranger", "administrator"])
def test_who_may_not_download_gets_nothing(county, item, post):
    with pytest.raises(NotPermitted):
        operations.download_original(item=item, actor=getattr(county, post), at=county.at)


def test_a_quarantined_file_is_never_shown_and_downloads_under_a_harmless_name(county, case):
    item = queries.EvidenceItem.objects.get(pk=register(county, case, ELF, name="a.jpg").pk)
    for what in ("original", "view", "preview"):
        with pytest.raises(NotFound):
            queries.content_of(item, what)
    _, name = operations.download_original(item=item, actor=county.officer, at=county.at)
    assert name == f"{item.number}.quarantined"


def test_a_dangerous_ending_is_not_given_to_a_download(county, case):
    item = register(county, case, b"plain text", name="x.p/h".replace("/", "") + "☠")
    _, name = operations.download_original(
        item=queries.EvidenceItem.objects.get(pk=item.pk), actor=county.officer, at=county.at
    )
    assert name == item.number
