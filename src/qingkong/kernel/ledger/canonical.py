"""The bytes that stand for an entry (RFC 8785), and the commitment that stands for its facts. Pure."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785

from qingkong.kernel.text import Sentence

FORMAT = "qingkong-entry/1"
SALT_SIZE = 32
LONGEST = 65_535
"""Bytes of one entry: a C2SP entry bundle has two bytes for its length."""

FIELDS = (
    "id", "at", "act", "subject", "thread", "actor_kind", "actor_id", "actor_name", "actor_post",
    "unit_id", "unit_code", "unit_name", "purpose", "reference", "commitment",
)  # fmt: skip
"""The columns of an entry that its bytes hold, each as text."""


def moment(at: datetime) -> str:
    """An instant as entries write it: UTC with microseconds and Z. Raises ValueError if it has no zone."""
    if at.tzinfo is None:
        raise ValueError("an instant in the ledger needs a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def entry_bytes(fields: Mapping[str, str]) -> bytes:
    """The canonical bytes of an entry; `fields` has exactly FIELDS, all text.

    For text under ASCII names the standard encoder writes what RFC 8785 asks for, five times as fast as the
    package that does it for any value; a test holds the two together. Raises ValueError for half a character.
    """
    return _encode({"format": FORMAT, **{name: fields[name] for name in FIELDS}}).encode()


def facts_text(facts: Mapping[str, Any]) -> str:
    """Facts as canonical JSON. Raises ValueError for a value that JSON can't hold exactly."""
    try:
        return rfc8785.dumps(_plain(facts)).decode()
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"facts can't be written as canonical JSON: {error}") from error


def commitment(salt: bytes, facts: str) -> str:
    """HMAC-SHA-256 of the facts under their salt, in hex: binds them, tells nothing of them once both are erased.

    A stored salt that is longer than SALT_SIZE carries row seals (`seals.py`) and is bound with them.
    """
    return hmac.digest(bare_salt(salt), facts.encode(), "sha256").hex()


def bare_salt(stored: bytes) -> bytes:
    """The salt of a commitment from what is stored: itself, or the SHA-256 of itself with the row seals behind it."""
    return stored if len(stored) == SALT_SIZE else sha256(stored).digest()


def _plain(value: Any) -> Any:
    """A value as JSON has it: instants in UTC, days, UUIDs, amounts and sentences as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, Sentence):
        return value.in_chinese()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    raise ValueError(f"a fact can't be a {type(value).__name__}")
