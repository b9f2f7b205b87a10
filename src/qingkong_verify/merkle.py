"""The Merkle tree of RFC 9162 (the same hashes as RFC 6962), SHA-256: hashes, roots, and checks of proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from qingkong_verify.errors import VerificationError

EMPTY_ROOT = sha256(b"").digest()
HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry's bytes (RFC 9162 §2.1.1: a zero byte before it)."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees (RFC 9162 §2.1.1: a one byte before them)."""
    return sha256(b"\1" + left + right).digest()


class Range:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first.

    Constant memory (one hash a level), so that a log of any length is checked as a stream.
    """

    __slots__ = ("nodes", "size")

    def __init__(self) -> None:
        self.size = 0
        self.nodes: list[tuple[int, bytes]] = []

    def push(self, digest: bytes, level: int = 0) -> None:
        """Add the root of a perfect subtree of 2**level leaves; the size must be a multiple of that."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"a subtree of level {level} can't start at leaf {self.size}")
        self.size += 1 << level
        while self.nodes and self.nodes[-1][0] == level:
            digest = node_hash(self.nodes.pop()[1], digest)
            level += 1
        self.nodes.append((level, digest))

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1][1]
        for _, left in reversed(self.nodes[:-1]):
            root = node_hash(left, root)
        return root


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes. The fast path: no bookkeeping a node."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs)]  # noqa: B905  Python 3.9
    return level[0]


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over any number of leaf hashes."""
    edge = Range()
    for digest in hashes:
        edge.push(digest)
    return edge.root()


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at `index` (from 0) in the tree of `size` leaves with this root (RFC 9162 §2.1.3.2).

    `leaf_hash`, `root` and each element of `proof` are 32 bytes. Raises VerificationError if it doesn't.
    """
    _counts(index, size)
    _hashes(leaf_hash, root, *proof)
    if index >= size:
        raise VerificationError(f"序号 {index} 不在 {size} 条之内。", f"Index {index} lies outside a tree of {size}.")
    position, last, reached = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise VerificationError("证明太长。", "The proof is too long.")
        if position & 1 or position == last:
            reached = node_hash(sibling, reached)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise VerificationError("证明太短。", "The proof is too short.")
    if reached != root:
        raise VerificationError("证明算出的根与校验点不一致。", "The proof leads to another root.")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (size1, root1) is a beginning of the tree (size2, root2) (RFC 9162 §2.1.4.2).

    Roots and elements of `proof` are 32 bytes. Raises VerificationError if it isn't.
    """
    _counts(size1, size2)
    if size1 > size2:
        raise VerificationError(f"记录由 {size1} 条变少为 {size2} 条。", f"The log shrank from {size1} to {size2}.")
    if size1 == size2:
        if proof:
            raise VerificationError("这里不需要证明，却给了证明。", "No proof is needed here, but one was given.")
        if root1 != root2:
            raise VerificationError("条数相同，根不同：历史被改写。", "Same size, other root: history was rewritten.")
        if size1 == 0 and root1 != EMPTY_ROOT:
            raise VerificationError("空记录的根不对。", "The root of the empty log is wrong.")
        return
    if size1 == 0:
        raise VerificationError("与空记录的一致不证明任何事。", "To agree with the empty log proves nothing.")
    _hashes(root1, root2, *proof)
    _consistency_path(size1, root1, size2, root2, list(proof))


def _consistency_path(size1: int, root1: bytes, size2: int, root2: bytes, path: list[bytes]) -> None:
    if not path:
        raise VerificationError("缺少一致性证明。", "The consistency proof is missing.")
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    first, last = size1 - 1, size2 - 1
    while first & 1:
        first >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise VerificationError("证明太长。", "The proof is too long.")
        if first & 1 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        first >>= 1
        last >>= 1
    if last:
        raise VerificationError("证明太短。", "The proof is too short.")
    if old != root1:
        raise VerificationError(
            "证明与旧校验点不一致：历史被改写。", "The proof contradicts the older root: history was rewritten."
        )
    if new != root2:
        raise VerificationError("证明与新校验点不一致。", "The proof contradicts the newer root.")


def _counts(*numbers: int) -> None:
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise VerificationError(f"{number!r} 不是条数或序号。", f"{number!r} is no count or index.")


def _hashes(*digests: bytes) -> None:
    for digest in digests:
        if not isinstance(digest, bytes) or len(digest) != HASH_SIZE:
            raise VerificationError("摘要不是 32 字节。", "A hash isn't 32 bytes long.")
