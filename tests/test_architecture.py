"""The house: contracts, shapes of operations, routes and their permissions."""

import ast
import inspect
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "qingkong"
DOMAINS = sorted(path.parent for path in SOURCE.glob("domains/*/*/apps.py"))


def test_the_import_contracts_hold():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


def operations_of(domain: Path) -> list:
    """The functions a domain offers as its operations: all of `operations.py`, or what the package names."""
    package = import_module(".".join(domain.relative_to(SOURCE.parent).parts) + ".operations")
    offered = getattr(package, "__all__", None)
    return [
        function
        for name, function in inspect.getmembers(package, inspect.isfunction)
        if not name.startswith("_")
        and (name in offered if offered else inspect.unwrap(function).__module__ == package.__name__)
        and {"actor", "at"} & set(inspect.signature(function).parameters)
    ]


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda d: d.name)
def test_operations_take_actor_and_instant_by_keyword_alone(domain):
    operations = operations_of(domain)
    assert operations
    for operation in operations:
        for name, parameter in inspect.signature(operation).parameters.items():
            if name in {"actor", "at"}:
                assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, operation.__qualname__


KERNEL_ENTERS = {
    "ledger.record", "ledger.record_many", "papers.issue", "access.look", "gates.settle",
    "clocks.start", "clocks.stop", "clocks.extend", "clocks.suspend", "clocks.resume",
}  # fmt: skip
"""Calls into the kernel that enter something themselves, each proved by its own room's tests."""

ENTERS_NOTHING = {
    "has_power": "asks whether the actor may decide, changes nothing",
    "running_look": "asks which look is open, changes nothing",
    "forget_challenges": "sweeps the portal's spent puzzles, which are about nobody",
}


def _functions(domain: Path) -> dict[str, list[ast.FunctionDef]]:
    """Every function and method of a domain's operations and models, by its bare name."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for pattern in ("operations.py", "operations/*.py", "models.py", "models/*.py"):
        for path in domain.glob(pattern):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    found.setdefault(node.name, []).append(node)
    return found


def _enters(name: str, functions: dict[str, list[ast.FunctionDef]], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function, or one of its room that it calls, writes an entry."""
    if name in seen:
        return False
    for function in functions.get(name, []):
        called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        if any(ast.unparse(each) in KERNEL_ENTERS for each in called):
            return True
        inner = {each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in called}
        if any(_enters(each, functions, seen | {name}) for each in inner):
            return True
    return False


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda d: d.name)
def test_every_operation_leaves_its_entry(domain):
    functions = _functions(domain)
    names = {operation.__name__ for operation in operations_of(domain)} - set(ENTERS_NOTHING)
    assert sorted(name for name in names if not _enters(name, functions)) == []


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda d: d.name)
def test_a_domain_has_its_half_page_and_its_tests(domain):
    readme = (domain / "README.md").read_text()
    assert 200 < len(readme) < 6000
    assert list((domain / "tests").glob("test_*.py"))


def test_nothing_below_the_edge_reads_the_clock():
    """`at` is passed in; only the web's edge and the command line read it."""
    allowed = {"web/edge.py", "project/commands.py", "project/asgi_events.py"}
    allowed |= {"kernel/ledger/migrations/0004_months.py"}  # a step of the tables is run by somebody, at some time
    found = []
    for path in SOURCE.rglob("*.py"):
        place = str(path.relative_to(SOURCE))
        if "tests" in path.parts or place in allowed or path.name in {"commands.py", "conftest.py", "worker.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = getattr(node.func.value, "id", "")
                if (owner, node.func.attr) in {
                    ("timezone", "now"),
                    ("datetime", "now"),
                    ("date", "today"),
                    ("datetime", "utcnow"),
                }:
                    found.append(f"{place}:{node.lineno}")
    assert found == []


def test_no_module_is_a_catch_all():
    names = {path.stem for path in SOURCE.rglob("*.py")} | {path.name for path in SOURCE.rglob("*") if path.is_dir()}
    assert not names & {"utils", "helpers", "common", "manager", "misc"}


def test_every_route_names_a_permission_that_exists():
    from qingkong.kernel.access.permissions import permissions
    from qingkong.web.routes import routes_matrix

    routes = list(routes_matrix())
    assert len(routes) > 30
    for route in routes:
        assert route.needs in permissions(), route


def test_the_printed_matrix_of_routes_and_posts_is_the_one_in_the_repository():
    from qingkong.project.matrix import matrix

    assert (ROOT / "docs" / "permissions.md").read_text() == matrix(), (
        "run: .venv/bin/qingkong routes > docs/permissions.md"
    )


def test_the_administrator_sees_no_case_call_or_person():
    from qingkong.kernel.access import Actor, may
    from qingkong.kernel.access.permissions import permissions
    from qingkong.kernel.identity.posts import Post

    administrator = Actor("officer", None, "示例", Post.ADMINISTRATOR, None, "", "", None)
    allowed = {name for name in permissions() if may(administrator, name)}
    assert allowed <= {"accounts.manage", "public", "disclosure.read", "web.sign_in", "web.status"}, allowed


def test_every_marked_sentence_has_its_english():
    from qingkong.project.catalogue import missing

    assert missing() == []


def test_lock_files_name_no_registry_and_no_address():
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        text = (ROOT / name).read_text()
        lines = [
            line for line in text.splitlines() if "://" in line and '"url"' not in line and '"funding"' not in line
        ]
        assert not lines, (name, lines[:3])


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_built_or_third_party_file_is_kept_in_the_repository():
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert not [
        f
        for f in files
        if f.startswith(("node_modules/", "src/qingkong/web/static/qingkong/"))
        or f.endswith((".min.js", ".mo", ".woff2"))
    ]
