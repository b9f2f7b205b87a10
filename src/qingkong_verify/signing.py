"""A cosigner's own key: Ed25519 signing in plain Python (RFC 8032 §5.1.6) and the lines it puts under checkpoints.

Not constant-time: who can measure this process closely enough could learn the key. That is why it is for a cosigner's
own machine, for its own key and nothing else; the ledger itself signs with OpenSSL.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path

from qingkong_verify.ed25519 import BASE, NEUTRAL, L, encode, twice_multiplied
from qingkong_verify.errors import VerificationError
from qingkong_verify.notes import COSIGNATURE, cosigned_message, key_id, split_note, valid_name


@dataclass(frozen=True)
class Cosigner:
    """A cosigner's name with the seed of its key (32 bytes)."""

    name: str
    seed: bytes

    @property
    def public(self) -> bytes:
        return public_of(self.seed)

    @property
    def vkey(self) -> str:
        """The public key as one printable word, to be registered with the ledger."""
        return f"{self.name}+{self._id.hex()}+{b64encode(bytes([COSIGNATURE]) + self.public).decode()}"

    @property
    def private(self) -> str:
        """The private key as one printable word (C2SP signed-note)."""
        return f"PRIVATE+KEY+{self.name}+{self._id.hex()}+{b64encode(bytes([COSIGNATURE]) + self.seed).decode()}"

    @property
    def _id(self) -> bytes:
        return key_id(self.name, COSIGNATURE, self.public)

    def line(self, note: str, seconds: int) -> str:
        """The line under a checkpoint that says: seen at `seconds` since 1970 (C2SP tlog-cosignature)."""
        body, _ = split_note(note)
        signature = sign(self.seed, cosigned_message(body, seconds))
        return f"— {self.name} {b64encode(self._id + seconds.to_bytes(8, 'big') + signature).decode()}"


def public_of(seed: bytes) -> bytes:
    """The public key (32 bytes) of a seed (32 bytes)."""
    scalar, _ = _secret(seed)
    return encode(twice_multiplied(scalar, BASE, 0, NEUTRAL))


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature (64 bytes) of a message with the key of this seed."""
    scalar, prefix = _secret(seed)
    public = encode(twice_multiplied(scalar, BASE, 0, NEUTRAL))
    nonce = int.from_bytes(sha512(prefix + message).digest(), "little") % L
    point = encode(twice_multiplied(nonce, BASE, 0, NEUTRAL))
    challenge = int.from_bytes(sha512(point + public + message).digest(), "little") % L
    return point + ((nonce + challenge * scalar) % L).to_bytes(32, "little")


def make_cosigner(path: Path, name: str) -> Cosigner:
    """A new key in a file only its owner may read, its public half beside it. Raises VerificationError for a bad name."""
    if not valid_name(name):
        raise VerificationError(
            f"“{name}”不能作名称：不能有空格和加号。", f"“{name}” can't be a name: no spaces, no plus."
        )
    cosigner = Cosigner(name, os.urandom(32))
    handle = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"{cosigner.private}\n")
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".pub").write_text(f"{cosigner.vkey}\n", encoding="utf-8")
    return cosigner


def read_cosigner(path: Path) -> Cosigner:
    """The cosigner of a key file. Raises VerificationError."""
    try:
        private, word, name, hint, data = path.read_text(encoding="utf-8").strip().split("+", 4)
        raw = b64decode(data, validate=True)
        cosigner = Cosigner(name, raw[1:])
        sound = (private, word, raw[0], len(raw)) == ("PRIVATE", "KEY", COSIGNATURE, 33) and cosigner._id.hex() == hint
    except (ValueError, IndexError, OSError):
        sound = False
    if not sound:
        raise VerificationError(
            "联署密钥读不懂。从备份放回，不要另造。",
            "The cosigner's key can't be read. Put it back from a copy; don't make another.",
            place=str(path),
        )
    return cosigner


def _secret(seed: bytes) -> tuple[int, bytes]:
    """The clamped scalar and the prefix of a seed."""
    if len(seed) != 32:
        raise ValueError("a seed has 32 bytes")
    digest = sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]
