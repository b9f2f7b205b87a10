"""Check a proof file: one entry, its place in the tree, the signed checkpoint, and the facts where they are disclosed."""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import leaf_hash, verify_inclusion
from qingkong_verify.notes import Checkpoint, verify_checkpoint

FORMAT = "qingkong-proof/1"


@dataclass(frozen=True)
class Proved:
    """What a proof shows: this entry, at this place, under this checkpoint; `facts` where it discloses them."""

    entry: dict[str, Any]
    index: int
    checkpoint: Checkpoint
    facts: dict[str, Any] | None


def check_proof(text: str | bytes, keys: list[str]) -> Proved:
    """Check a proof (JSON) against the public keys you trust. Raises VerificationError."""
    proof = _loaded(text)
    if proof.get("format") != FORMAT:
        raise VerificationError("这不是存证凭据。", "This isn't a ledger proof.")
    canonical, index, size = (
        _typed(proof, name, kind) for name, kind in (("entry", str), ("index", int), ("size", int))
    )
    path = [_bytes(digest) for digest in _typed(proof, "proof", list)]
    checkpoint = verify_checkpoint(_typed(proof, "checkpoint", str), keys)
    if checkpoint.size != size:
        raise VerificationError("凭据与校验点的条数不同。", "Proof and checkpoint tell of different sizes.")
    verify_inclusion(leaf_hash(canonical.encode()), index, size, path, checkpoint.root)
    entry = _loaded(canonical)
    return Proved(entry, index, checkpoint, _facts(proof.get("facts"), entry))


def _facts(disclosed: Any, entry: dict[str, Any]) -> dict[str, Any] | None:
    if disclosed is None:
        return None
    if not isinstance(disclosed, dict):
        raise VerificationError("凭据里的内容读不懂。", "The disclosed facts can't be read.")
    salt, text = _bytes(disclosed.get("salt")), _typed(disclosed, "text", str)
    if hmac.new(salt, text.encode(), "sha256").hexdigest() != entry.get("commitment"):
        raise VerificationError("内容与存证的承诺值不符。", "The facts aren't those the entry commits to.")
    return _loaded(text)


def _loaded(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise VerificationError("文件不是 JSON 对象。", "The file isn't a JSON object.")
    return value


def _typed(value: dict[str, Any], name: str, kind: type) -> Any:
    found = value.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise VerificationError(f"凭据缺少 {name}。", f"The proof lacks {name}.")
    return found


def _bytes(value: Any) -> bytes:
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise VerificationError("凭据里的哈希读不懂。", "A hash of the proof can't be read.") from None
