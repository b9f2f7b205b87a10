import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qingkong.domains.enforcement.cases import operations as do
from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.models import Approval, Case, Decision, Party, Report
from qingkong.domains.enforcement.cases.rules.matters import PartyRole
from qingkong.domains.enforcement.cases.rules.states import CaseState
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import ledger

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def url(name, **arguments):
    return reverse(f"desk:cases.{name}", kwargs=arguments)


def at_case(name, case):
    return url(name, case_id=case.pk)


def post(client, address, **data):
    return client.post(address, {"sent": "1", **data}, follow=True)


def said(response):
    return re.sub(r"\s+", " ", response.content.decode())


# --- reports -----------------------------------------------------------------------------------------------


def test_a_window_officer_registers_hands_the_receipt_and_files_the_case(county, signed_in):
    window, officers = signed_in(county.window), county.officers
    told = {
        "subject": "被人殴打", "nature": "public_order", "place": "沙河站镇", "account": "在村委会门前被人打了", "way": "window",
        "reporter_name": "示例报案人", "reporter_phone": "19900000001", "no_evidence_yet": "on", "is_victim": "on",
    }  # fmt: skip
    page = post(window, url("register"), **told)
    assert page.status_code == 200, said(page)
    report = Report.objects.get()
    assert report.number in said(page)
    printed = window.post(url("receipt", report_id=report.pk), {"sent": "1"})
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    filed = post(
        window, url("file", report_id=report.pk), kind="administrative", offence="殴打他人", lead=officers.officer.pk,
        second=officers.second_officer.pk, legal=officers.legal_officer.pk,
    )  # fmt: skip
    case = Case.objects.get()
    assert filed.status_code == 404  # the window officer isn't in the team, and the case isn't theirs to see
    assert signed_in(county.officer).get(at_case("case", case)).status_code == 200


def test_what_is_wrong_in_a_form_is_said_at_the_field_and_nothing_is_kept(county, signed_in):
    page = signed_in(county.window).post(url("register"), {"nature": "public_order", "way": "window"})
    assert page.status_code == 200
    assert "报的是什么事" in said(page)
    assert not Report.objects.exists()


def test_a_refusal_comes_back_in_the_form_with_its_reason(county, signed_in):
    report = build.report(county, receipt=False)
    officers = county.officers
    page = signed_in(county.officer).post(
        url("file", report_id=report.pk),
        {
            "kind": "administrative",
            "offence": "殴打他人",
            "lead": officers.officer.pk,
            "second": officers.second_officer.pk,
            "legal": officers.legal_officer.pk,
        },
    )
    assert page.status_code == 409
    assert "没有给报案人回执" in said(page)
    assert not Case.objects.exists()


def test_the_reporter_is_shown_after_purpose_and_reference_and_the_look_is_entered(county, signed_in):
    report = build.report(county)
    window = signed_in(county.window)
    assert "示例报案人" not in said(window.get(url("report", report_id=report.pk)))
    page = post(window, url("reporter", report_id=report.pk), purpose="handling", reference=report.number)
    assert "示例报案人" in said(page)
    assert [line.act for line in ledger.looks_at(report.number)] == ["access.looked"]


def test_an_officer_asks_for_a_criminal_case_and_the_leader_approves_on_the_page(county, signed_in):
    report, officers = build.report(county, nature="criminal", subject="电动自行车被盗"), county.officers
    asked = post(
        signed_in(county.officer), url("file", report_id=report.pk), kind="criminal", offence="盗窃", reason="有犯罪事实",
        lead=officers.officer.pk, second=officers.second_officer.pk, legal=officers.legal_officer.pk,
    )  # fmt: skip
    assert "已报请审批" in said(asked)
    leader = signed_in(county.bureau_leader)
    assert report.number in said(leader.get(url("waiting")))
    approval = Approval.objects.get()
    assert county.officer.name in said(leader.get(url("approval", approval_id=approval.pk)))
    page = post(leader, url("approve", approval_id=approval.pk), note="同意")
    assert Case.objects.get().number in said(page)


def test_declining_asks_the_head_and_the_head_declines(county, signed_in):
    report = build.report(county)
    assert "报请" in said(signed_in(county.officer).get(url("decline", report_id=report.pk)))
    page = post(signed_in(county.station_head), url("decline", report_id=report.pk), ground="90-1", note="属于民事纠纷")
    assert "不属于违反治安管理行为" in said(page)


# --- a case ------------------------------------------------------------------------------------------------


def test_a_case_goes_from_proposal_to_closing_on_its_pages(county, signed_in):
    case = build.case(county)
    officer, head = signed_in(county.officer), signed_in(county.station_head)
    post(officer, at_case("add_party", case), role="suspect", name="示例嫌疑人", phone="19900000002")
    party = Party.objects.get()
    post(
        officer,
        at_case("propose", case),
        party=party.pk,
        fine="500",
        basis="治安管理处罚法第五十一条",
        reasons="殴打他人",
    )
    decision = Decision.objects.get()
    assert decision.fine_fen == 50_000

    def go(client, name, **data):
        page = post(client, url(name, decision_id=decision.pk), **data)
        assert page.status_code == 200, said(page)
        return page

    go(officer, "notice")
    go(officer, "statement", statement="没有意见")
    go(officer, "ask")
    assert case.title in said(head.get(url("waiting")))
    go(head, "decide")
    go(officer, "serve", party=party.pk, way="on_the_spot")
    go(officer, "execute", note="已缴纳")
    page = post(head, at_case("close", case), ground="258-3", note="")
    assert Case.objects.get().state == CaseState.CLOSED
    assert "第二百五十八条第（三）项" in said(page)


def test_no_name_of_a_party_stands_on_the_case_page_until_looked_at(county, signed_in):
    case = build.case(county)
    build.party(county, case, PartyRole.VICTIM, name="示例被打者")
    officer = signed_in(county.officer)
    page = said(officer.get(at_case("case", case)))
    assert "被侵害人1" in page
    assert "示例被打者" not in page
    assert "示例被打者" in said(post(officer, at_case("people", case), purpose="handling", reference=case.number))


def test_a_station_head_who_fines_too_much_reads_the_article_and_nothing_is_decided(county, signed_in):
    decision = build.asked(county, build.case(county), fine=100_100)
    page = signed_in(county.station_head).post(url("decide", decision_id=decision.pk), {"sent": "1"})
    assert page.status_code == 403
    assert "治安管理处罚法第一百零九条" in said(page)
    assert Decision.objects.get().state == "asked"


PAGES = ["list", "reports", "waiting", "all_series", "flow"]
ALLOWED = {
    "officer": {"list", "reports", "all_series", "flow"}, "legal_officer": {"list", "reports", "all_series", "flow"},
    "station_head": set(PAGES), "bureau_leader": set(PAGES), "legal_section": set(PAGES),
    "inspector": {"list", "reports", "all_series", "flow"}, "case_office": {"list", "reports", "all_series", "flow"},
    "auxiliary": {"flow"}, "custodian": {"flow"}, "dispatcher": {"flow"}, "administrator": set(), "supervisor": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", ALLOWED)
def test_each_post_opens_its_pages_and_no_others(county, signed_in, who):
    client = signed_in(getattr(county, who))
    opened = {name for name in PAGES if client.get(url(name)).status_code == 200}
    assert opened == ALLOWED[who]


@pytest.mark.parametrize("who", ["stranger", "strange_head", "third_officer"])
def test_another_station_and_a_colleague_outside_the_team_find_no_such_case(county, signed_in, who):
    case = build.case(county)
    client = signed_in(getattr(county, who))
    assert client.get(at_case("case", case)).status_code == 404
    assert case.number not in said(client.get(url("list") + "?state="))
    assert case.title not in said(client.get(url("list") + f"?q={case.number}"))


FORMS = [
    "add_party",
    "propose",
    "mediation",
    "close",
    "stop",
    "convert",
    "transfer_out",
    "tell_victim",
    "appraisal",
    "appraised",
    "people",
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_form_of_an_administrative_case_opens_in_both_languages(county, signed_in, language):
    case = build.case(county)
    client = signed_in(county.officer, language)
    for name in [*FORMS, "case"]:
        page = client.get(at_case(name, case))
        assert page.status_code == 200, name
        if language == "en":
            assert not re.search(r"<h1[^>]*>[^<]*案由", said(page))


def test_every_form_of_a_criminal_case_opens(county, signed_in):
    case = build.criminal(county)
    build.party(county, case)
    client = signed_in(county.bureau_leader)
    for name in ("end", "withdraw", "terminate", "convert", "transfer_out", "extend", "team", "case"):
        assert client.get(at_case(name, case)).status_code == 200, name
    post(client, at_case("end", case))
    assert "移送起诉" in said(client.get(at_case("case", case)))


def test_series_page_joins_a_case_by_number(county, signed_in):
    case = build.criminal(county)
    client = signed_in(county.officer)
    post(client, url("open_series"), title="电动自行车被盗系列案", pattern="夜间")
    series = queries.series(actor=county.officer)[0]
    page = post(client, url("series", series_id=series.pk), number=case.number, reason="手法相同")
    assert case.title in said(page)


def test_the_flow_chart_shows_every_box_with_its_article(county, signed_in):
    page = said(signed_in(county.officer, "en").get(url("flow")))
    assert "Transfer for prosecution" in page
    assert "治安管理处罚法第一百零九条" in page


# --- numbers of queries ------------------------------------------------------------------------------------


def count(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("who", ["officer", "station_head", "bureau_leader"])
def test_lists_take_few_queries_however_many_rows(county, signed_in, who):
    build.case(county)
    client = signed_in(getattr(county, who))
    before = {
        name: count(client, url(name))
        for name in ("list", "reports", "waiting")
        if who != "officer" or name != "waiting"
    }
    for _ in range(3):
        build.case(county)
        build.criminal(county)
    after = {name: count(client, url(name)) for name in before}
    assert before == after
    assert max(after.values()) <= 15, after


def test_the_page_of_a_case_takes_few_queries_whatever_stands_in_it(county, signed_in):
    case = build.case(county)
    client = signed_in(county.officer)
    few = count(client, at_case("case", case))
    build.executed(county, case)
    build.executed(county, case)
    build.party(county, case, PartyRole.VICTIM)
    many = count(client, at_case("case", case))
    more_of_it = build.proposal(county, case)
    assert more_of_it.party.ordinal == 3
    assert count(client, at_case("case", case)) == many
    assert few == many <= 15, (few, many)


# --- field and API -----------------------------------------------------------------------------------------


def test_a_report_is_registered_on_the_phone(county, signed_in):
    client = signed_in(county.officer)
    address = reverse("field:cases.register")
    assert client.get(address).status_code == 200
    page = post(client, address, subject="电动自行车被盗", nature="criminal", place="沙河站镇", account="早上发现不见了", way="scene",
                reporter_name="示例报案人", reporter_phone="19900000001", evidence_taken="购车发票照片")  # fmt: skip
    assert Report.objects.get().number in said(page)


def test_the_api_registers_files_reads_and_closes_without_naming_anybody(county, signed_in):
    client, at = signed_in(county.officer), "/api/v1/cases"
    body = {
        "nature": "public_order",
        "subject": "被人殴打",
        "division_code": build.VILLAGE,
        "reporter_name": "示例报案人",
        "no_evidence_yet": True,
    }
    made = client.post(f"{at}/reports", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert "示例报案人" not in made.content.decode()
    do.hand_receipt(report=Report.objects.get(), actor=county.window, at=county.at)
    names = {role: officer.username for role, officer in build.team(county).items()}
    filed = client.post(
        f"{at}/reports/{made.json()['id']}/file",
        {"kind": "administrative", "offence": "殴打他人", **names},
        content_type="application/json",
    )
    assert filed.status_code == 200, filed.content
    number = filed.json()["case"]["number"]
    assert client.get(f"{at}/{number}").json()["team"][0]["role"] == "lead"
    assert [c["number"] for c in client.get(f"{at}/").json()["cases"]] == [number]
    refused = client.post(f"{at}/{number}/close", {"ground": "258-3"}, content_type="application/json")
    assert refused.status_code == 403
    wrong = client.post(
        f"{at}/reports/{made.json()['id']}/file",
        {"kind": "administrative", "offence": "殴打他人", **names, "lead": "无此人"},
        content_type="application/json",
    )
    assert wrong.status_code == 422


# --- papers ------------------------------------------------------------------------------------------------


def test_the_case_page_lists_its_papers_and_opening_one_is_a_look(county, signed_in):
    case = build.case(county)
    officer = signed_in(county.officer)
    page = said(officer.get(at_case("case", case), {"tab": "papers"}))
    paper = queries.papers_of_case(case)[-1]
    address = url("paper", case_id=case.pk, paper_id=paper.pk)
    assert address in page and paper.number in page and "接报案回执" in page
    assert not ledger.looks_at(case.number)
    opened = officer.get(address)
    assert opened.content.startswith(b"%PDF") and opened["Cache-Control"] == "private, no-store"
    assert [line.act for line in ledger.looks_at(case.number)] == ["access.looked"]


def test_a_paper_opens_to_nobody_without_sight_of_the_case_and_under_no_other_case(county, signed_in):
    case, other = build.case(county), build.case(county)
    paper, foreign = queries.papers_of_case(case)[-1], queries.papers_of_case(other)[-1]
    assert signed_in(county.officer).get(url("paper", case_id=case.pk, paper_id=foreign.pk)).status_code == 404
    assert signed_in(county.stranger).get(url("paper", case_id=case.pk, paper_id=paper.pk)).status_code in (403, 404)
    assert not ledger.looks_at(case.number)


def test_the_receipt_for_the_file_opens_from_the_report_and_carries_no_code(county, signed_in):
    import pypdfium2

    report = build.report(county)
    code = do.hand_receipt(report=report, actor=county.window, at=county.at).code
    page = said(signed_in(county.window).get(url("report", report_id=report.pk)))
    address = re.search(rf"/desk/reports/{report.pk}/papers/[0-9a-f-]+.pdf", page)
    opened = signed_in(county.window).get(address[0])
    text = pypdfium2.PdfDocument(opened.content)[0].get_textpage().get_text_range()
    assert report.number in text and code not in text
