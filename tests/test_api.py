"""The API: its schema, its page, its refusals as sentences, once for a repeated key, and no fault whatever is sent."""

import json
import uuid

import pytest
import schemathesis
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded

from qingkong.conftest import sit_down
from qingkong.domains.enforcement.calls.queries import Call
from qingkong.domains.enforcement.cases.operations import hand_receipt
from qingkong.domains.enforcement.cases.queries import Report

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CALL = {"kind": "theft", "division_code": "370923101", "what": "电动自行车被盗", "place_text": "沙河站镇"}
CALLS = "/api/v1/calls/"


@pytest.fixture
def program(county):
    """A program that carries an officer's session: `program(county.dispatcher)`."""

    def make(actor, **options):
        return sit_down(Client(raise_request_exception=False, **options), actor, language="")

    return make


def send(client, body, where=CALLS, **headers):
    return client.post(where, json.dumps(body), content_type="application/json", headers=headers)


def test_the_schema_and_its_page_are_served_by_ourselves(client):
    schema = client.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.") and CALLS in schema["paths"]
    page = client.get("/api/docs").content.decode()
    assert "/static/ninja/" in page and "https://" not in page.replace("https://github.com", "")


@pytest.mark.parametrize("language, said", [("zh-hans", "没有登录"), ("en", "Not signed in")])
def test_nobody_signed_in_gets_401_with_a_sentence(client, language, said):
    answer = client.get(CALLS, headers={"Accept-Language": language})
    assert answer.status_code == 401 and said in answer.json()["title"] and answer.json()["how"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_refusal_is_a_sentence_in_the_callers_language(program, county, language):
    spoken = {"Accept-Language": language}
    dispatcher, administrator = program(county.dispatcher), program(county.administrator)
    call = send(dispatcher, CALL).json()
    answers = {
        403: administrator.get(CALLS, headers=spoken),
        404: dispatcher.get(f"{CALLS}J2026-999999", headers=spoken),
        409: send(dispatcher, {"result": "settled_on_scene"}, f"{CALLS}{call['number']}/close", **spoken),
        422: send(dispatcher, {"kind": "theft"}, **spoken),
    }
    for status, answer in answers.items():
        said = answer.json()
        assert answer.status_code == status, said
        assert said["title"], said
        words = said["title"] + said.get("reason", "") + (said.get("how") or "")
        words += "".join(error["message"] for error in said.get("errors", []))
        assert any("一" <= c <= "鿿" for c in words) is (language == "zh-hans"), words


def test_wrong_input_names_its_field(program, county):
    said = send(program(county.dispatcher), {**CALL, "what": "长" * 1001, "priority": "x"}).json()
    assert {error["field"].rpartition(".")[2] for error in said["errors"]} >= {"what", "priority"}
    assert all(error["message"] for error in said["errors"])


def test_what_is_no_json_is_refused_with_a_sentence(program, county):
    answer = program(county.dispatcher).post(CALLS, b"{nonsense", content_type="application/json")
    assert 400 <= answer.status_code < 500 and answer.json()["title"]


def test_the_same_key_twice_takes_one_call(program, county):
    dispatcher, key = program(county.dispatcher), str(uuid.uuid4())
    first, second = (send(dispatcher, CALL, **{"Idempotency-Key": key}) for _ in range(2))
    assert first.status_code == 201 and first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true" and Call.objects.count() == 1
    other = send(dispatcher, {**CALL, "what": "另一件事"}, **{"Idempotency-Key": key})
    assert other.status_code == 422 and other.json()["title"] and Call.objects.count() == 1


def test_a_write_without_the_csrf_token_is_refused_and_does_nothing(program, county):
    strict = program(county.dispatcher, enforce_csrf_checks=True)
    answer = send(strict, CALL)
    assert answer.status_code == 403 and answer.json()["title"] and not Call.objects.exists()
    strict.get("/desk/")
    token = strict.cookies["csrftoken"].value
    assert send(strict, CALL, **{"X-CSRFToken": token}).status_code == 201


def test_what_a_rule_refuses_names_its_field_in_the_same_shape(program, county):
    answer = send(program(county.dispatcher), {**CALL, "kind": "nonsense"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["kind"] and answer.json()["errors"][0]["message"]


@pytest.fixture
def known(program, county):
    """Path parameters that exist, by the room in the address, for half of what is sent."""
    call = send(program(county.dispatcher), CALL).json()
    sent = send(
        program(county.dispatcher), {"unit_code": "104", "officers": [county.officers.officer.username]},
        f"{CALLS}{call['number']}/dispatch",
    ).json()  # fmt: skip
    officer, people = program(county.officer), county.officers
    told = {"nature": "public_order", "way": "window", "subject": "殴打他人", "account": "被推倒。", **CALL}
    told |= {"reporter_name": "示例甲", "no_evidence_yet": True}
    report = send(officer, told, "/api/v1/cases/reports").json()
    hand_receipt(report=Report.objects.get(pk=report["id"]), actor=county.officer, at=timezone.now())
    team = {"lead": people.officer, "second": people.second_officer, "legal": people.legal_officer}
    filed = send(
        officer, {"kind": "administrative", "offence": "殴打他人", **{role: one.username for role, one in team.items()}},
        f"/api/v1/cases/reports/{report['id']}/file",
    ).json()  # fmt: skip
    number = filed["case"]["number"]
    case = {"number": number, "case_number": number, "report_id": report["id"]}
    calls = {"number": call["number"], "response_id": sent["id"], "stamp": "acknowledged"}
    return {"calls": calls, "cases": case, "dossiers": case}


@pytest.mark.parametrize("actor", ["dispatcher", "officer", "custodian"])
def test_whatever_is_sent_there_is_no_fault(program, county, known, actor):
    client = program(getattr(county, actor))
    schema = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
    for found in schema.get_all_operations():
        _throw_at(found.ok(), client, known)


def _throw_at(operation, client, known):
    sent = []

    @given(case=operation.as_strategy())
    @bounded(max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def throw(case):
        sent.append(case)
        if len(sent) % 2:
            ours = known.get(operation.path.split("/")[3], {})
            case.path_parameters = {k: ours.get(k, v) for k, v in (case.path_parameters or {}).items()}
        request = case.as_transport_kwargs(base_url="http://testserver")
        assert request
        answer = _ask(client, request)
        words = answer.content.decode(errors="replace")
        assert answer.status_code < 500, f"{request}: {words[:400]}"
        assert "Traceback" not in words

    throw()


def _ask(client, request):
    where = request["url"].removeprefix("http://testserver")
    if request.get("json") is not None:
        body, kind = json.dumps(request["json"]).encode(), "application/json"
    else:
        body, kind = request.get("data") or b"", "application/json"
    body = body if isinstance(body, (bytes, str)) else json.dumps(body, default=str)
    return client.generic(request["method"], where, body, content_type=kind, query_params=request.get("params") or None)
