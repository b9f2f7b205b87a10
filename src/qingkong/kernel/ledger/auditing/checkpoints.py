"""Checkpoints in their order: numbered without gaps, growing, signed with the ledger's key; and their cosignatures."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from qingkong.kernel.ledger.auditing.findings import Findings
from qingkong.kernel.ledger.auditing.rows import Reader, Row, instant_text, octets
from qingkong.kernel.ledger.canonical import moment
from qingkong.kernel.text import zh
from qingkong_verify import VerificationError
from qingkong_verify.notes import Key, cosigned_message, parse_body, parse_key, split_note

CHECKPOINT = "ledger_checkpoint"

GAP = zh("第 {number} 号校验点不见了。")
NOT_NUMBERED = zh("校验点的编号 {number} 不是正常的编号。")
UNREADABLE = zh("第 {number} 号校验点的原文（note）读不懂或签名不对。")
SAYS_OTHERWISE = zh("第 {number} 号校验点的 {column} 被改动，与签名的原文不符。")
SHRINKS = zh("第 {number} 号校验点的条数没有增加：校验点被调换或插入。")
CONTRADICTED = zh("第 {number} 号校验点（前 {size} 条）签名的根与现在的记录不符：历史被改写。")
BEYOND = zh("第 {number} 号校验点签到 {size} 条，记录只有 {have} 条：尾部被删去。")
UNSIGNED = zh("第 {first} 条起没有签名的校验点：校验点被删去，或还没来得及签。")
COSIGNATURE_WRONG = zh("{name} 的联署（第 {row} 行）与校验点不符。")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a checkpoint with a good signature says."""

    number: int
    size: int
    root: bytes


class Signed:
    """The checkpoints as a stream that is asked, size by size, what was signed there."""

    def __init__(self, reader: Reader, findings: Findings, vkeys: list[str]) -> None:
        self.findings = findings
        self.keys = {(key.name, key.id): key for key in map(parse_key, vkeys)}
        self.covered = 0
        self.last_size = max(
            (stated.size for stated in map(self._stated_by, reader.last_checkpoints()) if stated), default=0
        )
        self._stream = self._stated(reader)
        self._next = next(self._stream, None)
        self._contradicted = False

    def at(self, size: int) -> Iterator[Stated]:
        """The checkpoints signed at this size."""
        while self._next is not None and self._next.size <= size:
            if self._next.size == size:
                yield self._next
            self.covered = max(self.covered, self._next.size)
            self._next = next(self._stream, None)

    def finish(self, size: int) -> None:
        """Name the checkpoints that sign more than there is."""
        while self._next is not None:
            row = self._next
            if row.size > size:
                self.findings.add(
                    "missing", "ledger_leaf", size, "", BEYOND.fill(number=row.number, size=row.size, have=size)
                )
            self.covered = max(self.covered, row.size)
            self._next = next(self._stream, None)

    def contradicted(self, checkpoint: Stated) -> None:
        """The tree isn't what was signed: say it for the first such checkpoint; those after it follow from it."""
        if not self._contradicted:
            self._contradicted = True
            sentence = CONTRADICTED.fill(number=checkpoint.number, size=checkpoint.size)
            self.findings.add("disagrees", CHECKPOINT, checkpoint.number, "root", sentence)

    def _stated(self, reader: Reader) -> Iterator[Stated]:
        expected, size = 1, 0
        for row in reader.checkpoints():
            number = row[0]
            if number < expected:
                self.findings.add("inserted", CHECKPOINT, number, "number", NOT_NUMBERED.fill(number=number))
                continue
            for missing in range(expected, min(number, expected + 20)):
                self.findings.add("missing", CHECKPOINT, missing, "", GAP.fill(number=missing))
            expected = number + 1
            stated = self._read(number, row)
            if stated is None:
                continue
            if stated.size <= size:
                self.findings.add("swapped", CHECKPOINT, number, "size", SHRINKS.fill(number=number))
                continue
            size = stated.size
            yield stated

    def _read(self, number: int, row: Row) -> Stated | None:
        """What a checkpoint says, with what is wrong with it named."""
        stated = self._stated_by(row)
        if stated is None:
            self.findings.add("altered", CHECKPOINT, number, "note", UNREADABLE.fill(number=number))
            return None
        for column, held, told in (("size", row[1], str(stated.size).encode()), ("root", row[2], stated.root)):
            if octets(held) != told:
                sentence = SAYS_OTHERWISE.fill(number=number, column=column)
                self.findings.add("altered", CHECKPOINT, number, column, sentence)
        return stated

    def _stated_by(self, row: Row) -> Stated | None:
        """What a checkpoint says if a key of this ledger signed it."""
        try:
            body, lines = split_note((octets(row[3]) or b"").decode())
            origin, size, root = parse_body(body)
        except (VerificationError, UnicodeDecodeError):
            return None
        signed = any(self._good(name, hint, signature, body) for name, hint, signature in lines if name == origin)
        return Stated(row[0], size, root) if signed else None

    def _good(self, name: str, hint: bytes, signature: bytes, body: str) -> bool:
        key = self.keys.get((name, hint))
        return key is not None and good_signature(key, body.encode(), signature)


def check_cosignatures(reader: Reader, findings: Findings) -> None:
    """Each cosignature against its checkpoint's text and its cosigner's key."""
    for key, note, line, name, vkey, signed_at in reader.cosignatures():
        told = instant_text(signed_at, reader.sqlite)
        if not _cosigned(octets(note), octets(line), octets(name), octets(vkey), told):
            who = (octets(name) or b"").decode("utf-8", "replace")
            sentence = COSIGNATURE_WRONG.fill(name=who, row=key)
            findings.add("altered", "ledger_cosignature", key, "line", sentence)


def _cosigned(
    note: bytes | None, line: bytes | None, name: bytes | None, vkey: bytes | None, told: bytes | None
) -> bool:
    if note is None or line is None or name is None or vkey is None:
        return False
    try:
        key = parse_key(vkey.decode())
        body, lines = split_note(f"{note.decode()}{line.decode()}\n")
    except (VerificationError, UnicodeDecodeError):
        return False
    signer, hint, signature = lines[-1]
    seconds = int.from_bytes(signature[:8], "big")
    return (
        (signer, hint) == (key.name, key.id)
        and key.name.encode() == name
        and told == moment_of(seconds)
        and good_signature(key, cosigned_message(body, seconds), signature[8:])
    )


def moment_of(seconds: int) -> bytes | None:
    """The second since 1970 as the tables write it, or None beyond the calendar."""
    from datetime import UTC, datetime

    try:
        return moment(datetime.fromtimestamp(seconds, UTC)).encode()
    except (OverflowError, ValueError, OSError):
        return None


def good_signature(key: Key, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
