"""Case files through the pages and the API, as each post uses them."""

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qingkong.conftest import AT
from qingkong.domains.enforcement.dossiers import operations, queries
from qingkong.domains.enforcement.dossiers.models import Dossier, LastCheck
from qingkong.domains.enforcement.dossiers.rules import Fault, ReturnAsk, State
from qingkong.domains.enforcement.dossiers.tests.making import HOUR, a_dossier, faulty, passed, picture, scan, submitted
from qingkong.domains.enforcement.property.tests.making import open_case, seize

pytestmark = pytest.mark.django_db(databases="__all__")
POINTS = ["person", "facts", "nature", "law", "procedure", "measure"]


def text(response):
    return response.content.decode()


def verdicts(**changes):
    return {**{f"{point}_verdict": "sound" for point in POINTS}, **changes}


def test_an_officer_opens_a_file_from_the_case_and_everything_is_in_its_place(signed_in, county):
    case = open_case(county)
    seize(county, case)
    browser = signed_in(county.officer)
    assert "开始组卷" in text(browser.get(f"/desk/cases/{case.pk}/?tab=dossier"))
    page = text(browser.post(f"/desk/dossiers/open/{case.pk}/", {"x": ""}, follow=True))
    assert page.index("受案登记表") < page.index("扣押清单")
    assert "扣押清单" in text(browser.get(f"/desk/cases/{case.pk}/?tab=dossier"))


def test_a_scan_goes_in_and_is_read_back(signed_in, county):
    one = a_dossier(county)
    browser = signed_in(county.officer)
    sheet = SimpleUploadedFile("x.png", picture("gray").read(), "image/png")
    body = {"file": sheet, "title": "鉴定意见书", "kind": "record", "made_at": "2026-11-24 08:00"}
    assert "鉴定意见书" in text(browser.post(f"/desk/dossiers/{one.pk}/scan/", body, follow=True))
    paper = one.papers.get(title="鉴定意见书")
    response = browser.get(f"/desk/dossiers/papers/{paper.pk}/read/")
    assert response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content) == picture("gray").read()


def test_what_isnt_a_picture_or_pdf_is_handed_out_only_as_a_file(signed_in, county):
    one = a_dossier(county)
    import io

    paper = operations.add_scan(
        dossier=one, content=io.BytesIO(b"<script>alert(1)</script>"), name="x.html", title="网页", made_at=county.at,
        actor=county.officer, at=county.at,
    )  # fmt: skip
    response = signed_in(county.officer).get(f"/desk/dossiers/papers/{paper.pk}/read/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_order_and_leaving_out_by_form(signed_in, county):
    one = a_dossier(county)
    first, second = [piece.paper for piece in queries.pieces(one)]
    browser = signed_in(county.officer)
    browser.post(f"/desk/dossiers/{one.pk}/order/", {str(first.pk): "2", str(second.pk): "1"})
    assert [piece.paper.pk for piece in queries.pieces(one)] == [second.pk, first.pk]
    page = text(browser.post(f"/desk/dossiers/papers/{second.pk}/leave-out/", {"reason": "重复扫描"}, follow=True))
    assert "重复扫描" in page


def test_the_legal_officer_passes_a_file_on_six_points(signed_in, county, clock):
    one = submitted(county)
    clock(AT + 2 * HOUR)
    browser = signed_in(county.legal_officer)
    assert one.case.number in text(browser.get("/desk/dossiers/"))
    assert "第一百七十条" in text(browser.get(f"/desk/dossiers/{one.pk}/check/"))
    page = text(browser.post(f"/desk/dossiers/{one.pk}/check/", verdicts(), follow=True))
    assert "检查通过，目录已冻结" in page
    assert one.fresh().catalogue_digest in page


@pytest.mark.parametrize(
    "changes",
    [
        {"law_verdict": ""},
        {"law_verdict": "faulty"},
        {"law_verdict": "faulty", "law_ask": "add", "law_reason": "没有笔录"},
        {"law_verdict": "faulty", "law_ask": "repeat"},
        {"law_verdict": "faulty", "law_reason": "条款写错"},
        {"law_ask": "repeat", "law_reason": "条款写错"},
    ],
)
def test_a_check_that_isnt_whole_or_asks_to_add_is_refused_on_the_form(signed_in, county, clock, changes):
    one = submitted(county)
    clock(AT + 2 * HOUR)
    response = signed_in(county.legal_officer).post(f"/desk/dossiers/{one.pk}/check/", verdicts(**changes))
    assert response.status_code in (200, 409)
    assert "govuk-error-summary" in text(response)
    assert not LastCheck.objects.exists()


def test_a_returned_file_is_answered_point_by_point_and_goes_back(signed_in, county, clock):
    one = submitted(county)
    clock(AT + 2 * HOUR)
    legal, officer = signed_in(county.legal_officer), signed_in(county.officer)
    changes = {
        "facts_verdict": "faulty", "facts_ask": "repeat", "facts_reason": "辨认没有混杂",
        "procedure_verdict": "faulty", "procedure_ask": "explanation", "procedure_reason": "录像中断",
    }  # fmt: skip
    legal.post(f"/desk/dossiers/{one.pk}/check/", verdicts(**changes))
    assert one.fresh().state == State.RETURNED
    page = text(officer.get("/desk/"))
    assert "辨认没有混杂" in page and "录像中断" in page

    repeat, explain = sorted(queries.open_faults(one), key=lambda fault: fault.ask != "repeat")
    clock(AT + 4 * HOUR)
    officer = signed_in(county.officer)  # two hours without a page end a session
    new = scan(county, one.fresh(), "辨认笔录（第二次）", made_at=AT + 3 * HOUR, at=AT + 4 * HOUR, colour="black")
    assert "询问笔录" not in text(officer.get(f"/desk/dossiers/faults/{repeat.pk}/"))
    officer.post(f"/desk/dossiers/faults/{repeat.pk}/", {"paper": str(new.pk)})
    officer.post(f"/desk/dossiers/faults/{explain.pk}/", {"words": "执法记录仪电池耗尽。"})
    assert queries.open_faults(one) == []
    page = text(officer.post(f"/desk/dossiers/{one.pk}/submit/", {"x": ""}, follow=True))
    assert "已提交法制员检查" in page


def test_a_passed_file_is_sealed_and_its_catalogue_printed(signed_in, county, clock):
    one = passed(county)
    clock(AT + 3 * HOUR)
    browser = signed_in(county.officer)
    browser.post(f"/desk/dossiers/{one.pk}/seal/", {"x": ""})
    assert one.fresh().state == State.SEALED
    response = browser.get(f"/desk/dossiers/{one.pk}/catalogue.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")


def test_the_cover_sheet_names_case_and_team_and_no_party_and_is_no_paper_of_the_file(signed_in, county):
    one = passed(county)
    before = [paper.key for paper in queries.missing(one, actor=county.officer)]
    response = signed_in(county.officer).get(f"/desk/dossiers/{one.pk}/cover.pdf")
    (page,) = pypdfium2.PdfDocument(response.content)
    words = page.get_textpage().get_text_range().replace(" ", "")
    assert one.case.number in words and county.officer.name in words and "演示" not in words
    assert [paper.key for paper in queries.missing(one, actor=county.officer)] == before


def test_a_frozen_list_offers_no_change_and_takes_none(signed_in, county):
    one = passed(county)
    browser = signed_in(county.officer)
    assert "不入卷" not in text(browser.get(f"/desk/dossiers/{one.pk}/"))
    body = {
        "file": SimpleUploadedFile("x.png", picture().read()),
        "title": "后补",
        "kind": "record",
        "made_at": "2026-11-24 08:00",
    }
    response = browser.post(f"/desk/dossiers/{one.pk}/scan/", body)
    assert response.status_code == 409
    assert "目录不能再改" in text(response)


@pytest.mark.parametrize("who", ["stranger", "strange_head", "custodian", "dispatcher", "supervisor", "administrator"])
def test_who_has_nothing_to_do_with_the_case_doesnt_see_its_file(signed_in, county, who):
    one = a_dossier(county)
    browser = signed_in(getattr(county, who))
    assert browser.get(f"/desk/dossiers/{one.pk}/").status_code in (403, 404)
    paper = queries.pieces(one)[0].paper
    assert browser.get(f"/desk/dossiers/papers/{paper.pk}/read/").status_code in (403, 404)


def test_the_english_page_is_english(signed_in, county):
    one = submitted(county)
    browser = signed_in(county.legal_officer, language="en")
    page = text(browser.get(f"/desk/dossiers/{one.pk}/check/"))
    assert "Was the procedure lawful?" in page and "Do it again" in page and "六个方面" not in page


def test_a_page_asks_the_database_no_more_often_with_more_papers(signed_in, county, django_assert_max_num_queries):
    one = a_dossier(county)
    for place in range(6):
        scan(county, one, f"材料{place}", colour=f"#{place:02}{place:02}{place:02}")
    faults = [Fault("facts", f"问题{place}", ReturnAsk.EXPLANATION) for place in range(4)]
    submitted(county, one)
    operations.return_dossier(
        dossier=one, verdicts=faulty("facts"), faults=faults, actor=county.legal_officer, at=county.at + HOUR
    )
    browser = signed_in(county.officer)
    browser.get("/desk/dossiers/")
    with django_assert_max_num_queries(15):
        browser.get("/desk/dossiers/")
    with django_assert_max_num_queries(17):
        browser.get(f"/desk/dossiers/{one.pk}/")


def test_the_api_gathers_submits_and_checks(signed_in, county, clock):
    case = open_case(county)
    officer, legal = signed_in(county.officer), signed_in(county.legal_officer)
    made = officer.post(f"/api/v1/dossiers/{case.number}/gather").json()
    assert [line["title"] for line in made["papers"]] == ["受案登记表"]
    assert officer.post(f"/api/v1/dossiers/{case.number}/submit").json()["state"] == "submitted"
    clock(AT + HOUR)
    sound = dict.fromkeys(POINTS, "sound")
    add = {"verdicts": {**sound, "facts": "faulty"}, "faults": [{"point": "facts", "reason": "没有录像", "ask": "add"}]}
    refused = legal.post(f"/api/v1/dossiers/{case.number}/check", add, content_type="application/json")
    assert refused.status_code == 422
    checked = legal.post(f"/api/v1/dossiers/{case.number}/check", {"verdicts": sound}, content_type="application/json")
    assert checked.json()["state"] == "passed"
    assert Dossier.objects.get().catalogue_digest == checked.json()["catalogue_digest"]
