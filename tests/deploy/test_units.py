"""The systemd units: known to systemd, hardened, and what they start exists."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from qingkong.project.cli import _parser

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze on this machine: apt-get install systemd")

HARDENED = {
    "NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectSystem=strict", "ProtectHome=yes", "ReadOnlyPaths=/opt/qingkong /etc/qingkong",
    "ReadWritePaths=/var/lib/qingkong", "CapabilityBoundingSet=", "SystemCallFilter=@system-service", "MemoryDenyWriteExecute=yes",
    "UMask=0027", "User=qingkong",
}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_reads_its_code_writes_its_data_and_gains_nothing(unit):
    assert set(unit.read_text().splitlines()) >= HARDENED


@needs_systemd
@pytest.mark.parametrize("unit", [*UNITS, DEPLOY / "systemd" / "qingkong-check.timer"], ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit, tmp_path):
    for file in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"/opt/qingkong/\.venv/bin/qingkong", "/bin/true", file.read_text())
        (tmp_path / file.name).write_text(text.replace("Documentation=file:/opt", "Documentation=file:/tmp"))
    run = subprocess.run([ANALYZE, "verify", str(tmp_path / unit.name)], capture_output=True, text=True)
    said = [line for line in run.stderr.splitlines() if unit.name in line]
    assert said == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_little_exposed(unit):
    run = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--threshold=20", str(unit)], capture_output=True, text=True
    )
    if "unrecognized option" in run.stderr:
        pytest.skip("systemd older than 250 can't judge a file")
    assert run.returncode == 0, run.stdout[-500:]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_what_a_unit_starts_is_a_command_of_ours(unit):
    known = _parser()._subparsers._group_actions[0].choices
    started = re.findall(r"^Exec\w+=\S+/qingkong (\S+)", unit.read_text(), flags=re.M)
    assert started and set(started) <= set(known)


def test_every_name_in_the_example_of_the_environment_is_read_somewhere():
    source = "\n".join(
        file.read_text() for file in (DEPLOY.parent / "src" / "qingkong").rglob("*.py") if "tests" not in file.parts
    )
    names = re.findall(r"^#? ?(QINGKONG_\w+)=", (DEPLOY / "qingkong.env.example").read_text(), flags=re.M)
    assert len(names) >= 8
    assert [name for name in names if f'"{name}"' not in source] == []
