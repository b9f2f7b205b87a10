"""A court's computer may have the Python 3.9 that came with it: nothing newer is used, and nothing but its library."""

import ast
import sys
from pathlib import Path

import pytest

MODULES = sorted(Path(__file__).parents[1].glob("*.py"))
NEWER = {
    "UTC",
    "StrEnum",
    "ExceptionGroup",
    "TaskGroup",
    "pairwise",
    "batched",
    "bit_count",
    "removeprefixes",
    "aclosing",
}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_it_reads_as_python_3_9(module):
    tree = ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 9))
    annotated = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            assert annotated, "a union in an annotation is evaluated before 3.10"
        if isinstance(node, ast.Call):
            named = {keyword.arg for keyword in node.keywords}
            assert not named & {"slots", "kw_only", "strict"}, f"line {node.lineno}"
        for name in (getattr(node, "id", ""), getattr(node, "attr", "")):
            assert name not in NEWER


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_it_imports_nothing_but_the_standard_library_and_itself(module):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names | {"qingkong_verify"}
