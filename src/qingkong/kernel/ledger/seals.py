"""Row seals: what an entry says of the rows that were written with it, as short digests. Pure.

A seal names a row and holds seven bytes of SHA-256 for each column that was written, and twelve over all of them.
Table, key and column are hashed with the value, so that a seal fits nowhere else; the values are taken as the database
keeps them, so that a sealed column counts by its ciphertext and no key is needed to check. All seals of an entry stand
behind 32 random bytes as one run; its SHA-256 is the salt of the entry's commitment, which thereby binds them: they
cost the ledger no column, go when the facts are erased by law, and a disclosed fact discloses none of them.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from qingkong.kernel.ledger.canonical import SALT_SIZE

CODE, DIGEST, ROW = 3, 7, 12
PAIR = CODE + DIGEST
Kind = Literal[b"F", b"P", b"G", b"C"]
FULL: Kind = b"F"
"""The row is new, or was written whole."""
PART: Kind = b"P"
"""Some columns were written; the others must stand as the seals before say."""
GONE: Kind = b"G"
"""The row was deleted."""
CARRIED: Kind = b"C"
"""The seals of an entry whose facts were erased, kept by the entry of the erasure: `key` is that entry."""

_HEAD = struct.Struct(">cBH")
_BODY = struct.Struct(f">{CODE}s{ROW}sB")
_RUN = struct.Struct(">I")


class BadSeals(ValueError):
    """The bytes aren't a run of seals."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One row as an entry left it: digests by column code; `shape` tells which columns the row digest is over."""

    kind: Kind
    label: str
    key: str
    shape: bytes = b""
    row: bytes = b""
    columns: bytes = b""

    def pairs(self) -> dict[bytes, bytes]:
        return pairs(self.columns)

    def packed(self) -> bytes:
        label, key = self.label.encode(), self.key.encode()
        head = _HEAD.pack(self.kind, len(label), len(key)) + label + key
        if self.kind == GONE:
            return head
        if self.kind == CARRIED:
            return head + _RUN.pack(len(self.columns)) + self.columns
        return head + _BODY.pack(self.shape, self.row, len(self.columns) // PAIR) + self.columns


@lru_cache(maxsize=4096)
def code_of(column: str) -> bytes:
    """The three bytes that stand for a column's name."""
    return sha256(column.encode()).digest()[:CODE]


def shape_of(codes: Iterable[bytes]) -> bytes:
    """Three bytes that tell sets of columns apart."""
    folded = 0
    for code in codes:
        folded ^= int.from_bytes(code, "big")
    return folded.to_bytes(CODE, "big")


def pairs(columns: bytes) -> dict[bytes, bytes]:
    """Digests by code, from the bytes of a seal."""
    return {columns[at : at + CODE]: columns[at + CODE : at + PAIR] for at in range(0, len(columns), PAIR)}


def joined(digests: Mapping[bytes, bytes]) -> bytes:
    """The bytes of digests by code, in the order of codes."""
    return b"".join(code + digests[code] for code in sorted(digests))


def row_digest(digests: Mapping[bytes, bytes]) -> bytes:
    return sha256(joined(digests)).digest()[:ROW]


def unpack(run: bytes) -> Iterator[Seal]:
    """The seals of a run. Raises BadSeals."""
    at, end = 0, len(run)
    try:
        while at < end:
            kind, label_size, key_size = _HEAD.unpack_from(run, at)
            at += _HEAD.size
            label = run[at : at + label_size].decode()
            at += label_size
            key = run[at : at + key_size].decode()
            at += key_size
            if kind == GONE:
                yield Seal(GONE, label, key)
            elif kind == CARRIED:
                (size,) = _RUN.unpack_from(run, at)
                at += _RUN.size + size
                yield Seal(CARRIED, label, key, columns=run[at - size : at])
            elif kind in (FULL, PART):
                shape, row, count = _BODY.unpack_from(run, at)
                at += _BODY.size + count * PAIR
                yield Seal(kind, label, key, shape, row, run[at - count * PAIR : at])
            else:
                raise BadSeals(f"no kind of seal: {kind!r}")
    except (struct.error, UnicodeDecodeError) as error:
        raise BadSeals(str(error)) from error
    if at != end:
        raise BadSeals("a run of seals is cut off")


def of_salt(salt: bytes | None) -> bytes:
    """The run of seals behind a stored salt; nothing where there is none."""
    return b"" if salt is None else salt[SALT_SIZE:]
