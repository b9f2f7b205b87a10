import hashlib
import io

import pytest
from django.db import DatabaseError, transaction

from qingkong.conftest import ledger_acts, outcome
from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.rules import FOR_EVER, Kind, State
from qingkong.domains.enforcement.evidence.tests.building import ELF, a_jpeg, register
from qingkong.kernel import vault
from qingkong.kernel.refusals import Invalid, NotPermitted


def test_a_file_becomes_evidence_of_a_call_with_its_digest_and_entry(county, call):
    content = a_jpeg()
    item = register(county, call, content, device="执法仪 012", note="停放位置概貌")
    assert item.number == "D2026-000001"
    assert item.original_id == hashlib.sha256(content).hexdigest()
    assert (item.kind, item.state, item.content_type) == (Kind.PHOTO, State.KEPT, "image/jpeg")
    assert vault.open(item.original_id).read() == content
    assert item.thread == call.number
    assert item.registered_by_name == county.officer.name
    assert ledger_acts(item) == ["evidence.registered"]


def test_its_name_is_sealed_and_its_keeping_has_a_ground(county, call):
    item = EvidenceItem.objects.get(pk=register(county, call, name="张三身份证.jpg").pk)
    assert "张三" not in str(item.declared_name)
    assert "第十三条" in item.legal_ground
    assert item.expires_on.isoformat() == "2027-05-24"


def test_evidence_of_a_case_is_kept_for_ever(county, case):
    assert register(county, case).expires_on == FOR_EVER


def test_the_same_file_again_is_the_same_item(county, call):
    first = register(county, call)
    assert register(county, call, name="又一次.jpg") == first
    assert EvidenceItem.objects.count() == 1
    assert ledger_acts(first) == ["evidence.registered"]


def test_the_same_content_in_call_and_case_is_two_items_and_one_blob(county, call, case):
    of_call, of_case = register(county, call), register(county, case)
    assert of_call != of_case
    assert of_call.original_id == of_case.original_id


def test_two_who_register_the_same_file_at_once_register_it_once(county, call, in_parallel):
    content = a_jpeg()
    first = in_parallel(register, county, call, content)
    second = in_parallel(register, county, call, content, actor=county.second_officer)
    assert outcome(first) == outcome(second)
    assert EvidenceItem.objects.count() == 1


def test_a_picture_that_is_a_program_is_quarantined(county, call):
    item = register(county, call, ELF, name="照片.jpg")
    assert item.state == State.QUARANTINED
    assert "内容却是程序" in str(item.reason)
    assert ledger_acts(item) == ["evidence.quarantined"]
    assert vault.exists(item.original_id)


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"", {}, "空的"),
        (b"short", {"promised_size": 9}, "应有 9 字节"),
        (b"other", {"promised_sha256": "0" * 64}, "校验值不一致"),
        (b"x", {"name": "../../x.jpg"}, "不能用"),
    ],
)
def test_what_the_vault_refuses_leaves_no_item_and_no_number(county, call, content, more, words):
    with pytest.raises(vault.CannotReceive, match=words):
        register(county, call, content, **more)
    assert not EvidenceItem.objects.exists()
    assert register(county, call).number == "D2026-000001"


def test_a_note_that_is_too_long_is_refused_before_anything_is_taken_in(county, call):
    with pytest.raises(Invalid):
        register(county, call, note="长" * 61)
    assert not vault.Blob.objects.exists()


@pytest.mark.parametrize(
    "post", ["stranger", "administrator", "supervisor", "custodian", "inspector", "legal_section", "person"]
)
def test_who_has_no_part_in_a_call_registers_nothing(county, call, post):
    with pytest.raises(NotPermitted):
        register(county, call, actor=getattr(county, post))
    assert not vault.Blob.objects.exists()


@pytest.mark.parametrize("post", ["third_officer", "legal_officer", "window", "auxiliary", "stranger"])
def test_who_does_not_handle_a_case_adds_nothing_to_it(county, case, post):
    with pytest.raises(NotPermitted):
        register(county, case, actor=getattr(county, post))


@pytest.mark.parametrize("post", ["officer", "second_officer", "station_head"])
def test_the_team_and_the_head_add_to_a_case(county, case, post):
    assert register(county, case, actor=getattr(county, post)).case_number == case.number


def test_an_auxiliary_of_the_crew_may_send_in_photos(county, call):
    assert register(county, call, actor=county.auxiliary).registered_by_name == county.auxiliary.name


def test_an_item_can_be_neither_changed_nor_deleted_in_the_database(county, call):
    item = register(county, call)
    other = vault.receive(io.BytesIO(b"other")).sha256
    items = EvidenceItem.objects.filter(pk=item.pk)
    for change in (
        {"original_id": other},
        {"number": "D2026-000009"},
        {"received_at": county.at.replace(year=2025)},
        {"size": 1},
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            items.update(**change)
    with pytest.raises(DatabaseError, match="never (changed|deleted)"), transaction.atomic():
        items._raw_delete("default")


def test_evidence_of_a_call_joins_the_case_that_came_of_it(county, call, case):
    item = operations.link_evidence(item=register(county, call), case=case, actor=county.officer, at=county.at)
    assert (item.case_number, item.call_number, item.expires_on) == (case.number, call.number, FOR_EVER)
    assert item in queries.of_link(case, actor=county.legal_officer)
    operations.link_evidence(item=item, case=case, actor=county.officer, at=county.at)
    assert ledger_acts(item).count("evidence.linked") == 2  # once in the call's thread, once in the case's


def test_an_item_belongs_to_one_case_only(county, call, case):
    from qingkong.domains.enforcement.cases.tests import build

    item = operations.link_evidence(item=register(county, call), case=case, actor=county.officer, at=county.at)
    with pytest.raises(operations.CannotLink, match="只归一个案件"):
        operations.link_evidence(item=item, case=build.case(county), actor=county.officer, at=county.at)


def test_only_who_handles_the_case_links_to_it(county, call, case):
    item = register(county, call)
    for post in ("third_officer", "stranger", "legal_officer", "auxiliary"):
        with pytest.raises(NotPermitted):
            operations.link_evidence(item=item, case=case, actor=getattr(county, post), at=county.at)


def test_a_case_shows_the_evidence_of_its_call(county):
    from qingkong.domains.enforcement.calls.tests import building
    from qingkong.domains.enforcement.cases.tests import build

    call = building.a_reported_response(county).call
    case = build.case(county, report_=build.report(county, call=call))
    item = register(county, call)
    assert queries.of_link(case, actor=county.officer) == [item]
    assert queries.count_of(case) == 1
