"""The keys that seal personal data: made with the instance, kept apart from its data, rotated.

A KeySource hands out keys by id, so that a hardware or cloud key service can stand in for the file.
"""

import json
import secrets
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from qingkong.kernel.durable import FOR_OWNER, write_whole

FILE = "sealing.json"


class KeyLost(RuntimeError):
    """The key that sealed a value isn't there; the value can't be read, and isn't guessed."""


class KeySource(Protocol):
    def active(self) -> tuple[str, bytes]:
        """The id and the 32 bytes of the key that seals now."""

    def key(self, key_id: str) -> bytes:
        """A key by id. Raises KeyLost."""

    def digest_key(self) -> bytes:
        """The key of equality digests; rotating it means digesting anew."""


class KeyFile:
    """Keys in one JSON file, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._content = json.loads(path.read_text())
        except FileNotFoundError:
            raise KeyLost(f"no key file at {path}") from None

    def active(self) -> tuple[str, bytes]:
        key_id = self._content["active"]
        return key_id, self.key(key_id)

    def key(self, key_id: str) -> bytes:
        try:
            return b64decode(self._content["keys"][key_id])
        except KeyError:
            raise KeyLost(f"key {key_id} is not in {self.path}") from None

    def digest_key(self) -> bytes:
        return b64decode(self._content["digest"])


def make_keys(folder: Path) -> None:
    """Make the key file of a new instance; an existing one is left as it is."""
    if not (folder / FILE).exists():
        _write(folder / FILE, {"active": "k1", "keys": {"k1": _new()}, "digest": _new()})


def rotate(folder: Path) -> str:
    """Add a key and seal with it from now on; older values open with theirs. Returns its id."""
    content = json.loads((folder / FILE).read_text())
    key_id = f"k{len(content['keys']) + 1}"
    content["keys"][key_id] = _new()
    content["active"] = key_id
    _write(folder / FILE, content)
    source.cache_clear()
    return key_id


@lru_cache(maxsize=1)
def source() -> KeySource:
    """Where this instance's keys come from."""
    return KeyFile(Path(settings.QINGKONG_KEYS) / FILE)


def nonce() -> bytes:
    """Twelve fresh bytes, as AES-GCM wants them."""
    return secrets.token_bytes(12)


def _new() -> str:
    return b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, json.dumps(content, indent=1), mode=FOR_OWNER)
