"""What is known of the time after a backup: which entries were signed or cosigned, which numbers were given out."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project.backup.databases import SQLITE
from qingkong.project.backup.manifest import Manifest
from qingkong.project.backup.repository import Repository
from qingkong_verify import VerificationError
from qingkong_verify.notes import parse_key, verify_checkpoint

NOT_SEEN = zh("{path} 不是这份存证的校验点：{why}")


class NotACheckpoint(Refusal):
    """The file isn't a checkpoint that this ledger signed."""


@dataclass(slots=True)
class Known:
    """The most that any witness knows of: entries signed, entries cosigned, the last number of each series and year.

    `lost_database` says that an instance stands here whose database can't be read.
    """

    signed: int = 0
    cosigned: int = 0
    serials: dict[str, int] = field(default_factory=dict)
    stands: bool = False
    lost_database: bool = False

    def add(self, *, signed: int, cosigned: int = 0, serials: dict[str, int] | None = None) -> None:
        self.signed, self.cosigned = max(self.signed, signed), max(self.cosigned, cosigned)
        for name, last in (serials or {}).items():
            self.serials[name] = max(last, self.serials.get(name, 0))


def known_after(manifest: Manifest, *, home: Path, repository: Repository, seen: Iterable[Path]) -> Known:
    """Ask the database that stands here, the later backups, what was published, and checkpoints that others kept."""
    known = Known()
    for later in repository.readable():
        if later.id > manifest.id:
            known.add(signed=later.point.size, cosigned=later.point.cosigned, serials=later.serials)
    _ask_database(home / "data" / SQLITE, known)
    for name in ("checkpoint", "cosigned"):
        path = home / "tiles" / name
        if path.exists():
            with suppress(NotACheckpoint):
                size = _size_of(path, manifest.vkeys)
                known.add(signed=size, cosigned=size if name == "cosigned" else 0)
    for path in seen:
        size = _size_of(path, manifest.vkeys)
        known.add(signed=size, cosigned=size)
    return known


def _size_of(path: Path, vkeys: list[str]) -> int:
    """The size in a checkpoint file that a key of this ledger signed. Raises NotACheckpoint."""
    try:
        text = path.read_text(encoding="utf-8")
        if text.lstrip().startswith("{"):
            text = json.loads(text)["checkpoint"]
        head, _, lines = text.partition("\n\n")
        names = {parse_key(vkey).name for vkey in vkeys}
        own = [line for line in lines.splitlines() if line.split(" ")[1:2] and line.split(" ")[1] in names]
        return verify_checkpoint(f"{head}\n\n" + "".join(f"{line}\n" for line in own), vkeys).size
    except (OSError, ValueError, KeyError, IndexError, VerificationError) as error:
        raise NotACheckpoint(NOT_SEEN.fill(path=path, why=str(error)), field="seen") from None


def _ask_database(path: Path, known: Known) -> None:
    """The database of the instance that stands here, as far as it can still be read."""
    known.stands = path.exists()
    if not known.stands:
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
            signed = database.execute("SELECT coalesce(max(size), 0) FROM ledger_checkpoint").fetchone()[0]
            cosigned = database.execute(
                "SELECT coalesce(max(c.size), 0) FROM ledger_checkpoint c "
                "JOIN ledger_cosignature s ON s.checkpoint_id = c.number"
            ).fetchone()[0]
            serials = database.execute("SELECT series, year, last FROM numbering_serial").fetchall()
    except sqlite3.Error:
        known.lost_database = True
        return
    known.add(signed=signed, cosigned=cosigned, serials={f"{series}/{year}": last for series, year, last in serials})
