"""Signed notes and checkpoints as C2SP writes them: signed-note, tlog-checkpoint, tlog-cosignature."""

from __future__ import annotations

import binascii
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from qingkong_verify import ed25519
from qingkong_verify.errors import VerificationError
from qingkong_verify.merkle import HASH_SIZE

ED25519 = 1
COSIGNATURE = 4
LONGEST = 1_000_000


@dataclass(frozen=True)
class Key:
    """A public key with its holder's name; `algorithm` is 1 for a log and 4 for a cosigner."""

    name: str
    algorithm: int
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.algorithm, self.public)


@dataclass(frozen=True)
class Cosigned:
    """That a cosigner countersigned, at `seconds` since 1970 by its own clock."""

    name: str
    seconds: int


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and who signed it with a key we know."""

    origin: str
    size: int
    root: bytes
    signers: tuple[str, ...]
    cosigned: tuple[Cosigned, ...]


def valid_name(name: str) -> bool:
    """Whether a key may bear this name: not empty, no space of any kind, no plus."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """The four bytes that hint at a key (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def cosigned_message(body: str, seconds: int) -> bytes:
    """What a cosigner signs: its time and the checkpoint's text (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def parse_key(vkey: str) -> Key:
    """A key from its printable form `<name>+<id>+<base64>`. Raises VerificationError."""
    name, _, rest = vkey.strip().partition("+")
    hint, _, data = rest.partition("+")
    raw = _decoded(data)
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE) or not valid_name(name):
        raise VerificationError("公钥的格式不对。", "This isn't a public key of a log or a cosigner.")
    key = Key(name, raw[0], raw[1:])
    if key.id.hex() != hint:
        raise VerificationError("公钥和它的编号不符。", "The public key doesn't match its own id.")
    return key


def split_note(text: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and of each signature line the name, key id and signature. Raises VerificationError."""
    if len(text) > LONGEST:
        raise VerificationError("校验点太长。", "The checkpoint is too long.")
    body, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise VerificationError("校验点没有签名。", "The checkpoint has no signature.")
    if any(ord(character) < 0x20 and character != "\n" for character in text):
        raise VerificationError("校验点里有控制字符。", "The checkpoint holds control characters.")
    lines = []
    for line in tail[:-1].split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, data = rest.partition(" ")
        raw = _decoded(data)
        if mark != "—" or not valid_name(name) or len(raw) < 5:
            raise VerificationError("校验点的签名行读不懂。", "A signature line of the checkpoint can't be read.")
        lines.append((name, raw[:4], raw[4:]))
    return f"{body}\n", lines


def parse_body(body: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text. Raises VerificationError."""
    lines = body.split("\n")
    size = lines[1] if len(lines) > 3 else ""
    if not lines[0] or not (size.isascii() and size.isdigit()) or (size[0] == "0" and size != "0") or len(size) > 19:
        raise VerificationError("校验点的内容读不懂。", "The checkpoint can't be read.")
    root = _decoded(lines[2])
    if len(root) != HASH_SIZE:
        raise VerificationError("校验点的根不是 32 字节。", "The checkpoint's root isn't 32 bytes long.")
    return lines[0], int(size), root


def verify_checkpoint(text: str | bytes, keys: Iterable[str] | str) -> Checkpoint:
    """Check a signed checkpoint against the keys you trust, each printable as `<name>+<id>+<base64>`.

    The log itself must have signed: a known key whose name is the checkpoint's origin. Lines of unknown keys are
    passed over; a wrong signature of a known key is refused. Raises VerificationError.
    """
    text = _text(text)
    known = {(key.name, key.id): key for key in map(parse_key, [keys] if isinstance(keys, str) else keys)}
    body, lines = split_note(text)
    origin, size, root = parse_body(body)
    signers, cosigned = [], []
    for name, hint, signature in lines:
        key = known.get((name, hint))
        if key is None:
            continue
        seconds = _check_line(key, body, signature)
        if seconds is None:
            signers.append(name)
        else:
            cosigned.append(Cosigned(name, seconds))
    if origin not in signers:
        raise VerificationError(
            f"校验点没有 {origin} 用已知公钥作的签名。", f"No known key of {origin} signed this checkpoint."
        )
    return Checkpoint(origin, size, root, tuple(signers), tuple(cosigned))


def _check_line(key: Key, body: str, signature: bytes) -> int | None:
    """The second a cosigner signed at; None for the log's own signature. Raises VerificationError if it is wrong."""
    seconds = None
    message = body.encode()
    if key.algorithm == COSIGNATURE and len(signature) == 72:
        seconds = int.from_bytes(signature[:8], "big")
        message, signature = cosigned_message(body, seconds), signature[8:]
    if not ed25519.verify(key.public, message, signature):
        raise VerificationError(f"{key.name} 的签名不对。", f"The signature of {key.name} is wrong.")
    return seconds


def instant(seconds: int) -> str:
    """A second since 1970 as people read it, in UTC."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def _decoded(data: str) -> bytes:
    """Bytes of base64 in its one proper form; nothing where it isn't."""
    try:
        raw = b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if b64encode(raw).decode() == data else b""


def _text(text: str | bytes) -> str:
    try:
        return text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError:
        raise VerificationError("校验点不是 UTF-8 文本。", "The checkpoint isn't UTF-8 text.") from None
