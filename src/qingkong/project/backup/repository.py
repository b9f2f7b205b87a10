"""A repository of backups: pieces and originals under names that say nothing, each sealed with its own key.

AES-256-GCM throughout. A manifest's key dies with the days it belongs to, an original's with its erasure; a piece's
key follows from its SHA-256, which only a manifest names.
"""

import hashlib
import json
import secrets
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import zh
from qingkong.project.backup import manifest as manifests
from qingkong.project.backup.manifest import Manifest
from qingkong.project.backup.ring import KeyDestroyed, Ring
from qingkong.project.backup.stores import Absent, Store

MARK = "qingkong-backup.json"
FORMAT = "qingkong-backup-repository/1"
PIECE = 128 * 1024
SEGMENT = 2**20
TAG = 16

OTHER_RING = zh("这里的备份是用另一副密钥做的，打不开。")
OTHER_RING_HOW = zh("换一个空的地方，或用 --keys 指明当时的密钥副本。")
NOT_OURS = zh("这里没有晴空的备份。")
DAMAGED = zh("备份里的一块读不出或被改动：{name}。")
DAMAGED_HOW = zh("再做一次备份会补上；仍不行，换一份介质。")
GONE = zh("没有编号为 {id} 的备份。")


class CannotOpen(Refusal):
    """The repository belongs to another key ring, or isn't one."""


class Damaged(Refusal):
    """Something in the repository isn't what was written."""


@dataclass
class Repository:
    """`id` tells this repository from others of the same instance."""

    store: Store
    ring: Ring
    id: str
    known: dict[str, set[str]] = field(default_factory=dict)

    # --- pieces of databases ---

    def put_piece(self, data: bytes) -> tuple[str, int]:
        """Keep a piece; its SHA-256, and the bytes written."""
        sha256, nonce = hashlib.sha256(data).hexdigest(), secrets.token_bytes(12)
        body = AESGCM(self.ring.piece_key(sha256)).encrypt(nonce, zlib.compress(data, 1), None)
        return sha256, self.store.put(self.ring.name_of("pieces", sha256), [nonce, body], later=True)

    def get_piece(self, sha256: str) -> bytes:
        """A piece, as it was put in. Raises Damaged."""
        name = self.ring.name_of("pieces", sha256)
        try:
            raw = b"".join(self.store.get(name))
            data = zlib.decompress(AESGCM(self.ring.piece_key(sha256)).decrypt(raw[:12], raw[12:], None))
        except (Absent, InvalidTag, ValueError, zlib.error):
            raise Damaged(DAMAGED.fill(name=name), how=DAMAGED_HOW) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Damaged(DAMAGED.fill(name=name), how=DAMAGED_HOW)
        return data

    # --- originals ---

    def put_blob(self, sha256: str, source: Iterable[bytes]) -> int:
        """Keep an original; the bytes written. The same bytes give the same file: its key is its own."""
        return self.store.put(self.ring.name_of("blobs", sha256), _sealed(source, self.ring.blob_key(sha256)))

    def get_blob(self, sha256: str) -> Iterator[bytes]:
        """An original, segment by segment; the caller compares the SHA-256. Raises Damaged, KeyDestroyed."""
        name, key = self.ring.name_of("blobs", sha256), self.ring.blob_key(sha256)
        try:
            yield from _opened(self.store.get(name), key)
        except (Absent, InvalidTag):
            raise Damaged(DAMAGED.fill(name=name), how=DAMAGED_HOW) from None

    def check_blob(self, sha256: str) -> None:
        """Read an original back. Raises Damaged."""
        digest = hashlib.sha256()
        for part in self.get_blob(sha256):
            digest.update(part)
        if digest.hexdigest() != sha256:
            raise Damaged(DAMAGED.fill(name=self.ring.name_of("blobs", sha256)), how=DAMAGED_HOW)

    @cached_property
    def blobs_there(self) -> dict[str, int]:
        """The names of originals in the repository, with their sizes as kept."""
        return dict(self.store.names("blobs"))

    def has_blob(self, sha256: str, size: int) -> bool:
        return self.blobs_there.get(self.ring.name_of("blobs", sha256)) == sealed_size(size)

    # --- manifests ---

    def put_manifest(self, manifest: Manifest) -> int:
        """Keep a manifest: from now on the backup exists."""
        self.store.flush()
        nonce = secrets.token_bytes(12)
        key = AESGCM(self.ring.backup_key(self.id, manifest.id))
        body = key.encrypt(nonce, zlib.compress(manifests.written(manifest)), manifest.id.encode())
        return self.store.put(f"backups/{manifest.id}", [nonce, body])

    def get_manifest(self, backup_id: str) -> Manifest:
        """Raises Damaged, KeyDestroyed, NotFound."""
        key = AESGCM(self.ring.backup_key(self.id, backup_id))
        try:
            raw = b"".join(self.store.get(f"backups/{backup_id}"))
            return manifests.parse(zlib.decompress(key.decrypt(raw[:12], raw[12:], backup_id.encode())))
        except Absent:
            raise NotFound(GONE.fill(id=backup_id)) from None
        except (InvalidTag, ValueError, zlib.error):
            raise Damaged(DAMAGED.fill(name=f"backups/{backup_id}"), how=DAMAGED_HOW) from None

    def ids(self) -> list[str]:
        """The backups that are there, the oldest first, whether or not they can be opened."""
        return sorted(name.removeprefix("backups/") for name, _ in self.store.names("backups") if _is_id(name[8:]))

    def readable(self) -> Iterator[Manifest]:
        """The backups that can be opened, the oldest first; those that can't are passed over."""
        for backup_id in self.ids():
            try:
                yield self.get_manifest(backup_id)
            except (Damaged, KeyDestroyed, NotFound):
                continue


def open_repository(store: Store, ring: Ring, *, make: bool = False) -> Repository:
    """The repository in a store. Raises CannotOpen where it is another ring's, or none and not to be made."""
    try:
        content = json.loads(b"".join(store.get(MARK)))
    except Absent:
        if not make:
            raise CannotOpen(NOT_OURS) from None
        content = {"format": FORMAT, "repository": secrets.token_hex(8), "ring": ring.mark}
        store.put(MARK, [json.dumps(content).encode()])
    except ValueError:
        raise CannotOpen(NOT_OURS) from None
    if content.get("format") != FORMAT or content.get("ring") != ring.mark:
        raise CannotOpen(OTHER_RING, how=OTHER_RING_HOW)
    return Repository(store, ring, content["repository"])


def sealed_size(size: int) -> int:
    """How large an original of so many bytes is in the repository."""
    return size + TAG * max(1, -(-size // SEGMENT))


def _is_id(text: str) -> bool:
    try:
        manifests.moment(text)
    except ValueError:
        return False
    return True


def _sealed(source: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    cipher = AESGCM(key)
    for number, segment in enumerate(_cut(source, SEGMENT)):
        yield cipher.encrypt(number.to_bytes(12, "big"), segment, None)


def _opened(source: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    cipher = AESGCM(key)
    for number, segment in enumerate(_cut(source, SEGMENT + TAG)):
        yield cipher.decrypt(number.to_bytes(12, "big"), segment, None)


def _cut(source: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in parts of exactly `size`, the last one as it comes."""
    held = bytearray()
    for part in source:
        held += part
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
