"""What this software is made of: `python -m qingkong.project.sbom` prints a CycloneDX 1.6 list of the lock files.

Names, versions and digests come from `requirements.lock` and `package-lock.json`; a Python package's licence from what
is installed. The same lock files give the same bytes.
"""

import base64
import json
import re
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from qingkong import __version__

ROOT = Path(__file__).resolve().parents[3]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)((?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
BY_CLASSIFIER = {
    "MIT License": "MIT", "BSD License": "BSD-3-Clause", "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0", "zlib/libpng License": "Zlib",
}  # fmt: skip
NAMED = {"BSD": "BSD-3-Clause", "MIT": "MIT", "BSD-3-Clause": "BSD-3-Clause", "Apache 2.0": "Apache-2.0"}


def bill(root: Path = ROOT) -> dict[str, Any]:
    """The list as a CycloneDX document. Raises OSError where a lock file is missing."""
    components = sorted([*_python(root), *_npm(root)], key=lambda component: str(component["purl"]))
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "name": "qingkong", "version": __version__, "bom-ref": "qingkong",
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": components,
    }  # fmt: skip


def pinned(root: Path = ROOT) -> Iterator[tuple[str, str, list[str]]]:
    """(name, version, SHA-256 digests of its files) of each Python package that runs."""
    for found in PINNED.finditer((root / "requirements.lock").read_text(encoding="utf-8")):
        yield found[1].lower().replace("_", "-"), found[2], DIGEST.findall(found[3])


def licence_of(name: str) -> str:
    """A package's licence as SPDX writes it; nothing where it isn't installed or doesn't say."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    expression, free = (next(iter(said.get_all(name) or []), "") for name in ("License-Expression", "License"))
    return expression or NAMED.get(free) or _classified(said)


def _classified(said: PackageMetadata) -> str:
    last = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    return " AND ".join(BY_CLASSIFIER[one] for one in last if one in BY_CLASSIFIER)


def _python(root: Path) -> Iterator[dict[str, Any]]:
    for name, version, digests in pinned(root):
        yield _component(name, version, f"pkg:pypi/{name}@{version}", licence_of(name), "required") | {
            "properties": [{"name": "qingkong:sha256", "value": digest} for digest in digests]
        }


def _npm(root: Path) -> Iterator[dict[str, Any]]:
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    for place, package in lock["packages"].items():
        if not place:
            continue
        name = package.get("name") or place.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        one = _component(name, package["version"], purl, package.get("license", ""), _scope(package))
        if digest := package.get("integrity", ""):
            kind, _, value = digest.partition("-")
            one["hashes"] = [{"alg": f"SHA-{kind.removeprefix('sha')}", "content": base64.b64decode(value).hex()}]
        yield one


def _scope(package: dict[str, Any]) -> str:
    """`excluded` is what only builds the pages, `optional` what another machine would need."""
    return "excluded" if package.get("dev") else "optional" if package.get("optional") else "required"


def _component(name: str, version: str, purl: str, licence: str, scope: str) -> dict[str, Any]:
    licences = [{"expression": licence}] if licence else []
    return {
        "type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl, "scope": scope,
        "licenses": licences,
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(), ensure_ascii=False, indent=1) + "\n")
