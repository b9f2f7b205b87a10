"""Evidence by desk, phone and API: who may open what, what opening enters, how bytes go out."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.tests.building import ELF, a_jpeg, drawn, register
from qingkong.kernel import ledger, vault

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def url(name, item=None, **arguments):
    return reverse(name, kwargs={"item_id": item.pk, **arguments} if item is not None else arguments)


def text(answer):
    return answer.content.decode()


def upload(name="现场.jpg", content=None):
    return SimpleUploadedFile(name, a_jpeg() if content is None else content)


def fields(link, *files, **more):
    return {"link": link.number, "source": "body_camera", "upload": list(files) or [upload()], **more}


# --- registering ---------------------------------------------------------------------------------------------


def test_an_officer_registers_a_file_and_is_led_to_it(signed_in, county, call):
    answer = signed_in(county.officer).post(url("desk:evidence.register"), fields(call, device="012", note="概貌"))
    item = EvidenceItem.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("desk:evidence.item", item))
    assert (item.device, item.note, item.call_number) == ("012", "概貌", call.number)


def test_several_files_are_registered_at_once_and_lead_back_to_the_tab(signed_in, county, call):
    files = [upload(f"{n}.jpg", a_jpeg(size=(100 + n, 80))) for n in range(3)]
    answer = signed_in(county.officer).post(url("desk:evidence.register"), fields(call, *files))
    assert answer["Location"].endswith("?tab=evidence")
    assert EvidenceItem.objects.count() == 3


def test_the_bad_one_of_three_is_named_and_the_others_are_taken(signed_in, county, call):
    files = [upload("好.jpg"), upload(f"{'坏' * 205}.jpg", b"\x00"), upload("又好.jpg", a_jpeg("red"))]
    answer = signed_in(county.officer).post(url("desk:evidence.register"), fields(call, *files))
    assert answer.status_code == 422
    assert "不能用" in text(answer)
    assert EvidenceItem.objects.count() == 2


def test_sending_the_form_twice_registers_once(signed_in, county, call):
    browser = signed_in(county.officer)
    for _ in range(2):
        assert browser.post(url("desk:evidence.register"), fields(call)).status_code == 303
    assert EvidenceItem.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"upload": []}, "请选择文件"),
        ({"link": ""}, "请填写归入"),
        ({"link": "J2026-999999"}, "没有编号为"),
        ({"link": "随便"}, "没有编号为"),
        ({"link": "A2026-999999"}, "没有编号为"),
        ({"source": "rumour"}, "请从列出的里面选"),
        ({"note": "长" * 61}, "最多 60 个字"),
        ({"upload": [SimpleUploadedFile("空.jpg", b"")]}, "是空的"),
    ],
)
def test_bad_input_is_a_sentence_on_the_form(signed_in, county, call, changes, words):
    answer = signed_in(county.officer).post(url("desk:evidence.register"), {**fields(call), **changes})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not EvidenceItem.objects.exists()


def test_a_stranger_to_the_call_cannot_even_name_it(signed_in, county, call):
    answer = signed_in(county.stranger).post(url("desk:evidence.register"), fields(call))
    assert answer.status_code == 422
    assert not EvidenceItem.objects.exists()


def test_who_sees_a_call_but_may_not_add_to_it_is_told_so(signed_in, county, case):
    answer = signed_in(county.legal_officer).get(url("desk:evidence.register"))
    assert answer.status_code == 403


@pytest.mark.parametrize("post", ["administrator", "supervisor", "custodian"])
@pytest.mark.parametrize("route", ["desk:evidence.list", "desk:evidence.register"])
def test_the_administrator_and_outsiders_have_no_evidence_pages(signed_in, county, post, route):
    assert signed_in(getattr(county, post)).get(url(route)).status_code == 403


# --- looking -------------------------------------------------------------------------------------------------


@pytest.fixture
def item(county, case):
    return drawn(county, register(county, case, a_jpeg(), name="示例姓名.jpg"))


def test_the_page_is_closed_until_it_is_opened_and_opening_is_entered(signed_in, county, item):
    browser = signed_in(county.officer)
    page = text(browser.get(url("desk:evidence.item", item)))
    assert "打开即登记一次查阅" in page
    assert "示例姓名" not in page
    assert "<img" not in page
    assert "access.looked" not in ledger_acts(item)

    page = text(browser.post(url("desk:evidence.open", item), follow=True))
    assert "示例姓名.jpg" in page
    assert url("desk:evidence.content", item, what="view") in page
    assert ledger_acts(item).count("access.looked") == 1


def test_without_a_look_no_byte_goes_out(signed_in, county, item):
    answer = signed_in(county.officer).get(url("desk:evidence.content", item, what="view"))
    assert answer.status_code == 403
    assert "先在证据页打开" in text(answer)


def test_under_one_look_many_parts_go_out_and_one_entry_stands(signed_in, county, item):
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    for _ in range(3):
        answer = browser.get(url("desk:evidence.content", item, what="view"))
        assert answer.status_code == 200
        assert b"".join(answer)[:3] == b"\xff\xd8\xff"
    assert ledger_acts(item).count("access.looked") == 1


def test_a_film_that_outlasts_the_look_goes_on_and_is_entered_again(signed_in, county, item, clock):
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    clock(AT + timedelta(minutes=20))
    assert browser.get(url("desk:evidence.content", item, what="view")).status_code == 200
    assert ledger_acts(item).count("access.looked") == 2
    clock(AT + timedelta(hours=9))
    browser = signed_in(county.officer)  # two hours without a page end a session
    assert browser.get(url("desk:evidence.content", item, what="view")).status_code == 403


def test_a_player_gets_the_range_it_asks_for(signed_in, county, item):
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    address = url("desk:evidence.content", item, what="view")
    whole = b"".join(browser.get(address))
    answer = browser.get(address, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, b"".join(answer)) == (206, whole[10:20])
    assert answer["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert answer["Accept-Ranges"] == "bytes"
    beyond = browser.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")
    stale = browser.get(address, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert stale.status_code == 200


def test_what_is_not_made_is_not_found(signed_in, county, item):
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    for what in ("preview", "original", "nonsense"):
        assert browser.get(url("desk:evidence.content", item, what=what)).status_code == 404


def test_nginx_can_be_left_to_send_the_bytes(signed_in, county, item, settings):
    settings.QINGKONG_ACCEL = "/vault/"
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    answer = browser.get(url("desk:evidence.content", item, what="view"))
    sha256 = item.derivatives.get(kind="view").blob_id
    assert answer["X-Accel-Redirect"] == f"/vault/{sha256[:2]}/{sha256}"
    assert answer.content == b""


def test_the_legal_officer_of_the_case_opens_it(signed_in, county, item):
    page = text(signed_in(county.legal_officer).post(url("desk:evidence.open", item), follow=True))
    assert "示例姓名.jpg" in page


def test_who_sees_it_without_a_reason_may_give_a_reference_of_their_own(signed_in, county, item):
    browser = signed_in(county.legal_section)
    assert "有依据的，填写编号后打开" in text(browser.get(url("desk:evidence.item", item)))
    answer = browser.post(url("desk:evidence.open", item), {"reference": "A2026-999999"})
    assert answer.status_code == 403
    assert "正在办理、并且分给您的编号" in text(answer)


@pytest.mark.parametrize("post", ["stranger", "third_officer", "dispatcher"])
def test_for_others_it_is_as_if_it_were_not_there(signed_in, county, item, post):
    browser = signed_in(getattr(county, post))
    assert browser.get(url("desk:evidence.item", item)).status_code == 404
    assert item.number not in text(browser.get(url("desk:evidence.list")))


def test_the_case_office_sees_the_facts_and_no_content(signed_in, county, item):
    page = text(signed_in(county.case_office).get(url("desk:evidence.item", item)))
    assert item.original_id in page
    assert "不能查看内容" in page


def test_a_quarantined_file_is_said_to_be_and_shown_to_nobody(signed_in, county, case):
    item = register(county, case, ELF, name="照片.jpg")
    browser = signed_in(county.officer)
    page = text(browser.post(url("desk:evidence.open", item), follow=True))
    assert "内容却是程序" in page
    assert browser.get(url("desk:evidence.content", item, what="original")).status_code == 404


def test_an_original_is_downloaded_by_post_as_an_attachment_and_entered(signed_in, county, item):
    browser = signed_in(county.officer)
    assert "attachment" not in browser.get(url("desk:evidence.download", item)).get("Content-Disposition", "")
    answer = browser.post(url("desk:evidence.download", item))
    content = b"".join(answer)
    assert hashlib.sha256(content).hexdigest() == item.original_id
    assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''{item.number}.jpg"
    assert answer["Content-Type"] == "application/octet-stream"
    assert ledger_acts(item)[-1] == "evidence.downloaded"


def test_every_way_to_bytes_leaves_an_entry(signed_in, county, item):
    """Each route that gives out content was opened above; here: none does it without an entry about the item."""
    browser = signed_in(county.station_head)
    before = len(ledger_acts(item))
    browser.post(url("desk:evidence.open", item))
    browser.get(url("desk:evidence.content", item, what="thumbnail"))
    browser.post(url("desk:evidence.download", item))
    assert ledger_acts(item)[before:] == ["access.looked", "evidence.downloaded"]
    assert [line.is_look for line in ledger.timeline(item.subject_key)][1]


def test_evidence_of_a_call_is_put_into_its_case(signed_in, county, call, case):
    item = register(county, call)
    browser = signed_in(county.officer)
    answer = browser.post(url("desk:evidence.link", item), {"link": case.number})
    assert answer.status_code == 303
    assert EvidenceItem.objects.get().case_number == case.number
    assert browser.post(url("desk:evidence.link", item), {"link": call.number}).status_code == 409


# --- tabs, lists, phone --------------------------------------------------------------------------------------


def test_the_tab_shows_the_count_and_the_items_on_call_and_case(signed_in, county, call, case):
    of_call, of_case = register(county, call, note="门锁"), register(county, case)
    browser = signed_in(county.officer)
    page = text(browser.get(reverse("desk:calls.call", kwargs={"call_id": call.pk}) + "?tab=evidence"))
    assert of_call.number in page and "门锁" in page and of_case.number not in page
    page = text(browser.get(reverse("desk:cases.case", kwargs={"case_id": case.pk}) + "?tab=evidence"))
    assert of_case.number in page


def test_a_list_asks_the_same_number_of_queries_for_one_row_and_for_many(signed_in, county, call):
    register(county, call)
    browser = signed_in(county.officer)
    browser.get(url("desk:evidence.list"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get(url("desk:evidence.list"))
    for n in range(12):
        register(county, call, a_jpeg(size=(50 + n, 40)))
    with CaptureQueriesContext(connection) as many:
        browser.get(url("desk:evidence.list"))
    assert len(many) == len(one) <= 15


def test_an_item_page_asks_at_most_fifteen_queries(signed_in, county, item):
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    browser.get(url("desk:evidence.item", item))
    with CaptureQueriesContext(connection) as asked:
        browser.get(url("desk:evidence.item", item))
    assert len(asked) <= 15, [q["sql"][:120] for q in asked.captured_queries]


def test_the_finder_finds_evidence_by_its_number(signed_in, county, item):
    answer = signed_in(county.officer).get(reverse("desk:web.find"), {"q": item.number})
    assert answer["Location"] == url("desk:evidence.item", item)  # the only hit is opened at once


def test_a_phone_sends_a_photo_from_the_scene(signed_in, county, call):
    browser = signed_in(county.officer)
    page = text(browser.get(url("field:evidence.capture") + f"?for={call.number}&kind=photo"))
    assert 'capture="environment"' in page and 'accept="image/*"' in page and "data-offline" in page
    answer = browser.post(url("field:evidence.capture"), {"link": call.number, "upload": upload(), "note": "概貌"})
    assert answer.status_code == 303
    item = EvidenceItem.objects.get()
    assert (item.source, item.call_number, item.note) == ("phone", call.number, "概貌")


def test_a_photo_that_the_phone_sends_twice_is_registered_once(signed_in, county, call):
    browser = signed_in(county.officer)
    for _ in range(2):
        sent = {"link": call.number, "upload": upload()}
        answer = browser.post(url("field:evidence.capture"), sent, headers={"Idempotency-Key": "0123456789abcdef"})
        assert answer.status_code == 303
    assert EvidenceItem.objects.count() == 1


def test_a_phone_page_for_a_call_of_another_station_is_not_found(signed_in, county, call):
    assert signed_in(county.stranger).get(url("field:evidence.capture") + f"?for={call.number}").status_code == 404


# --- programs ------------------------------------------------------------------------------------------------


def test_a_program_registers_reads_and_lists_the_same_evidence(signed_in, county, call):
    browser = signed_in(county.officer)
    content = a_jpeg()
    sent = {"link": call.number, "source": "camera", "sha256": hashlib.sha256(content).hexdigest()}
    made = browser.post("/api/v1/evidence/", {**sent, "file": upload(content=content)})
    assert made.status_code == 201
    number = made.json()["number"]
    again = browser.post("/api/v1/evidence/", {**sent, "file": upload(content=content)})
    assert (again.status_code, again.json()["number"]) == (200, number)
    assert browser.get(f"/api/v1/evidence/{number}").json()["sha256"] == sent["sha256"]
    assert [row["number"] for row in browser.get("/api/v1/evidence/", {"link": call.number}).json()["items"]] == [
        number
    ]


def test_a_program_that_promises_another_digest_is_refused_in_words(signed_in, county, call):
    answer = signed_in(county.officer).post(
        "/api/v1/evidence/", {"link": call.number, "sha256": "0" * 64, "file": upload()}
    )
    assert answer.status_code == 422
    assert "校验值不一致" in answer.content.decode("unicode_escape") + answer.content.decode()
    assert not vault.Blob.objects.filter(size=len(a_jpeg())).exists()


@pytest.mark.parametrize("path", ["/api/v1/evidence/", "/api/v1/evidence/D2026-000001"])
def test_who_is_not_signed_in_gets_nothing_from_the_api(client, path, db):
    assert client.get(path).status_code in (401, 403)


def test_every_page_speaks_english_too(signed_in, county, item):
    browser = signed_in(county.officer, language="en")
    browser.post(url("desk:evidence.open", item))
    for address in (url("desk:evidence.item", item), url("desk:evidence.list"), url("desk:evidence.register")):
        assert browser.get(address).status_code == 200
