"""The tree's arithmetic at any size, against the verifier and against pymerkle, both independent of it."""

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from qingkong.kernel.ledger.tiling import (
    WIDTH,
    Edge,
    consistency_ranges,
    cover,
    extend,
    inclusion_ranges,
    root_of_edge,
    widths,
)
from qingkong.kernel.ledger.tree import Tiles
from qingkong_verify import verify_consistency, verify_inclusion
from qingkong_verify.merkle import leaf_hash, root_of

DATA = [str(number).encode() for number in range(3000)]
LEAVES = [leaf_hash(data) for data in DATA]


def grown(*steps: int) -> tuple[Edge, Tiles]:
    edge, tiles = Edge(), {}
    for step in steps:
        tiles |= extend(edge, LEAVES[edge.size : edge.size + step])
    return edge, Tiles({place: b"".join(hashes) for place, hashes in tiles.items()})


steps = st.lists(st.integers(1, 900), min_size=1, max_size=4).filter(lambda found: sum(found) <= 3000)


@settings(deadline=None, max_examples=60)
@given(steps)
def test_a_tree_grown_in_any_steps_has_the_root_of_its_leaves(found):
    edge, tiles = grown(*found)
    assert root_of_edge(edge) == root_of(LEAVES[: edge.size]) == tiles.range_hash(0, edge.size)
    assert {place: len(hashes) // 32 for place, hashes in tiles.held.items() if len(hashes) < 32 * WIDTH} == widths(
        edge.size
    )


@settings(deadline=None, max_examples=80)
@given(steps, st.data())
def test_every_inclusion_proof_is_accepted_by_the_verifier(found, data):
    edge, tiles = grown(*found)
    size = data.draw(st.integers(1, edge.size))
    index = data.draw(st.integers(0, size - 1))
    proof = [tiles.range_hash(low, high) for low, high in inclusion_ranges(index, size)]
    verify_inclusion(LEAVES[index], index, size, proof, root_of(LEAVES[:size]))


@settings(deadline=None, max_examples=80)
@given(steps, st.data())
def test_every_consistency_proof_is_accepted_by_the_verifier(found, data):
    edge, tiles = grown(*found)
    new = data.draw(st.integers(1, edge.size))
    old = data.draw(st.integers(1, new))
    proof = [tiles.range_hash(low, high) for low, high in consistency_ranges(old, new)]
    verify_consistency(old, root_of(LEAVES[:old]), new, root_of(LEAVES[:new]), proof)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_range_is_covered_by_whole_subtrees_without_gap(low, length):
    position = low
    for level, index in cover(low, low + length):
        assert index << level == position
        position += 1 << level
    assert position == low + length


def test_pymerkle_computes_the_same_root():
    peer = InmemoryTree(algorithm="sha256")
    for size in (1, 2, 3, 7, 256, 257, 1000):
        while peer.get_size() < size:
            peer.append_entry(DATA[peer.get_size()])
        assert peer.get_state() == root_of(LEAVES[:size])
    assert sha256(b"\0" + DATA[0]).digest() == LEAVES[0]
