"""Check a proof file: one entry, its place in the tree, the signed checkpoint, and the facts where they are disclosed."""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import leaf_hash, verify_inclusion
from qingkong_verify.notes import Checkpoint, verify_checkpoint

FORMAT = "qingkong-proof/1"
SALT_SIZE = 32


@dataclass(frozen=True)
class Proved:
    """What a proof shows: this entry, at this place, under this checkpoint; `facts` where it discloses them."""

    entry: dict[str, Any]
    index: int
    checkpoint: Checkpoint
    facts: dict[str, Any] | None


def check_proof(text: str | bytes, keys: list[str]) -> Proved:
    """Check a proof (JSON) against the public keys you trust. Raises VerificationError."""
    return prove(loaded(text), lambda note: verify_checkpoint(note, keys))


def prove(proof: dict[str, Any], stated_by: Callable[[str], Checkpoint]) -> Proved:
    """Check a proof that was read already; `stated_by` verifies a checkpoint's text. Raises VerificationError."""
    if proof.get("format") != FORMAT:
        raise VerificationError("这不是存证凭据。", "This isn't a ledger proof.")
    canonical, index, size = (
        _typed(proof, name, kind) for name, kind in (("entry", str), ("index", int), ("size", int))
    )
    path = [_bytes(digest) for digest in _typed(proof, "proof", list)]
    checkpoint = stated_by(_typed(proof, "checkpoint", str))
    if checkpoint.size != size:
        raise VerificationError("凭据与校验点的条数不同。", "Proof and checkpoint tell of different sizes.")
    verify_inclusion(leaf_hash(canonical.encode()), index, size, path, checkpoint.root)
    entry = loaded(canonical)
    return Proved(entry, index, checkpoint, _facts(proof.get("facts"), entry))


def _facts(disclosed: Any, entry: dict[str, Any]) -> dict[str, Any] | None:
    if disclosed is None:
        return None
    if not isinstance(disclosed, dict):
        raise VerificationError("凭据里的内容读不懂。", "The disclosed facts can't be read.")
    salt, text = _bytes(disclosed.get("salt")), _typed(disclosed, "text", str)
    if len(salt) != SALT_SIZE:  # HMAC takes a shorter key and the same with zeros behind it for one
        raise VerificationError("盐不是 32 字节。", "The salt isn't 32 bytes long.")
    if hmac.new(salt, text.encode(), "sha256").hexdigest() != entry.get("commitment"):
        raise VerificationError("内容与存证的承诺值不符。", "The facts aren't those the entry commits to.")
    return loaded(text)


def loaded(text: str | bytes) -> dict[str, Any]:
    """A JSON object. Raises VerificationError."""
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
    """Bytes of base64 in its one proper form, so that two texts never stand for the same proof."""
    try:
        raw = b64decode(value, validate=True)
        if b64encode(raw).decode() == value:
            return raw
    except (binascii.Error, ValueError, TypeError):
        pass
    raise VerificationError("凭据里的哈希读不懂。", "A hash of the proof can't be read.")
