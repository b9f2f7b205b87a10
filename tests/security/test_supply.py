"""What we build on and what we give away: licences, a bill of materials, no secret, and no muted warning without a reason."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qingkong.project import sbom

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "PSF-2.0", "MPL-2.0", "BlueOak-1.0.0",
    "OFL-1.1", "Zlib", "CC0-1.0",
}  # fmt: skip
LIBRARIES = {"psycopg", "psycopg-binary"}  # LGPL-3.0-only: imported as they are, replaceable, not part of our files
SAID_ELSEWHERE = {
    "pysqlite3": "zlib/libpng licence in its LICENSE file; its metadata is silent",
    "colorama": "BSD-3-Clause; installed on Windows alone",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0; PDFium's own parts (BSD, MIT, Apache-2.0, Zlib, FTL, libpng) in LICENSES/",
    "combine-errors": "MIT, in its Readme",
    "tzdata": "Apache-2.0; installed on Windows alone",
}
"""Packages whose licence was read by hand, because a machine here can't."""


def test_every_python_package_that_runs_is_under_a_licence_we_accept():
    found = {name: sbom.licence_of(name) for name, _, _ in sbom.pinned()}
    assert len(found) > 30
    refused = {
        name: said
        for name, said in found.items()
        if name not in SAID_ELSEWHERE | dict.fromkeys(LIBRARIES, "")
        and not (
            said and all(any(one.strip("() ") in ALLOWED for one in part.split(" OR ")) for part in said.split(" AND "))
        )
    }
    assert not refused
    assert {found[name] for name in LIBRARIES} == {"LGPL-3.0-only"}


def test_every_npm_package_is_under_a_licence_we_accept():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    said = {place: package.get("license") for place, package in lock["packages"].items() if place}
    assert (
        said
        and {
            place: one
            for place, one in said.items()
            if one not in ALLOWED and place.rpartition("/")[2] not in SAID_ELSEWHERE
        }
        == {}
    )


def test_the_bill_of_materials_names_every_locked_package_with_version_digest_and_licence():
    done = subprocess.run([sys.executable, "-m", "qingkong.project.sbom"], capture_output=True, check=True, cwd=ROOT)
    bill = json.loads(done.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    known = {component["purl"]: component for component in bill["components"]}
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    python = [line.split()[0] for line in lines if re.match(r"^[A-Za-z0-9].*==", line)]
    npm = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len([purl for purl in known if purl.startswith("pkg:pypi/")]) == len(python) > 30
    assert len([purl for purl in known if purl.startswith("pkg:npm/")]) == len(
        {(p, v["version"]) for p, v in npm.items() if p}
    )
    django = next(one for one in known.values() if one["name"] == "django")
    assert django["licenses"] == [{"expression": "BSD-3-Clause"}] and len(django["properties"][0]["value"]) == 64
    htmx = next(one for one in known.values() if one["name"] == "htmx.org")
    assert htmx["hashes"][0]["alg"] == "SHA-512" and len(htmx["hashes"][0]["content"]) == 128


def test_the_same_lock_files_give_the_same_bill():
    assert sbom.bill() == sbom.bill()


def test_every_package_is_locked_with_a_digest():
    assert [name for name, _, digests in sbom.pinned() if not digests] == []


# --- secrets ----------------------------------------------------------------------------------------------------

SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{40}",
    "a token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}|glpat-[A-Za-z0-9_-]{20}|xox[baprs]-[A-Za-z0-9-]{20}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{60})",
    "a cloud key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bLTAI[A-Za-z0-9]{16,24}\b|\bAKID[A-Za-z0-9]{32}\b",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
    "a signing key of a note": r"PRIVATE\+KEY\+[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40}",
    "a password in an address": r"[a-z]+://[^/\s:@\"'{}$<>*]+:(?!password\b|secret\b|passphrase\b|x@|\*)[^/\s:@\"'{}$<>*]{6,}@(?!evil\.example)[a-z0-9.-]+",
}


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: apt-get install git, and clone")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def secrets_in(text):
    return [f"{what}: {found[0][:20]}…" for what, pattern in SECRETS.items() for found in re.finditer(pattern, text)]


def test_no_secret_stands_in_any_file_of_the_repository():
    found = {}
    for file in tracked():
        if file.stat().st_size < 2 * 2**20 and (here := secrets_in(file.read_text(encoding="utf-8", errors="ignore"))):
            found[str(file.relative_to(ROOT))] = here
    assert not found


def test_no_file_is_tracked_that_holds_keys_or_data():
    names = [str(file.relative_to(ROOT)) for file in tracked()]
    bad = re.compile(r"(?:^|/)(?:\.env|id_(?:rsa|ed25519)|.*\.(?:pem|key|p12|pfx|sqlite3?|keystore)|instance\.toml)$")
    assert [name for name in names if bad.search(name)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + "MC4CAQAwBQYDK2VwBCIEIA" * 3,
        "ghp_" + "a1B2" * 9,
        "AKIA" + "ABCD1234EFGH5678",
        "postgres://" + "qingkong:" + "correcthorse@db.bureau.local/qingkong",
        "eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 30,
    ],
)
def test_a_planted_secret_is_found(planted):
    assert secrets_in(f"x = '{planted}'")


# --- warnings ---------------------------------------------------------------------------------------------------


def test_every_muted_security_warning_says_why():
    silent = []
    for file in (ROOT / "src").rglob("*.py"):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            muted = re.search(r"#\s*noqa:\s*((?:[A-Z]+\d+[, ]*)*\bS\d+(?:[, ]*[A-Z]+\d+)*)(.*)", line)
            if muted and len(muted[2].strip(" #—:-")) < 5:
                silent.append(f"{file.relative_to(ROOT)}:{number}")
    assert silent == []


def test_the_security_rules_are_switched_on_and_nothing_breaks_them():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--quiet", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert '"S"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
