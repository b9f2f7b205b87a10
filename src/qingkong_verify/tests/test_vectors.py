"""The published cases of transparency-dev/merkle, read where they are present and never copied."""

import json
import os
from base64 import b64decode
from pathlib import Path

import pytest

from qingkong_verify import VerificationError, verify_consistency, verify_inclusion

VECTORS = (
    Path(os.environ.get("QINGKONG_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
    / "merkle_vectors.json"
)


def cases(kind):
    if not VECTORS.exists():
        return [
            pytest.param(None, marks=pytest.mark.skip(reason=f"{VECTORS.name} of transparency-dev/merkle isn't here"))
        ]
    return [pytest.param(case, id=case["case"]) for case in json.loads(VECTORS.read_text())[kind]]


def accepted(check, *args):
    try:
        check(*args)
    except VerificationError:
        return False
    return True


def proof_of(case):
    return [b64decode(digest) for digest in case["proof"] or []]


@pytest.mark.parametrize("case", cases("inclusion"))
def test_an_inclusion_case_is_accepted_or_refused_as_published(case):
    args = b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], proof_of(case), b64decode(case["root"])
    assert accepted(verify_inclusion, *args) is not case["wantErr"]


@pytest.mark.parametrize("case", cases("consistency"))
def test_a_consistency_case_is_accepted_or_refused_as_published(case):
    args = case["size1"], b64decode(case["root1"]), case["size2"], b64decode(case["root2"]), proof_of(case)
    assert accepted(verify_consistency, *args) is not case["wantErr"]
