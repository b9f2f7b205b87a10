import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as now
from django.db import connection, transaction

from qingkong.conftest import AT
from qingkong.kernel import access, ledger, vault
from qingkong.project.backup import opening, taking
from qingkong.project.backup.repository import Repository
from qingkong.project.backup.taking import Taken

GROUND = "个人信息保护法第四十七条"


@dataclass
class Instance:
    """A filled instance of a test, with its own vault and keys and a place for backups."""

    home: Path
    keys: Path
    target: Path
    county: SimpleNamespace

    def repository(self) -> Repository:
        return opening.to_write(str(self.target))

    @contextmanager
    def here(self) -> Iterator[None]:
        """The settings point to this instance, whatever they point to outside."""
        elsewhere, now.QINGKONG_HOME = now.QINGKONG_HOME, self.home
        try:
            yield
        finally:
            now.QINGKONG_HOME = elsewhere

    def back_up(self, at=AT) -> Taken:
        with self.here():
            return taking.take(self.repository(), actor=access.system("tests"), at=at)

    def store(self, content: bytes) -> str:
        with self.here():
            return vault.receive(io.BytesIO(content)).sha256

    def enter(self, what: str) -> ledger.Entry:
        with transaction.atomic():
            return ledger.record(
                actor=self.county.officer, at=AT, act="project.data_loaded", subject="tests:thing", facts={"what": what}
            )

    def erase_fact(self, entry: ledger.Entry) -> None:
        ledger.erase_facts(entry, ground=GROUND, actor=self.county.case_office, second=self.county.bureau_leader, at=AT)

    def erase_blob(self, sha256: str) -> None:
        with self.here():
            vault.erase(sha256, ground=GROUND, actor=self.county.case_office, second=self.county.bureau_leader, at=AT)


@pytest.fixture
def instance(transactional_db, county, tmp_path, settings) -> Instance:
    if connection.vendor != "sqlite":
        pytest.skip("copies a SQLite file; test_postgres.py does the same with a server of its own")
    keys, home = tmp_path / "keys", tmp_path / "home"
    shutil.copytree(now.QINGKONG_KEYS, keys)
    for left in ("backup.json", "erasures.jsonl"):
        (keys / left).unlink(missing_ok=True)
    home.mkdir()
    settings.QINGKONG_KEYS, settings.QINGKONG_HOME = keys, home
    return Instance(home, keys, tmp_path / "backups", county)


@pytest.fixture
def files() -> Callable[[Path], dict[str, bytes]]:
    """All files below a folder, by name."""

    def below(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    return below
