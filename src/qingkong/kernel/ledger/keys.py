"""The ledger's signing key: made with the instance, kept in its key folder, never in the database.

Names and forms follow C2SP signed-note: `PRIVATE+KEY+<name>+<key id>+<base64>` and `<name>+<key id>+<base64>`.
"""

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong_verify.notes import COSIGNATURE, ED25519, key_id, valid_name

NO_KEY = zh("存证签名密钥 {path} 不在。")
HOW_KEY = zh("若是新实例，运行 qingkong make；若密钥遗失，从备份恢复，不要重新生成。")
BAD_KEY = zh("存证签名密钥 {path} 读不懂。")
KEY_STANDS = zh("密钥 {path} 已经存在，不能覆盖。")


class KeyMissing(Refusal):
    """The signing key isn't there or can't be read; nothing is signed."""


class KeyStands(Refusal):
    """There is a key already; making another would orphan every checkpoint."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A name with its private key; `algorithm` is C2SP's byte (1 for a log, 4 for a cosigner)."""

    name: str
    algorithm: int
    seed: bytes

    @property
    def public(self) -> bytes:
        return self._private().public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.algorithm, self.public)

    @property
    def vkey(self) -> str:
        """The public key as one printable word."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.algorithm]) + self.public).decode()}"

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def make_key(*, origin: str | None = None, folder: Path | None = None, using: str = "default") -> Signer:
    """The ledger's key; its file (mode 0600) and its public half beside it are made where there is none yet.

    `origin` names the log, e.g. `qingkong/370923` (default: from settings.QINGKONG_DIVISION).
    Raises KeyMissing where only the public half is there: a lost key is brought back, never silently replaced.
    """
    path = _file(using, folder)
    if path.exists() or path.with_suffix(".pub").exists():
        return read_key(path)
    name = origin or f"qingkong/{settings.QINGKONG_DIVISION}" + ("" if using == "default" else f"/{using}")
    return write_key(path, name, ED25519)


def make_cosigner_key(path: Path, name: str) -> Signer:
    """Make a cosigner's key file."""
    return write_key(path, name, COSIGNATURE)


def write_key(path: Path, name: str, algorithm: int) -> Signer:
    if not valid_name(name):
        raise Refusal(zh("“{name}”不能作名称：不能有空格和加号。", name=name))
    signer = Signer(name, algorithm, Ed25519PrivateKey.generate().private_bytes_raw())
    text = f"PRIVATE+KEY+{name}+{signer.id.hex()}+{b64encode(bytes([algorithm]) + signer.seed).decode()}\n"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyStands(KEY_STANDS.fill(path=path)) from None
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with path.with_suffix(".pub").open("a") as public:
        public.write(f"{signer.vkey}\n")
    return signer


def signer(using: str = "default") -> Signer:
    """The ledger's key. Raises KeyMissing."""
    return read_key(_file(using))


def read_key(path: Path) -> Signer:
    """A key file's signer. Raises KeyMissing."""
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise KeyMissing(NO_KEY.fill(path=path), how=HOW_KEY) from None
    return _parse(path, changed)


def vkey(using: str = "default") -> str:
    """The ledger's public key as one printable word."""
    return signer(using).vkey


def known_vkeys(using: str = "default") -> list[str]:
    """Every public key this ledger has signed with, from the file beside the key; the newest last."""
    public = _file(using).with_suffix(".pub")
    lines = public.read_text().split() if public.exists() else []
    return lines or [vkey(using)]


def _file(using: str, folder: Path | None = None) -> Path:
    return Path(folder or settings.QINGKONG_KEYS) / ("ledger.key" if using == "default" else f"ledger-{using}.key")


@lru_cache(maxsize=16)
def _parse(path: Path, changed: int) -> Signer:
    try:
        private, word, name, hint, data = path.read_text().strip().split("+", 4)
        raw = b64decode(data, validate=True)
        signer = Signer(name, raw[0], raw[1:])
        sound = (private, word) == ("PRIVATE", "KEY") and signer.id.hex() == hint
    except (ValueError, IndexError):
        sound = False
    if not sound:
        raise KeyMissing(BAD_KEY.fill(path=path), how=HOW_KEY)
    return signer
