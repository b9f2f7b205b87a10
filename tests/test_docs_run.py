"""Every command of the README and docs does what it says, on a demo instance, in the order of its page."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "src" / "qingkong_verify" / "README.md",
]
NOT_RUN = {
    r"^make (run|test)\b": "what these tests are run by, and what made the instance they run on",
    r"^sudo ": "changes the machine",
    r" watch https://portal\.example ": "needs a portal that runs; tried in tests/test_watch.py",
    r"^(systemctl|nginx|certbot|useradd|install) ": "changes the machine; tried in tests/deploy",
}
"""Commands that are not run here, as patterns, each with its reason."""

pytestmark = pytest.mark.deep


def commands(page: Path) -> list[str]:
    """The lines of a page's `sh` blocks: no comments, continued lines joined."""
    found: list[str] = []
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
        for line in block.replace("\\\n", " ").splitlines():
            command = re.sub(r"(^|\s+)#\s.*$", "", line).strip()
            if command:
                found.append(command)
    return found


def runs(command: str) -> bool:
    return not any(re.search(pattern, command) for pattern in NOT_RUN)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A folder that looks like the project's, with a demo instance, a stick with its ledger, and a home of its own."""
    here = tmp_path_factory.mktemp("docs")
    for path in ROOT.iterdir():
        if path.name not in {"var", ".git"}:
            (here / path.name).symlink_to(path)
    (here / "continues.py").symlink_to(ROOT / "docs" / "continues.py")
    (here / "stick").mkdir()
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env = {**own, "QINGKONG_HOME": str(here / "var"), "HOME": str(here)}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["bash", "-c", command], cwd=here, env=env, capture_output=True, text=True, timeout=900)

    for command in (
        ".venv/bin/qingkong demo --no-serve",
        ".venv/bin/python -m qingkong_verify.build qingkong-verify.pyz",
        ".venv/bin/qingkong ledger export stick/ledger",
        "cp stick/ledger/checkpoint kept-checkpoint",
    ):
        made = run(command)
        assert made.returncode == 0, made.stderr
    return here, run


def filled_in(command: str, here: Path) -> str:
    """The command with this instance's own places and key where the page has stand-ins."""
    key = (here / "stick" / "ledger" / "vkey").read_text().strip()
    for stand_in, real in (
        ("/media/stick", str(here / "stick")),
        ("'qingkong/370923+be39e2e8+…'", f"'{key}'"),
        ("PROOF.json", "proof.json"),
        ("FOLDER", str(here / "stick" / "ledger")),
    ):
        command = command.replace(stand_in, real)
    return re.sub(r"\bKEY\b", f"'{key}'", command)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.name)
def test_every_command_of_the_page_does_what_it_says(page, county):
    here, run = county
    failed = []
    for command in filter(runs, commands(page)):
        done = run(filled_in(command, here))
        if done.returncode:
            failed.append((command, done.returncode, (done.stdout + done.stderr)[-600:]))
    assert failed == []
