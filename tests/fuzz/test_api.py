"""Whatever the API is sent, as several posts, about its own and about others' things: an answer of its schema's shape."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from qingkong.project.api import api
from tests.security.asking import Asker
from tests.security.conftest import asker, stations

__all__ = ["asker", "stations"]
pytestmark = pytest.mark.django_db(databases=["default", "passing"])
ROLES = [
    "officer",
    "dispatcher",
    "station_head",
    "custodian",
    "legal_officer",
    "inspector",
    "supervisor",
    "administrator",
]


def throw(stations: Any, client: Asker, examples: int) -> tuple[int, list[str]]:
    """How many requests were sent, about one's own, another's and nobody's things, and what was wrong with the answers."""
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    thrown, faults = 0, []
    for found in schema.get_all_operations():
        sent, wrong = throw_at(client, found.ok(), (stations.mine, stations.theirs, None), examples)
        thrown += sent
        faults += [f"{found.ok().label}: {one}" for one in wrong]
    return thrown, faults


def throw_at(client: Asker, operation: Any, subjects: Any, examples: int) -> tuple[int, list[str]]:
    thrown, faults = 0, []

    @given(case=operation.as_strategy())
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def one(case: Any) -> None:
        nonlocal thrown
        thrown += 1
        about(subjects[thrown % 3], case, operation.path.split("/")[3])
        answer = ask(client, case.as_transport_kwargs(base_url="http://testserver"))
        if answer.status >= 500 or "Traceback" in answer.text:
            faults.append(f"{answer.status} {answer.text[:200]}")
        elif answer.status >= 400 and not json.loads(answer.text).get("title"):
            faults.append(f"{answer.status} without a sentence: {answer.text[:200]}")

    one()
    return thrown, faults


def about(known: Any, case: Any, room: str) -> None:
    """Put things that exist into an address."""
    if known is None:
        return
    ours = {"number": known.numbers[room], "case_number": known.numbers["dossiers"]}
    ours |= {name: str(known.named[name]) for name in ("response_id", "report_id")}
    case.path_parameters = {k: ours.get(k, v) for k, v in (case.path_parameters or {}).items()}


def ask(client: Asker, request: dict[str, Any]) -> Any:
    body = request.get("json")
    sent = json.dumps(body).encode() if body is not None else request.get("data") or b""
    sent = sent if isinstance(sent, (bytes, str)) else json.dumps(sent, default=str)
    return client.ask(
        request["method"].lower(), request["url"].removeprefix("http://testserver"),
        data=sent, content_type="application/json", query_params=request.get("params") or None,
    ) if request["method"] != "GET" else client.ask("get", request["url"].removeprefix("http://testserver"), request.get("params") or {})  # fmt: skip


@pytest.mark.parametrize("name", [ROLES[0], *(pytest.param(role, marks=pytest.mark.deep) for role in ROLES[1:])])
def test_nothing_that_a_program_sends_ends_in_a_fault(stations, asker, name):
    thrown, faults = throw(stations, asker(getattr(stations.here, name)), 2 if name == ROLES[0] else 40)
    assert thrown > 40 and not faults, "\n".join(faults[:20])


def test_somebody_who_is_not_signed_in_gets_401_from_every_operation(stations, asker):
    nobody = asker(None)
    for path, known in api.get_openapi_schema()["paths"].items():
        where = path.replace("{", "").replace("}", "")
        for method in known:
            answer = (
                nobody.ask(method, where, b"{}", content_type="application/json")
                if method != "get"
                else nobody.ask("get", where)
            )
            assert answer.status == 401 and json.loads(answer.text)["title"], (method, path, answer.status)
