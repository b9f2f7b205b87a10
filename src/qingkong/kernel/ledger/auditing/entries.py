"""One entry against itself: columns against its bytes, bytes against its hash, facts against their commitment."""

import json
from dataclasses import dataclass
from typing import Any

from qingkong.kernel.ledger import canonical
from qingkong.kernel.ledger.auditing.findings import Findings
from qingkong.kernel.ledger.auditing.rows import ENTRY_COLUMNS, Row, instant_text, key_text, octets
from qingkong.kernel.text import zh
from qingkong_verify.merkle import leaf_hash

ENTRY = "ledger_entry"
FACTS = "ledger_facts"

COLUMN_ALTERED = zh("存证 {entry} 的 {column} 被改动，与当时存证的内容不符。")
BYTES_ALTERED = zh("存证 {entry} 的原文（canonical）被改动，与它的哈希不符。")
HASH_ALTERED = zh("存证 {entry} 的哈希（leaf_hash）被改动，与原文不符。")
BOTH_ALTERED = zh("存证 {entry} 的原文与哈希不符，两者之一被改动。")
FACTS_MISSING = zh("存证 {entry} 的内容被删去，没有依法删除的记录。")
FACTS_ALTERED = zh("存证 {entry} 的内容被改动，与当时的承诺值不符。")
FACTS_INSERTED = zh("存证 {entry} 本来没有内容，内容是后来加的。")
FACTS_ERASED_UNSEEN = zh("存证 {entry} 的内容被删去，所指的删除记录 {erasure} 与之不符。")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of an entry: its key, the hash of its bytes, the commitment to its facts."""

    key: str
    hash: bytes
    commitment: bytes


def check_entry(row: Row, *, truth: bytes | None, sqlite: bool, findings: Findings) -> Checked:
    """Check the entry columns of a row; `truth` is the hash the tree holds for it, if it is known."""
    columns = {name: octets(value) for name, value in zip(ENTRY_COLUMNS, row, strict=True)}
    key = key_text(columns["id"])
    columns["id"], columns["at"] = key.encode(), instant_text(columns["at"], sqlite)
    data = columns["canonical"] or b""
    computed = leaf_hash(data)
    stored = columns["leaf_hash"]
    committed = columns["commitment"] or b""
    if computed == stored:
        return Checked(key, computed, _columns_agree(columns, data, key, findings))

    rebuilt = _rebuilt(columns)
    whole = truth if truth is not None else (stored if rebuilt == stored else rebuilt)
    if computed == whole:
        findings.add("altered", ENTRY, key, "leaf_hash", HASH_ALTERED.fill(entry=key))
        return Checked(key, computed, _columns_agree(columns, data, key, findings))
    if rebuilt == whole:
        findings.add("altered", ENTRY, key, "canonical", BYTES_ALTERED.fill(entry=key))
        if stored != whole:
            findings.add("altered", ENTRY, key, "leaf_hash", HASH_ALTERED.fill(entry=key))
        return Checked(key, whole or computed, committed)
    findings.add("altered", ENTRY, key, "canonical", BOTH_ALTERED.fill(entry=key))
    committed = _columns_agree(columns, data, key, findings)
    return Checked(key, stored if stored == truth and stored is not None else computed, committed)


def check_facts(row: Row, *, entry: Checked, findings: Findings) -> None:
    """Check facts and salt against the entry's commitment, or the erasure that explains their absence."""
    key, commitment = entry.key, entry.commitment
    owner, salt, value, erasure, erasing_act, erased_subject = map(octets, row)
    if owner is None:
        if commitment:
            findings.add("missing", FACTS, key, "", FACTS_MISSING.fill(entry=key))
    elif not commitment:
        findings.add("inserted", FACTS, key, "", FACTS_INSERTED.fill(entry=key))
    elif value is None:
        explained = erasing_act == b"ledger.erased" and erased_subject == f"ledger.entry:{key}".encode()
        if salt is not None or not explained:
            sentence = FACTS_ERASED_UNSEEN.fill(entry=key, erasure=key_text(erasure) or "—")
            findings.add("altered", FACTS, key, "value" if erasure is None else "erasure", sentence)
    elif erasure is not None:
        findings.add("altered", FACTS, key, "erasure", FACTS_ALTERED.fill(entry=key))
    elif salt is None or canonical.commitment(salt, value.decode("utf-8", "replace")).encode() != commitment:
        findings.add("altered", FACTS, key, "value" if salt else "salt", FACTS_ALTERED.fill(entry=key))


def _columns_agree(columns: dict[str, Any], data: bytes, key: str, findings: Findings) -> bytes:
    """Name each column that isn't what the entry's bytes say; the commitment as the bytes have it."""
    try:
        told = json.loads(data)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("format") != canonical.FORMAT:
        findings.add("altered", ENTRY, key, "canonical", BYTES_ALTERED.fill(entry=key))
        return columns["commitment"] or b""
    for name in canonical.FIELDS:
        if str(told.get(name)).encode("utf-8", "replace") != columns[name]:
            findings.add("altered", ENTRY, key, name, COLUMN_ALTERED.fill(entry=key, column=name))
    return str(told.get("commitment")).encode("utf-8", "replace")


def _rebuilt(columns: dict[str, bytes | None]) -> bytes | None:
    """The hash of the bytes that the columns would make."""
    try:
        fields = {name: (columns[name] or b"").decode() for name in canonical.FIELDS}
    except UnicodeDecodeError:
        return None
    return leaf_hash(canonical.entry_bytes(fields))
