"""Copies of the keys: one file, sealed with a passphrase, in a place that is not the place of the backups.

AES-256-GCM under scrypt (N=2^17, r=8, p=1: 128 MiB and about half a second for each guess).
"""

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qingkong.kernel.durable import FOR_OWNER, write_whole
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

FILE = "qingkong-keys.json"
FORMAT = "qingkong-keys/1"
COST, BLOCK, LANES = 2**17, 8, 1
SHORTEST = 12
LEFT_OUT = (".lock", ".new")

SAME_PLACE = zh("密钥不能和备份放在同一个地方：谁拿到其中一个，就什么都拿到了。")
SAME_PLACE_HOW = zh("--keys 请指向另一块介质，平时锁在另一个柜子里。")
TOO_SHORT = zh("密钥的口令至少要 {shortest} 个字符。")
WRONG = zh("口令不对，或密钥副本被改动。")
NOT_THERE = zh("{folder} 里没有密钥副本（{file}）。")
NO_KEYS = zh("实例的密钥文件夹 {folder} 是空的，没有可以复制的。")


class CannotKeep(Refusal):
    """The keys aren't copied: the place or the passphrase won't do."""


class CannotUnlock(Refusal):
    """The copy of the keys doesn't open."""


def require_apart(target: str, folder: Path) -> None:
    """Raises CannotKeep where keys and backups would lie in one place."""
    if target.startswith("s3://"):
        return
    backups, keys = Path(target).resolve(), folder.resolve()
    if backups == keys or backups in keys.parents or keys in backups.parents:
        raise CannotKeep(SAME_PLACE, how=SAME_PLACE_HOW, field="keys")


def on_one_disk(target: str, folder: Path) -> bool:
    """Whether keys and backups lie on the same disk, which burns or is stolen as one."""
    if target.startswith("s3://") or not folder.exists():
        return False
    return Path(target).stat().st_dev == folder.stat().st_dev


def copy_keys(keys: Path, folder: Path, *, passphrase: str, at: datetime) -> Path:
    """Seal all key files into one file in `folder`, over the copy before, and read it back.

    The copy before is overwritten on purpose: it could still open what was erased since.
    """
    if len(passphrase) < SHORTEST:
        raise CannotKeep(TOO_SHORT.fill(shortest=SHORTEST), field="passphrase")
    files = {path.name: path.read_bytes() for path in sorted(keys.iterdir()) if _is_key(path)}
    if not files:
        raise CannotKeep(NO_KEYS.fill(folder=keys))
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    plain = json.dumps({name: b64encode(data).decode() for name, data in files.items()}).encode()
    head = {"format": FORMAT, "made_at": at.isoformat(), "kdf": "scrypt", "n": COST, "r": BLOCK, "p": LANES}
    body = AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, FORMAT.encode())
    sealed = {**head, "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(body)}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(folder / FILE, json.dumps(sealed, indent=1), mode=FOR_OWNER)
    if unlock(folder, passphrase=passphrase) != files:
        raise CannotKeep(WRONG)
    return folder / FILE


def unlock(folder: Path, *, passphrase: str) -> dict[str, bytes]:
    """The key files in a copy, by name. Raises CannotUnlock."""
    try:
        sealed = json.loads((folder / FILE).read_text())
        key = _key(passphrase, b64decode(sealed["salt"]))
        plain = AESGCM(key).decrypt(b64decode(sealed["nonce"]), b64decode(sealed["sealed"]), FORMAT.encode())
    except FileNotFoundError:
        raise CannotUnlock(NOT_THERE.fill(folder=folder, file=FILE), field="keys") from None
    except (InvalidTag, ValueError, KeyError):
        raise CannotUnlock(WRONG, field="passphrase") from None
    return {Path(name).name: b64decode(data) for name, data in json.loads(plain).items()}


def put_back(files: dict[str, bytes], folder: Path) -> None:
    """Write key files where an instance looks for them, for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, data in files.items():
        write_whole(folder / name, data, mode=FOR_OWNER)


def _is_key(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(LEFT_OUT)


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=2**28, dklen=32
    )  # fmt: skip


def _text(data: bytes) -> str:
    return b64encode(data).decode()
