import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong_verify import VerificationError, verify_consistency, verify_inclusion
from qingkong_verify.merkle import EMPTY_ROOT, Range, leaf_hash, node_hash, perfect_root, root_of

LEAVES = [leaf_hash(str(number).encode()) for number in range(200)]


def root(low: int, high: int) -> bytes:
    """The root by the recursion of RFC 9162 §2.1.1, word for word."""
    if high - low == 1:
        return LEAVES[low]
    middle = low + (1 << ((high - low - 1).bit_length() - 1))
    return node_hash(root(low, middle), root(middle, high))


def path(index: int, low: int, high: int) -> list[bytes]:
    """The inclusion path by the recursion of RFC 9162 §2.1.3.1."""
    if high - low == 1:
        return []
    middle = low + (1 << ((high - low - 1).bit_length() - 1))
    if index < middle:
        return [*path(index, low, middle), root(middle, high)]
    return [*path(index, middle, high), root(low, middle)]


@given(st.integers(1, 200))
def test_the_stream_and_the_recursion_lead_to_one_root(size):
    assert root_of(LEAVES[:size]) == root(0, size)


def test_the_empty_tree_has_the_hash_of_nothing():
    assert root_of([]) == EMPTY_ROOT


def test_a_subtree_enters_a_stream_only_where_it_belongs():
    edge = Range()
    edge.push(perfect_root(LEAVES[:4]), 2)
    edge.push(LEAVES[4])
    assert edge.root() == root(0, 5)
    with pytest.raises(ValueError):
        edge.push(LEAVES[5], 2)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 200), st.data())
def test_a_path_proves_its_leaf_and_no_other_place_size_or_leaf(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = path(index, 0, size)
    verify_inclusion(LEAVES[index], index, size, proof, root(0, size))
    other = data.draw(st.integers(0, size - 1).filter(lambda found: found != index)) if size > 1 else size
    wrongs = [
        (LEAVES[index], other, size, proof, root(0, size)),
        (leaf_hash(b"other"), index, size, proof, root(0, size)),
        (LEAVES[index], index, size, [*proof, LEAVES[0]], root(0, size)),
        (LEAVES[index], index, size, proof, LEAVES[0][::-1]),
    ]
    if proof:
        wrongs.append((LEAVES[index], index, size, proof[1:], root(0, size)))
    for wrong in wrongs:
        with pytest.raises(VerificationError):
            verify_inclusion(*wrong)


@pytest.mark.parametrize("bad", [-1, True, 1.0, "1", None])
def test_what_is_no_count_is_refused(bad):
    with pytest.raises(VerificationError):
        verify_inclusion(LEAVES[0], bad, 5, [], LEAVES[0])
    with pytest.raises(VerificationError):
        verify_consistency(bad, LEAVES[0], 5, LEAVES[0], [])


@pytest.mark.parametrize("bad", [b"short", "text", None, bytearray(32)])
def test_what_is_no_hash_is_refused(bad):
    for args in (
        (bad, 0, 2, [LEAVES[1]], root(0, 2)),
        (LEAVES[0], 0, 2, [bad], root(0, 2)),
        (LEAVES[0], 0, 2, [LEAVES[1]], bad),
    ):
        with pytest.raises(VerificationError):
            verify_inclusion(*args)


def test_the_verifier_stands_on_the_standard_library_alone():
    import ast
    import sys
    from pathlib import Path

    for module in Path(__file__).parents[1].glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "qingkong_verify"}, (module.name, name)
