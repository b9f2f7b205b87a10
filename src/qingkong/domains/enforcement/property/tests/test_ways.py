"""Exhibits through the pages and the API, as each post uses them."""

from datetime import timedelta

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.cases.rules.states import CaseKind
from qingkong.domains.enforcement.property.models import Exhibit, SeizureList
from qingkong.domains.enforcement.property.tests.making import BIKE, STICK, hand_over, keep, open_case, seize

pytestmark = pytest.mark.django_db(databases="__all__")
HOUR = timedelta(hours=1)


@pytest.fixture
def case(county):
    return open_case(county)


def taking(county, **changes):
    return {
        "ground": "on_the_spot", "seized_at": "2026-11-24 09:00", "place_text": "村委会门前",
        "second_officer": str(county.officers.second_officer.pk), "t1-name": "木棍", "t1-quantity": "1", "t1-measure": "根",
        "t1-kind": "ordinary", "t1-features": "一端有裂痕", "holder_name": "示例持有人", "holder_signature": "signed", **changes,
    }  # fmt: skip


def text(response):
    return response.content.decode()


def test_an_officer_seizes_at_the_desk_and_sees_what_must_follow(signed_in, county, case):
    browser = signed_in(county.officer)
    assert "当场扣押" in text(browser.get(f"/desk/exhibits/seize/{case.pk}/"))
    response = browser.post(
        f"/desk/exhibits/seize/{case.pk}/", taking(county, **{"t5-name": "刀", "t5-kind": "contraband"}), follow=True
    )
    assert response.status_code == 200
    assert "二十四小时内由单位负责人补办批准" in text(response)
    assert [one.name for one in Exhibit.objects.order_by("number")] == ["木棍", "刀"]


def test_property_held_in_good_faith_is_refused_with_the_lawful_way_and_what_was_typed_stays(signed_in, county, case):
    response = signed_in(county.officer).post(f"/desk/exhibits/seize/{case.pk}/", taking(county, lawful_holder="on"))
    assert response.status_code == 409
    assert "不得扣押" in text(response) and "登记" in text(response) and "一端有裂痕" in text(response)
    assert not SeizureList.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"t1-name": ""}, {"t1-quantity": "许多"}, {"t1-quantity": "-1"}, {"t1-quantity": "1e400"}, {"t1-quantity": "NaN"},
        {"seized_at": "昨天"}, {"seized_at": "2027-01-01 00:00"}, {"second_officer": "谁"}, {"ground": "口头批准"},
        {"t1-name": "木" * 61}, {"place_text": ""}, {"holder_signature": "refused"},
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence_on_the_form_and_nothing_is_kept(signed_in, county, case, changes):
    response = signed_in(county.officer).post(f"/desk/exhibits/seize/{case.pk}/", taking(county, **changes))
    assert response.status_code in (200, 409, 422)
    assert "govuk-error-summary" in text(response)
    assert not Exhibit.objects.exists()


def test_a_lawful_holder_keeps_what_is_registered(signed_in, county, case):
    response = signed_in(county.officer).post(f"/desk/exhibits/register/{case.pk}/", taking(county), follow=True)
    assert "已登记，未扣押" in text(response)


def test_the_head_answers_and_the_page_says_that_time_is_now(signed_in, county, case, clock):
    asked = seize(county, case)[0].seizure_list.approval
    clock(AT + HOUR)
    browser = signed_in(county.station_head)
    assert "木棍" in text(browser.get("/desk/exhibits/"))
    assert "不能写成更早" in text(browser.get(f"/desk/exhibits/approvals/{asked.pk}/"))
    browser.post(f"/desk/exhibits/approvals/{asked.pk}/", {"answer": "yes"})
    assert asked.fresh().answered_at == AT + HOUR


def test_a_thing_goes_from_the_officer_to_the_shelf(signed_in, county, case, clock):
    one = seize(county, case)[0]
    clock(AT + HOUR)
    room = county.units["010"]
    signed_in(county.officer).post(f"/desk/exhibits/{one.pk}/hand-over/", {"room": str(room.pk)})
    keeper = signed_in(county.custodian)
    assert one.number in text(keeper.get("/desk/exhibits/"))
    assert "接收入库" in text(keeper.get(f"/desk/exhibits/{one.pk}/"))
    keeper.post(f"/desk/exhibits/{one.pk}/accept/", {"place": "3-2-05", "photographed": "on"})
    assert one.fresh().place_kept == "3-2-05"
    assert "3-2-05" in text(keeper.get(f"/desk/exhibits/{one.pk}/"))


def test_a_refused_thing_comes_back_with_its_reason(signed_in, county, case):
    one = hand_over(county, seize(county, case)[0], at=AT)
    keeper = signed_in(county.custodian)
    assert "govuk-error-summary" in text(keeper.post(f"/desk/exhibits/{one.pk}/refuse/", {"reason": ""}))
    keeper.post(f"/desk/exhibits/{one.pk}/refuse/", {"reason": "封条破损"})
    assert "封条破损" in text(signed_in(county.officer).get(f"/desk/exhibits/{one.pk}/"))


def test_after_24_hours_the_form_asks_why(signed_in, county, case, clock):
    one = seize(county, case)[0]
    clock(AT + 30 * HOUR)
    browser = signed_in(county.officer)
    assert "why_late" in text(browser.get(f"/desk/exhibits/{one.pk}/hand-over/"))
    room = str(county.units["010"].pk)
    assert "govuk-error-summary" in text(browser.post(f"/desk/exhibits/{one.pk}/hand-over/", {"room": room}))
    browser.post(f"/desk/exhibits/{one.pk}/hand-over/", {"room": room, "why_late": "道路积雪"})
    assert one.fresh().state == "offered"


def test_a_series_of_bikes_is_decided_and_returned_on_two_forms(signed_in, county, clock):
    case = open_case(county, kind=CaseKind.CRIMINAL)
    bikes = [keep(county, one) for one in seize(county, case, BIKE, BIKE)]
    clock(AT + 3 * HOUR)
    picked = [str(bike.pk) for bike in bikes]
    leader, keeper = signed_in(county.bureau_leader), signed_in(county.custodian)
    leader.post(f"/desk/exhibits/{bikes[0].pk}/decide/", {"exhibits": picked, "way": "return", "reason": "权属清楚"})
    response = keeper.post(
        f"/desk/exhibits/{bikes[0].pk}/return/", {"exhibits": picked, "owner_name": "示例车主"}, follow=True
    )
    assert "已返还" in text(response)
    assert {one.state for one in Exhibit.objects.all()} == {"returned"}


def test_persons_open_only_with_a_look_that_is_entered(signed_in, county, case):
    one = seize(county, case)[0]
    browser = signed_in(county.officer)
    assert "示例持有人" not in text(browser.get(f"/desk/exhibits/{one.pk}/"))
    wrong = browser.post(f"/desk/exhibits/{one.pk}/persons/", {"purpose": "handling", "reference": "A2026-009999"})
    assert wrong.status_code == 403 and "示例持有人" not in text(wrong)
    seen = browser.post(f"/desk/exhibits/{one.pk}/persons/", {"purpose": "handling", "reference": case.number})
    assert "示例持有人" in text(seen)
    assert ledger_acts(case)[-1] == "access.looked"


def test_label_and_list_are_pdfs_and_the_list_is_a_look(signed_in, county, case):
    one = seize(county, case)[0]
    browser = signed_in(county.officer)
    from qingkong.kernel import papers

    made = papers.of(one.seizure_list)[0]
    for address in (f"/desk/exhibits/{one.pk}/label.pdf", f"/desk/exhibits/{one.pk}/papers/{made.pk}.pdf"):
        response = browser.get(address)
        assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert ledger_acts(case)[-1] == "access.looked"


@pytest.mark.parametrize("who", ["stranger", "strange_head", "dispatcher", "supervisor", "administrator", "auxiliary"])
def test_who_has_nothing_to_do_with_it_doesnt_see_it(signed_in, county, case, who):
    one = seize(county, case)[0]
    response = signed_in(getattr(county, who)).get(f"/desk/exhibits/{one.pk}/")
    assert response.status_code in (403, 404)
    assert "木棍" not in text(response)


def test_the_english_page_has_no_chinese_but_what_people_typed(signed_in, county, case):
    one = seize(county, case)[0]
    page = text(signed_in(county.officer, language="en").get(f"/desk/exhibits/{one.pk}/"))
    assert (
        "Seizure on the spot" in page
        and "Hand over" in page
        and "扣押" not in page.replace(one.seizure_list.number, "")
    )


def test_pages_ask_the_database_no_more_often_with_more_things(signed_in, county, case, django_assert_max_num_queries):
    seize(county, case, *[STICK] * 12)
    browser = signed_in(county.officer)
    one = Exhibit.objects.first()
    browser.get("/desk/exhibits/")
    with django_assert_max_num_queries(15):
        browser.get("/desk/exhibits/")
    with django_assert_max_num_queries(15):
        browser.get(f"/desk/exhibits/{one.pk}/")


def test_an_officer_seizes_on_the_phone(signed_in, county, case):
    browser = signed_in(county.officer)
    assert "当场扣押" in text(browser.get(f"/field/seize/{case.pk}/"))
    response = browser.post(f"/field/seize/{case.pk}/", taking(county), follow=True)
    assert "二十四小时内移交保管员" in text(response)


# --- API -----------------------------------------------------------------------------------------------------


def test_the_api_seizes_hands_over_and_accepts(signed_in, county, case):
    officer = signed_in(county.officer)
    body = {
        "case": case.number, "things": [{"name": "木棍", "measure": "根"}], "place_text": "村口",
        "second_officer": county.officers.second_officer.username, "holder": {"name": "示例持有人"},
    }  # fmt: skip
    made = officer.post("/api/v1/property/seizures", body, content_type="application/json")
    assert made.status_code == 201
    number = made.json()["exhibits"][0]["number"]
    assert (
        officer.post(
            f"/api/v1/property/{number}/hand-over", {"room": "010"}, content_type="application/json"
        ).status_code
        == 200
    )
    keeper = signed_in(county.custodian)
    kept = keeper.post(f"/api/v1/property/{number}/accept", {"place": "1-1"}, content_type="application/json")
    assert kept.json()["state"] == "kept"
    whole = officer.get(f"/api/v1/property/{number}").json()
    assert [m["move"] for m in whole["movements"]] == ["seized", "handed_over", "accepted"]
    assert "示例持有人" not in str(whole)


def test_the_api_says_what_is_wrong_in_json(signed_in, county, case):
    one = hand_over(county, seize(county, case)[0], at=AT)
    keeper = signed_in(county.custodian)
    for body in ({"place": " "}, {"place": "x" * 81}, {}):
        response = keeper.post(f"/api/v1/property/{one.number}/accept", body, content_type="application/json")
        assert response.status_code in (409, 422)
    officer = signed_in(county.officer)
    refused = officer.post(f"/api/v1/property/{one.number}/accept", {"place": "1"}, content_type="application/json")
    assert refused.status_code in (403, 409)
    assert one.fresh().state == "offered"


def test_a_seizure_sent_twice_with_one_key_is_made_once(signed_in, county, case):
    browser = signed_in(county.officer)
    from qingkong.web.idempotency import FIELD

    body = taking(county, **{FIELD: "k" * 32})
    for _ in range(2):
        browser.post(f"/desk/exhibits/seize/{case.pk}/", body)
    assert Exhibit.objects.count() == 1
