"""No page and no operation of the API writes for a request that another site made a browser send."""

import json

import pytest
from django.urls import get_resolver

from qingkong.project.api import api
from qingkong.web.routes import routes_matrix
from tests.security.asking import CONVERTER

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
EXEMPT = {
    "portal:web.cosign": "a cosigner's program has no session; the signature over the checkpoint is what is believed"
}
"""Routes that take a POST without the token, and why."""

SOMEBODY = {"uuid": "01a20d61-0000-7000-8000-000000000000", "str": "B2026-000001", "slug": "view", "int": "1"}
FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


def pages():
    for row in routes_matrix():
        if row.name not in EXEMPT:
            yield row.name, CONVERTER.sub(lambda m: SOMEBODY[m[1]], row.path)


def operations():
    for path, known in api.get_openapi_schema()["paths"].items():
        for method in set(known) - {"get"}:
            yield method, path.replace("{", "").replace("}", "")


def test_a_page_refuses_every_post_without_its_token_and_says_what_to_do(county, asker):
    strict = asker(county.officer, enforce_csrf_checks=True)
    refused = {name: strict.ask("post", where, {"a": "b"}) for name, where in pages()}
    assert len(refused) > 100
    wrong = {
        name: answer.status
        for name, answer in refused.items()
        if answer.status != 403 or "刷新后再提交" not in answer.text
    }
    assert not wrong


def test_what_needs_no_token_gains_nothing_from_a_session(county, asker):
    known = {row.name: row.path for row in routes_matrix()}
    for name in EXEMPT:
        signed_in, nobody = (
            asker(actor, enforce_csrf_checks=True).ask("post", known[name], {"a": "b"})
            for actor in (county.officer, None)
        )
        assert signed_in.shape == nobody.shape and signed_in.status >= 400, name


BESIDE = {
    "health": "says ok, reads nothing",
    "api/": "asked operation by operation in this package",
    "uploads/": "asks for session and token itself: tests/uploads, and below",
}
"""Addresses that are no page of a face: each is named here, with what looks after it."""


def test_every_address_is_a_page_an_operation_or_one_that_is_named():
    faces = {row.face for row in routes_matrix()}
    beside = {
        str(known.pattern) for known in get_resolver().url_patterns if getattr(known, "namespace", None) not in faces
    }
    assert beside - set(BESIDE) - {"metrics", "ready", "live"} == set()


@pytest.mark.parametrize(
    "method, where", [("post", "/uploads/"), *((m, f"/uploads/{SOMEBODY['uuid']}") for m in ("patch", "put", "delete"))]
)
def test_an_upload_neither_begins_nor_goes_on_without_the_token(county, asker, method, where):
    strict = asker(county.officer, enforce_csrf_checks=True)
    sent = strict.ask(
        method, where, b"x", content_type="application/offset+octet-stream", headers={"Tus-Resumable": "1.0.0"}
    )
    assert sent.status == 403 and "title" in sent.text


def test_neither_a_guessed_nor_a_foreign_token_is_taken(county, asker):
    strict = asker(county.officer, enforce_csrf_checks=True)
    strict.client.get("/desk/")
    token = strict.client.cookies["csrftoken"].value
    for name, where in list(pages())[::4]:
        guessed = strict.ask("post", where, {"csrfmiddlewaretoken": "a" * 64})
        from_elsewhere = strict.ask("post", where, {"csrfmiddlewaretoken": token}, headers=FOREIGN)
        assert (guessed.status, from_elsewhere.status) == (403, 403), name


def test_the_public_too_is_asked_for_the_token(db, asker):
    strict = asker(None, enforce_csrf_checks=True)
    for row in routes_matrix():
        if row.face == "portal" and "<" not in row.path and row.name not in EXEMPT:
            assert strict.ask("post", row.path, {}).status == 403, row.name


def test_no_operation_of_the_api_writes_without_the_token(county, asker):
    strict = asker(county.officer, enforce_csrf_checks=True)
    asked = {(m, p): strict.ask(m, p, json.dumps({}), content_type="application/json") for m, p in operations()}
    assert len(asked) > 15
    assert {key: answer.status for key, answer in asked.items() if answer.status != 403} == {}


def test_with_the_token_the_same_requests_get_further(county, asker):
    """Else the tests above would hold of a system that refuses everything."""
    strict = asker(county.officer, enforce_csrf_checks=True)
    strict.client.get("/desk/")
    token = strict.client.cookies["csrftoken"].value
    assert strict.ask("post", "/desk/evidence/register/", {"csrfmiddlewaretoken": token}).status == 422
    body, headers = json.dumps({}), {"X-CSRFToken": token}
    assert strict.ask("post", "/api/v1/calls/", body, content_type="application/json", headers=headers).status == 422
