"""The key ring of backups: every key is derived, and one that was destroyed can't be derived again.

A binary tree of keys, each child an HMAC of its parent (Goldreich, Goldwasser, Micali 1986). To destroy one leaf, the
nodes on its path are replaced by their siblings: all other leaves still derive, this one never again. So the ring
stays small, a copy of it opens backups that are made later, and an erased original stays closed on every old medium.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qingkong.kernel.durable import FOR_OWNER, write_whole
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

FILE = "backup.json"
FORMAT = "qingkong-backup-keys/1"
DEPTH = 48
DAY_BITS = 16
FIRST_DAY = date(2020, 1, 1)

NO_RING = zh("备份密钥 {path} 不在，打不开备份。")
NO_RING_HOW = zh("用 --keys 指明密钥副本所在的文件夹。")
DESTROYED = zh("这份备份的密钥已按保存期限销毁，打不开了。")


class RingMissing(Refusal):
    """There is no key ring; without it backups are noise."""


class KeyDestroyed(Refusal):
    """The key was destroyed on purpose: by an erasure by law, or with a backup whose time was over."""


@dataclass(slots=True)
class Ring:
    """`nodes` maps a path from the root, as bits after a leading 1, to the key there; `names` and `pieces` are fixed."""

    nodes: dict[int, bytes]
    names: bytes
    pieces: bytes

    @property
    def mark(self) -> str:
        """What tells this ring from another, and nothing else."""
        return _hmac(self.names, "mark").hex()[:16]

    def name_of(self, kind: str, sha256: str) -> str:
        """Under which name the repository keeps a content: says nothing to who has no ring."""
        text = _hmac(self.names, f"{kind}:{sha256}").hex()
        return f"{kind}/{text[:2]}/{text}"

    def piece_key(self, sha256: str) -> bytes:
        """The key of a piece of a database: only a manifest that can be opened names its SHA-256."""
        return _hmac(self.pieces, sha256)

    def blob_key(self, sha256: str) -> bytes:
        """The key of an original. Raises KeyDestroyed."""
        return _hmac(self._leaf(_blob_place(sha256)), f"blob:{sha256}")

    def backup_key(self, repository: str, backup_id: str) -> bytes:
        """The key of a backup's manifest. Raises KeyDestroyed."""
        return _hmac(self._leaf(_day_place(repository, day_of(backup_id))), f"backup:{backup_id}")

    def destroy_blob(self, sha256: str) -> None:
        self._destroy(_blob_place(sha256))

    def destroy_days(self, repository: str, before: date) -> None:
        """Destroy the keys of all backups that this repository took before a day."""
        days = _bits((before - FIRST_DAY).days, DAY_BITS)
        head = _repository_bits(repository)
        for place, bit in enumerate(days):
            if bit == "1":
                self._destroy(f"{head}{days[:place]}0")

    def is_destroyed(self, repository: str, backup_id: str) -> bool:
        try:
            self._leaf(_day_place(repository, day_of(backup_id)))
        except KeyDestroyed:
            return True
        return False

    def _leaf(self, place: str) -> bytes:
        above = self._above(place)
        if above is None:
            raise KeyDestroyed(DESTROYED)
        return _walk(self.nodes[above], place[above.bit_length() - 1 :])

    def _above(self, place: str) -> int | None:
        """The node that this place derives from, if there is one."""
        return next((node for n in range(len(place) + 1) if (node := int(f"1{place[:n]}", 2)) in self.nodes), None)

    def _below(self, place: str) -> list[int]:
        return [node for node in self.nodes if f"{node:b}"[1:].startswith(place)]

    def _destroy(self, place: str) -> None:
        above = self._above(place)
        if above is None:
            for node in self._below(place):
                del self.nodes[node]
            return
        key = self.nodes.pop(above)
        path = f"{above:b}"
        for bit in place[above.bit_length() - 1 :]:
            other = "1" if bit == "0" else "0"
            self.nodes[int(path + other, 2)] = _walk(key, other)
            key, path = _walk(key, bit), path + bit


def make() -> Ring:
    """A new ring."""
    return Ring({1: secrets.token_bytes(32)}, secrets.token_bytes(32), secrets.token_bytes(32))


def read(folder: Path) -> Ring:
    """The ring in a folder of keys. Raises RingMissing."""
    try:
        return parse((folder / FILE).read_text())
    except FileNotFoundError:
        raise RingMissing(NO_RING.fill(path=folder / FILE), how=NO_RING_HOW) from None


def parse(text: str) -> Ring:
    content = json.loads(text)
    nodes = {int(node, 16): b64decode(key) for node, key in content["nodes"].items()}
    return Ring(nodes, b64decode(content["names"]), b64decode(content["pieces"]))


def written(ring: Ring) -> str:
    nodes = {f"{node:x}": b64encode(key).decode() for node, key in sorted(ring.nodes.items())}
    fixed = {"names": b64encode(ring.names).decode(), "pieces": b64encode(ring.pieces).decode()}
    return json.dumps({"format": FORMAT, **fixed, "nodes": nodes}, indent=0)


@contextmanager
def changing(folder: Path, *, make_one: bool = False) -> Iterator[Ring]:
    """The ring to change something in; written whole at the end. One process at a time."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / f"{FILE}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ring = make() if make_one and not (folder / FILE).exists() else read(folder)
        yield ring
        write_whole(folder / FILE, written(ring), mode=FOR_OWNER)
    finally:
        os.close(lock)


def day_of(backup_id: str) -> date:
    """The day (UTC) of a backup, from its id `20261124T010000000000Z`. Raises ValueError."""
    return date(int(backup_id[:4]), int(backup_id[4:6]), int(backup_id[6:8]))


def _blob_place(sha256: str) -> str:
    return "0" + _bits(int(hashlib.sha256(f"blob:{sha256}".encode()).hexdigest()[:12], 16), DEPTH)[: DEPTH - 1]


def _repository_bits(repository: str) -> str:
    digest = int(hashlib.sha256(f"repository:{repository}".encode()).hexdigest()[:12], 16)
    return "1" + _bits(digest, DEPTH)[: DEPTH - DAY_BITS - 1]


def _day_place(repository: str, day: date) -> str:
    return _repository_bits(repository) + _bits((day - FIRST_DAY).days, DAY_BITS)


def _bits(number: int, width: int) -> str:
    return f"{number:0{width}b}"


def _walk(key: bytes, path: str) -> bytes:
    for bit in path:
        key = _hmac(key, bit)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
