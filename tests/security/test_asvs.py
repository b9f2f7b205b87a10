"""docs/security.md is true: every line of the standard has its test or its reason, and what the page says is so."""

import ast
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from qingkong.domains.enforcement.evidence.media import pictures, process
from qingkong.domains.trust.disclosure import rules as disclosure
from qingkong.kernel.access import second_factors
from qingkong.project import settings as real
from qingkong.project.serve import hub
from qingkong.web import desk, visits
from tests.security.asking import sit_down

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LINE = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (tested|instead|not applicable|open) \| ([^|]+) \|$", re.MULTILINE
)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; those of level 3 alone are left out.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3,
    "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2,
    "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3,
    "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1,
    "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


def test_every_requirement_of_levels_1_and_2_has_its_line_and_no_line_is_empty():
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    found = LINE.findall(PAGE)
    assert [number for number, *_ in found] == wanted and len(wanted) == 253
    assert all(what.strip() and len(why.strip()) > 6 for _, _, what, _, why in found)
    assert {number: why for number, _, _, how, why in found if how == "tested" and not NAMED.search(why)} == {}


def test_every_test_that_the_page_names_is_there():
    missing = set()
    for path, name in set(NAMED.findall(PAGE)):
        file = ROOT / path
        tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
        if name not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.add(f"{path}::{name}")
    assert missing == set()


def test_the_page_counts_its_lines_rightly():
    states = [how for _, _, _, how, _ in LINE.findall(PAGE)]
    said = re.search(
        r"\*\*(\d+) tested · (\d+) something else instead, or a part · (\d+) not applicable · (\d+) open\.\*\*", PAGE
    )
    assert said and [int(n) for n in said.groups()] == [
        states.count(how) for how in ("tested", "instead", "not applicable", "open")
    ]


def test_the_limits_that_this_page_names_are_those_of_the_code():
    said = {
        f"| {real.AXES_FAILURE_LIMIT}, then {real.AXES_COOLOFF_TIME.seconds // 60} minutes |", f"| {second_factors.TRIES}, then {second_factors.FOR_SECONDS // 60} minutes |",
        f"| {disclosure.CHALLENGES_AN_HOUR} an hour |", f"| {disclosure.TRIES}; {disclosure.CHALLENGE_LASTS.seconds // 60} minutes |",
        f"| {real.QINGKONG_API_A_MINUTE} a minute |", f"| {real.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}; {real.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20} MiB |",
        f"| {process.SECONDS} s, {process.MEMORY // 2**20} GiB, {process.DISK * 512 // 2**30} GiB |", f"| {pictures.MOST_PIXELS:,} |", f"| {hub.MOST_CLIENTS:,} |",
        f"**{visits.LONGEST.seconds // 3600} hours**", f"**{visits.IDLE.seconds // 3600} hours**", f"**{disclosure.VISIT_LASTS.seconds // 60} minutes**",
    }  # fmt: skip
    assert {one for one in said if one not in PAGE} == set()


# --- what single lines of the table point at -----------------------------------------------------------------------


def sources():
    return [f for f in (ROOT / "src").rglob("*.py") if "tests" not in f.parts and f.name != "conftest.py"]


def test_the_inventory_of_cryptography_names_every_module_that_uses_it():
    known = tuple(re.findall(r"^\| `([\w/.]+)` \|", PAGE.split("## Keys")[1].split("## ")[0], re.MULTILINE))
    using = re.compile(r"^(?:from|import) (?:hashlib|hmac|secrets|cryptography|rfc3161_client)\b", re.MULTILINE)
    names = [str(f.relative_to(ROOT / "src")) for f in sources() if using.search(f.read_text(encoding="utf-8"))]
    assert len(names) > 10 and [name for name in names if not name.startswith(known)] == []


WEAK = re.compile(r"\b(?:md5|sha1|MD5|SHA1|ECB|PKCS1v15|DES|TripleDES|ARC4|RC4|Blowfish)\b")
WEAK_BUT = {
    "qingkong/web/uploads/": "tus 1.0 asks for sha1 as a checksum against damage on the way; the vault's digest is SHA-256"
}
DICE = {
    "qingkong/project/demo/": "dice of a demo",
    "qingkong/kernel/places/layout.py": "a drawing",
    "qingkong/domains/trust/satisfaction/operations.py": "SystemRandom",
}


def test_no_weak_hash_cipher_or_random_number_is_used():
    weak, dice = set(), set()
    for file in sources():
        name, text = str(file.relative_to(ROOT / "src")), file.read_text(encoding="utf-8")
        if WEAK.search(text) and not name.startswith(tuple(WEAK_BUT)):
            weak.add(name)
        if re.search(r"^(?:import random|from random import)", text, re.MULTILINE) and not name.startswith(tuple(DICE)):
            dice.add(name)
    assert (weak, dice) == (set(), set())


@pytest.mark.django_db(databases=["default", "passing"])
def test_the_password_field_is_masked_may_be_pasted_into_and_known_to_a_password_manager(client):
    page = client.get("/desk/sign-in/").content.decode()
    field = re.search(r'<input[^>]*name="password"[^>]*>', page)[0]
    assert 'type="password"' in field and "onpaste" not in page and 'autocomplete="current-password"' in field
    assert 'autocomplete="username"' in page


@pytest.mark.django_db(databases=["default", "passing"])
def test_no_page_of_signing_in_offers_a_hint_or_a_question(client):
    page = client.get("/desk/sign-in/").content.decode()
    assert not re.search("密码提示|安全问题|密保", page)


@pytest.mark.django_db(databases=["default", "passing"])
def test_every_page_of_the_desk_has_a_way_to_sign_out(client, county):
    sit_down(client, county.officer)
    for where in ("/desk/", "/desk/calls/", "/desk/cases/", "/desk/nothing/", "/desk/accounts/"):
        assert 'action="/desk/sign-out/"' in client.get(where).content.decode(), where


def test_no_setting_makes_a_password_run_out():
    assert not [name for name in dir(real) if re.search("PASSWORD.*(?:AGE|EXPIR|ROTAT|HISTORY)", name)]


def test_debugging_is_off_and_can_not_be_switched_on():
    assert real.DEBUG is False
    text = (ROOT / "src/qingkong/project/settings.py").read_text(encoding="utf-8")
    assert re.findall(r"^DEBUG = (.*)$", text, re.MULTILINE) == ["False"] and "debug_toolbar" not in text


@pytest.mark.django_db(databases=["default", "passing"])
@pytest.mark.parametrize(
    "where",
    [
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/static/",
        "/static/qingkong/",
        "/static/../settings.py",
        "/static/%2e%2e/instance.toml",
        "/pyproject.toml",
        "/media/",
        "/vault/",
    ],
)
def test_neither_source_history_nor_a_listing_is_served(client, where):
    assert client.get(where).status_code in (400, 404)


@pytest.mark.django_db(databases=["default", "passing"])
def test_a_fault_is_logged_without_what_was_typed(county, caplog, monkeypatch):
    def broken(request):
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(desk.face, "shell", broken)
    client = sit_down(Client(raise_request_exception=False), county.officer)
    with caplog.at_level(logging.ERROR):
        assert client.get("/desk/calls/", {"q": "13800000000", "name": "张三"}).status_code == 500
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "fault" in said and "13800000000" not in said and "张三" not in said


@pytest.mark.django_db(databases=["default", "passing"])
def test_no_line_of_the_log_can_be_forged_by_an_address(caplog, client):
    with caplog.at_level(logging.INFO):
        client.get("/desk/%0A2026-11-24 ERROR forged/")
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            client.get("/", headers={"host": "evil.example\n2026-11-24 ERROR forged"})
    assert not [r for r in caplog.records if "\n2026" in r.getMessage()]


def test_this_page_says_what_is_logged():
    assert "standard error" in PAGE.split("## Logs")[1].split("## ")[0]
    assert all(handler["class"] == "logging.StreamHandler" for handler in settings.LOGGING["handlers"].values())


def test_this_page_says_how_soon_a_dependency_is_mended():
    assert re.search(r"within 7 days.*within 30", PAGE.split("## Dependencies")[1].split("## ")[0], re.DOTALL)
