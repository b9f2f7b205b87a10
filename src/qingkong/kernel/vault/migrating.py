"""Copy every original to another place, read each again from there, and write down what arrived.

The source is only read. What was proved is kept in a journal line by line, so that a migration which was killed goes
on where it was. The manifest names every content of the database and everything else that was found: 96,174 originals
were once lost elsewhere because nobody had such a list.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.access import Actor
from qingkong.kernel.durable import sync
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Labelled, zh
from qingkong.kernel.vault import place
from qingkong.kernel.vault.backend import Altered, Backend, Erased, NotAsSent
from qingkong.kernel.vault.folder import Folder
from qingkong.kernel.vault.models import Blob, Tombstone
from qingkong.kernel.vault.spool import SHA256, make_folder

SAME_PLACE = zh("原件已经在 {url}，不用迁移。")
NO_ROOM_THERE = zh("目标磁盘剩 {free} 字节，要复制 {needed} 字节，放不下。")
CHOOSE = zh("请换一个地方，或者先腾出空间。")


class CannotMigrate(Refusal):
    """Nothing was copied; the message says why."""


class Fate(Labelled):
    """What became of one content."""

    ARRIVED = "arrived", zh("到达并核对")
    MISSING = "missing", zh("来源处缺失")
    ALTERED = "altered", zh("来源处已被改动")
    TOMBSTONED = "tombstoned", zh("已依法销毁，不复制")
    EXTRA = "extra", zh("没有登记")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the manifest. `digest` is what was read from the target, empty where nothing is there."""

    sha256: str  # or the name below the vault's folder of a file that isn't named by one
    size: int  # bytes
    fate: Fate
    found: str  # source · target · both · nowhere
    digest: str = ""

    @property
    def proved(self) -> bool:
        return self.digest == self.sha256


@dataclass(slots=True)
class Outcome:
    """What a migration found and did."""

    source: str
    target: str
    rows: dict[str, Row]
    copied: int = 0  # contents copied now
    bytes: int = 0
    manifest: Path | None = None
    digest: str = ""

    def count(self, fate: Fate) -> int:
        return sum(row.fate is fate for row in self.rows.values())

    @property
    def complete(self) -> bool:
        """Whether every content of the database that wasn't erased arrived."""
        return not self.count(Fate.MISSING) and not self.count(Fate.ALTERED)


Say = Callable[[Row], None]


def migrate(url: str, *, actor: Actor, at: datetime, dry_run: bool = False, say: Say | None = None) -> Outcome:
    """Copy what isn't proved to be at `url` yet and write the manifest; with `dry_run` only look.

    Originals may come in meanwhile: a switch copies those. Raises CannotMigrate, BadPlace, StoreAway; then what arrived
    stays proved and the same call goes on.
    """
    source, target = place.backend(place.current()), place.backend(url)
    if source.url == target.url:
        raise CannotMigrate(SAME_PLACE.fill(url=target.url))
    journal = Journal(target)
    outcome = reconcile(source, target, known=journal.rows(), dry_run=dry_run, say=say, keep=journal.keep)
    if dry_run:
        return outcome
    outcome.manifest, outcome.digest = write_manifest(outcome, at=at)
    journal.end()
    with transaction.atomic():
        ledger.record(
            actor=actor, at=at, act="vault.migrated", subject=f"vault.manifest:{outcome.digest}", facts=facts_of(outcome)
        )  # fmt: skip
    return outcome


def reconcile(
    source: Backend, target: Backend, *, known: dict[str, Row], dry_run: bool = False, say: Say | None = None,
    keep: Say | None = None,
) -> Outcome:  # fmt: skip
    """Bring every content of the database, and every other that bears its digest as its name, to the target.

    `known` are rows proved before; they count while the target still lists them in their size.
    """
    outcome = Outcome(source.url, target.url, {})
    here, there = dict(source.files()), dict(target.files())
    if not dry_run:
        _refuse_without_room(target, here, there)
    for row in _fates(source, target, here, there, known, outcome, dry_run):
        outcome.rows[row.sha256] = row
        if not dry_run and keep and row.proved and row.sha256 not in known:
            keep(row)
        if say:
            say(row)
    return outcome


def _fates(
    source: Backend, target: Backend, here: dict[str, int], there: dict[str, int], known: dict[str, Row],
    outcome: Outcome, dry_run: bool,
) -> Iterator[Row]:  # fmt: skip
    erased = set(Tombstone.objects.values_list("blob_id", flat=True))
    listed: set[str] = set()

    def fate(sha256: str, size: int, arrived: Fate) -> Row:
        found = _found(sha256, here, there)
        before = known.get(sha256)
        if before and before.proved and there.get(sha256) == size:
            return Row(sha256, size, arrived, found, sha256)
        if found == "nowhere":
            return Row(sha256, size, Fate.MISSING, found)
        if dry_run:
            outcome.copied += sha256 not in there
            outcome.bytes += size if sha256 not in there else 0
            return Row(sha256, size, arrived, found)
        return _bring(source, target, Row(sha256, size, arrived, found), there, outcome)

    for sha256, size in Blob.objects.order_by("sha256").values_list("sha256", "size").iterator():
        listed.add(sha256)
        if sha256 not in erased:
            yield fate(sha256, size, Fate.ARRIVED)
            continue
        before = known.get(sha256)
        if not dry_run and (sha256 in there or not before or before.fate is not Fate.TOMBSTONED):
            target.remove(sha256)
        yield Row(sha256, size, Fate.TOMBSTONED, _found(sha256, here, there))
    for name in sorted(here.keys() - listed):  # whole, and its row isn't there yet, or never will be: it goes along
        yield (
            fate(name, here[name], Fate.EXTRA)
            if SHA256.fullmatch(name)
            else Row(name, here[name], Fate.EXTRA, "source")
        )
    for name in sorted(there.keys() - here.keys() - listed):
        yield Row(name, there[name], Fate.EXTRA, "target")


def _bring(source: Backend, target: Backend, row: Row, there: dict[str, int], outcome: Outcome) -> Row:
    """Copy one content unless the target has it, sound; the row with what the target gave back."""
    proved = replace(row, digest=row.sha256)
    lost = row.fate if row.fate is Fate.EXTRA else None  # what nobody registered doesn't hold up the others
    if row.sha256 in there and target.is_sound(row.sha256, row.size):
        return proved
    try:
        with source.local(row.sha256) as file:
            target.put(file, row.sha256, row.size)
    except FileNotFoundError:
        return replace(row, fate=lost or Fate.MISSING)
    except Altered:
        return replace(row, fate=lost or Fate.ALTERED)
    except Erased:
        return replace(row, fate=Fate.TOMBSTONED)
    except NotAsSent:
        if source.is_sound(row.sha256, row.size):
            raise
        return replace(row, fate=lost or Fate.ALTERED)
    outcome.copied += 1
    outcome.bytes += row.size
    return proved


def _found(sha256: str, here: dict[str, int], there: dict[str, int]) -> str:
    return {(True, True): "both", (True, False): "source", (False, True): "target"}.get(
        (sha256 in here, sha256 in there), "nowhere"
    )


def _refuse_without_room(target: Backend, here: dict[str, int], there: dict[str, int]) -> None:
    if not isinstance(target, Folder):
        return
    make_folder(target.root)
    needed, free = sum(size for name, size in here.items() if name not in there), shutil.disk_usage(target.root).free
    if needed > free:
        raise CannotMigrate(NO_ROOM_THERE.fill(free=free, needed=needed), how=CHOOSE)


def facts_of(outcome: Outcome) -> dict[str, object]:
    """What the ledger and the manifest's head say of a migration."""
    counts = {fate.value: outcome.count(fate) for fate in Fate}
    size = sum(row.size for row in outcome.rows.values() if row.proved)
    return {"source": outcome.source, "target": outcome.target, "bytes": size, **counts, "complete": outcome.complete}


def write_manifest(outcome: Outcome, *, at: datetime) -> tuple[Path, str]:
    """Write the manifest: one JSON object a line, the head first. Its path and the SHA-256 of its bytes."""
    folder = place.root() / "manifests"
    make_folder(folder)
    fresh = folder / "writing"
    with fresh.open("w") as out:
        out.write(json.dumps({"what": "qingkong vault manifest", "at": at.isoformat(), **facts_of(outcome)}) + "\n")
        for row in outcome.rows.values():
            out.write(json.dumps(asdict(row)) + "\n")
        out.flush()
        os.fsync(out.fileno())
    digest = hashlib.sha256(fresh.read_bytes()).hexdigest()
    file = folder / f"{at:%Y%m%dT%H%M%SZ}-{digest[:8]}.jsonl"
    os.rename(fresh, file)
    sync(folder)
    return file, digest


def read_manifest(file: Path) -> tuple[dict[str, object], dict[str, Row], str]:
    """Head, rows and digest of a manifest. Raises ValueError, OSError."""
    content = file.read_bytes()
    head, *lines = content.splitlines()
    return json.loads(head), {row.sha256: row for row in map(_row, lines)}, hashlib.sha256(content).hexdigest()


def _row(line: bytes) -> Row:
    said = json.loads(line)
    return Row(**{**said, "fate": Fate(said["fate"])})


class Journal:
    """Rows proved so far in one migration; the next one reads everything again. A torn last line proves nothing."""

    def __init__(self, target: Backend) -> None:
        self._file = place.root() / f"migration-{hashlib.sha256(target.url.encode()).hexdigest()[:16]}.jsonl"

    def rows(self) -> dict[str, Row]:
        """What was proved; a torn line is cut off, so that the next one stands by itself."""
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return {}
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._file, whole)
        return {row.sha256: row for row in map(_row, content[:whole].splitlines())}

    def keep(self, row: Row) -> None:
        make_folder(self._file.parent)
        with self._file.open("ab") as out:
            out.write(json.dumps(asdict(row)).encode() + b"\n")

    def end(self) -> None:
        self._file.unlink(missing_ok=True)
