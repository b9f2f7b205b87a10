"""Every role asks every thing of every other unit, on every page and of the API: what a policy hides isn't there."""

import re
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from qingkong.conftest import POSTS
from qingkong.project.api import api
from qingkong.web.routes import RouteRow, routes_matrix
from tests.security import policy
from tests.security.asking import CONVERTER, Asker
from tests.security.stations import AT_THE_STATION, Subjects

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
ELSEWHERE = [name for name, unit, _ in POSTS if unit != "105"]
PUBLIC = {"public"}
TELLS_NOTHING = {"field:cases.registered"}  # says the number back that stands in its address, and asks nobody
WORDS = {"what": "view", "kind": "calls.call"}  # arguments that name no thing, the same for all
PARAMETER = re.compile(r"\{(\w+)\}")


def some(*now: str, then: tuple[str, ...]) -> list[Any]:
    """These in every run, the rest in the long one."""
    return [*now, *(pytest.param(name, marks=pytest.mark.deep) for name in then)]


def routes() -> Iterator[tuple[RouteRow, str]]:
    """Every page that takes a thing, with the argument that says which."""
    for row in routes_matrix():
        names = [name for _, name in CONVERTER.findall(row.path)]
        if names:
            yield row, names[0]


def addressed(row: RouteRow, subjects: Subjects | None) -> str:
    """The page's address with a station's things in it, or with ids that nobody has."""

    def one(found: re.Match[str]) -> str:
        kind, name = found.groups()
        known = subjects.of(row.name, name) if subjects else None
        return str(known or (uuid.uuid4() if kind == "uuid" else WORDS.get(name, "B2026-999999")))

    return CONVERTER.sub(one, row.path)


def faults(who: str, asker: Asker, subjects: Subjects, methods: tuple[str, ...]) -> Iterator[str]:
    """What a post gets to know through pages that it mustn't."""
    for row, argument in routes():
        if row.needs in PUBLIC or row.name in TELLS_NOTHING:
            continue
        kind = policy.kind_of(row.name, argument)
        opens, knows = policy.coarse(asker.actor, row.needs), policy.may_know(asker.actor, kind)
        for method in methods:
            known = asker.ask(method, addressed(row, subjects))
            said = f"{who} {method} {row.name}: {known.status}"
            if known.status >= 500 or "Traceback" in known.text:
                yield f"{said}, a fault"
            elif not opens:
                if known.status != 403 or known.shape != asker.ask(method, addressed(row, None)).shape:
                    yield f"{said}, though the post may not open the page"
            elif not knows:
                unknown = asker.ask(method, addressed(row, None))
                if known.status not in (403, 404, 405) or known.shape != unknown.shape:
                    yield f"{said}, {unknown.status} for what isn't there"


def test_the_table_of_this_test_says_of_each_post_what_the_policy_says(stations):
    actors = {name: getattr(stations.here, name) for name in ELSEWHERE}
    differ = [
        f"{name} {kind}"
        for name, actor in actors.items()
        for kind in policy.SEE
        if policy.coarse(actor, policy.SEE[kind])
        and policy.policy_says(actor, kind, stations.theirs) != policy.may_know(actor, kind)
    ]
    assert not differ


def test_every_argument_of_every_page_is_known_to_this_test_and_has_its_thing(stations):
    for row, argument in routes():
        assert policy.kind_of(row.name, argument), row.name
        for _, name in CONVERTER.findall(row.path):
            assert stations.mine.of(row.name, name) and stations.theirs.of(row.name, name), f"{row.name} {name}"


def test_the_owner_finds_on_each_page_what_a_stranger_does_not(stations, asker):
    """Else everything below would hold of pages that are empty for everybody."""
    mine = asker(stations.here.officer)
    found = [
        row.name for row, argument in routes()
        if policy.kind_of(row.name, argument) in ("call", "case", "report", "item", "exhibit", "list", "dossier")
        and policy.coarse(mine.actor, row.needs) and mine.ask("get", addressed(row, stations.mine)).status in (200, 302, 303)
    ]  # fmt: skip
    assert len(found) > 40, found


@pytest.mark.parametrize("name", some("officer", then=("station_head",)))
def test_a_post_of_one_station_learns_nothing_of_another_stations_things(stations, asker, name):
    found = list(faults(name, asker(getattr(stations.here, name)), stations.theirs, ("get", "post")))
    assert not found, "\n".join(found)


@pytest.mark.deep
@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_post_of_the_county_learns_of_another_units_things_what_the_policy_hides(stations, asker, name):
    found = list(faults(name, asker(getattr(stations.here, name)), stations.theirs, ("get", "head", "post")))
    assert not found, "\n".join(found)


@pytest.mark.deep
@pytest.mark.parametrize("name", ["officer", "station_head", *AT_THE_STATION])
def test_the_other_way_round_neither(stations, asker, name):
    found = list(faults(name, asker(getattr(stations.there, name)), stations.mine, ("get", "post")))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("method", some("trace", then=("put", "patch", "delete", "options")))
def test_a_method_that_a_page_does_not_know_does_nothing_and_tells_nothing(stations, asker, method):
    owner = asker(stations.here.officer)
    for row in list(routes_matrix())[:: 3 if method == "trace" else 1]:
        if row.needs not in PUBLIC:
            answer = owner.ask(method, addressed(row, stations.mine))
            assert answer.status == 405 and "POST" in answer.headers["Allow"], f"{row.name}: {answer.status}"


# --- the API -------------------------------------------------------------------------------------------------

STAMP, ASKED = "arrived", {"result": "settled_on_scene", "note": "处结"}
BODIES: dict[str, Any] = {"dispatch": {"unit_code": "104", "officers": ["T004"]}, "close": ASKED}


@cache
def schema() -> dict[str, Any]:
    return api.get_openapi_schema()


def operations() -> Iterator[tuple[str, str]]:
    """(method, path) of everything that the schema offers about one thing."""
    for path, known in schema()["paths"].items():
        for method in known:
            if "{" in path:
                yield method, path


def program_address(path: str, subjects: Subjects | None) -> str:
    room = path.split("/")[3]
    known = {"stamp": STAMP}
    if subjects:
        known |= {"number": subjects.numbers[room], "case_number": subjects.numbers["dossiers"]}
        known |= {name: str(subjects.named[name]) for name in ("response_id", "report_id")}
    nobody = {"response_id": str(uuid.uuid4()), "report_id": str(uuid.uuid4())}
    return PARAMETER.sub(lambda m: known.get(m[1]) or nobody.get(m[1]) or "J2026-999999", path)


@pytest.mark.parametrize(
    "name",
    some(
        "officer",
        "auxiliary",
        then=("station_head", "legal_officer", "window", "custodian", "brigade_officer", "supervisor"),
    ),
)
def test_no_program_learns_of_another_units_things_either(stations, asker, name):
    one, found = asker(getattr(stations.here, name)), []
    known_operations = {(m, p): o for p, known in schema()["paths"].items() for m, o in known.items()}
    for method, path in operations():
        body = _least(known_operations[method, path]) if method == "post" else None
        known, unknown = (
            one.ask(method, program_address(path, subjects), body, content_type="application/json")
            if body is not None else one.ask(method, program_address(path, subjects))
            for subjects in (stations.theirs, None)
        )  # fmt: skip
        if known.status not in (403, 404, 422) or known.shape != unknown.shape:
            found.append(f"{name} {method} {path}: {known.status}, {unknown.status} for what isn't there")
    assert not found, "\n".join(found)


def _least(operation: dict[str, Any]) -> dict[str, Any]:
    """A body that has what the schema requires."""
    return (
        _of_schema(operation["requestBody"]["content"]["application/json"]["schema"])
        if "requestBody" in operation
        else {}
    )


def _of_schema(asked: dict[str, Any]) -> Any:
    if "$ref" in asked:
        return _of_schema(schema()["components"]["schemas"][asked["$ref"].rpartition("/")[2]])
    if "anyOf" in asked:
        return _of_schema(asked["anyOf"][0])
    if "enum" in asked:
        return asked["enum"][0]
    if asked.get("type") == "object":
        return {k: _of_schema(v) for k, v in asked.get("properties", {}).items() if k in asked.get("required", ())}
    if asked.get("type") == "array":
        return [_of_schema(asked["items"])] * max(asked.get("minItems", 0), 1)
    if asked.get("format") == "date-time":
        return "2026-11-24T09:00:00+08:00"
    return {"integer": 1, "number": 1, "boolean": True}.get(asked.get("type", ""), "甲")


# --- what comes in a body or a question -------------------------------------------------------------------------


def test_naming_another_stations_thing_in_a_form_or_body_is_like_naming_nothing(stations, asker):
    one, their = asker(stations.here.officer), stations.theirs.numbers
    case, call = their["cases"], their["calls"]
    thing = {"name": "木棍", "measure": "根", "quantity": 1}
    for where, body, key, number in [
        ("/api/v1/property/seizures", {"things": [thing], "second_officer": "T005"}, "case_number", case),
        ("/api/v1/property/registrations", {"things": [thing], "second_officer": "T005"}, "case_number", case),
        ("/api/v1/property/returns", {"exhibits": [their["property"]]}, "case_number", case),
    ]:
        shapes = [
            one.ask("post", where, {**body, key: said}, content_type="application/json")
            for said in (number, "A2026-999999")
        ]
        assert shapes[0].status >= 400 and shapes[0].shape == shapes[1].shape, (where, [s.text[:200] for s in shapes])
    for where in ("/desk/evidence/register/", "/field/capture/"):
        for number in (case, call):
            known, unknown = (
                one.ask("post", where, {"link": said, "source": "phone"}) for said in (number, number[:6] + "999999")
            )
            assert known.shape == unknown.shape, where


NOSY = ("custodian", "station_head", "auxiliary", "window", "legal_officer", "brigade_head", "petitions_office")
THINGS = ("call_id", "case_id", "report_id", "exhibit_id", "item_id", "dossier_id", "series_id")


@pytest.mark.parametrize("name", some("officer", then=(*NOSY, "supervisor", "administrator")))
def test_no_list_no_search_and_no_question_shows_another_units_numbers(stations, asker, name):
    one, theirs = asker(getattr(stations.here, name)), stations.theirs
    hidden = {*theirs.numbers.values(), *(str(theirs.named[key]) for key in THINGS)}
    asked = (
        ["", *theirs.numbers.values()] if name != "officer" else ["", theirs.numbers["cases"], theirs.numbers["calls"]]
    )
    leaks = []
    for row in routes_matrix():
        if "<" in row.path or row.face == "portal" or not policy.coarse(one.actor, row.needs):
            continue
        if row.name == "desk:web.ledger":
            continue  # the supervisor reads by number what was done, never what was in it
        for number in asked:
            said = dict.fromkeys(("q", "call", "for", "thread"), number) | {"show": "all", "unit": "105"}
            text = one.ask("get", row.path, said if number else {}).text
            shown = {n for n in hidden - {number} if n in text}
            leaks += [f"{row.name} with {number!r}: {shown}"] if shown else []
    assert not leaks, "\n".join(leaks)
