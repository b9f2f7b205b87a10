"""What an outsider runs on a laptop (docs/ledger.md): does today's ledger continue the checkpoint I kept?"""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger import exporting, keys, notes
from qingkong.kernel.ledger.tests.building import AT, actor

SCRIPT = Path(__file__).parents[1] / "docs" / "continues.py"


@pytest.fixture
def folder(transactional_db, tmp_path) -> Path:
    enter(3)
    exporting.export(tmp_path / "ledger")
    (tmp_path / "kept").write_text((tmp_path / "ledger" / "checkpoint").read_text())
    enter(300)  # past a full tile
    exporting.export(tmp_path / "ledger")
    return tmp_path


def enter(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            ledger.record(actor=actor(), at=AT, act="tests.done", subject=f"tests.thing:{number}")
    ledger.integrate()


def ask(kept: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(kept), str(folder), ledger.vkey()],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_ledger_that_only_grew_continues_what_was_kept(folder):
    done = ask(folder / "kept", folder / "ledger")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK ")


def test_a_ledger_with_another_past_doesnt_though_the_server_signed_both(folder):
    size = int((folder / "kept").read_text().split("\n")[1])
    (folder / "kept").write_text(notes.sign_checkpoint(keys.signer(), size, b"\7" * 32))
    done = ask(folder / "kept", folder / "ledger")
    assert done.returncode == 1
    assert "改写" in done.stderr


def test_without_its_three_arguments_it_says_how_it_is_used():
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "OLD_CHECKPOINT" in done.stderr
