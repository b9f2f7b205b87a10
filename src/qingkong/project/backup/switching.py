"""The last step of a restore: what was made ready beside the old takes its place. Cut off, it is finished later.

`restoring/READY` is the decision: before it nothing of the old was touched, after it the restore stands. An existing
instance is put aside whole, into `replaced-<time>/`; nothing is deleted.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingkong.kernel.durable import sync
from qingkong.kernel.ledger import publishing
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.project import instance

STAGING = "restoring"
READY = "READY"
DATA, TILES = "data", "tiles"

MOUNTED = zh("{folder} 是单独挂载的，不能整个换掉。恢复到另一个文件夹（--into），再改挂载。")


class CannotSwitch(Refusal):
    """The folder can't be exchanged as a whole."""


def decided(home: Path) -> bool:
    """Whether a restore was decided here and not yet finished."""
    return (home / STAGING / READY).exists()


def require_exchangeable(home: Path) -> None:
    """Raises CannotSwitch where the data folder is a mount of its own."""
    if os.path.ismount(home / DATA):
        raise CannotSwitch(MOUNTED.fill(folder=home / DATA))


@contextmanager
def staging(home: Path) -> Iterator[Path]:
    """An empty folder beside the old data, for the new; gone again unless it was decided."""
    place = home / STAGING
    shutil.rmtree(place, ignore_errors=True)
    (place / DATA).mkdir(parents=True, mode=0o700)
    try:
        yield place
    finally:
        if not decided(home):
            shutil.rmtree(place, ignore_errors=True)


def decide(home: Path, *, aside: str) -> None:
    """From now on the restore stands; `aside` is where the old goes."""
    place = home / STAGING
    for file in place.rglob("*"):
        sync(file)
    spool = place / f"{READY}.new"
    spool.write_text(json.dumps({"aside": aside}))
    sync(spool)
    spool.replace(place / READY)
    sync(place)
    sync(home)


def finish(home: Path) -> Path | None:
    """Exchange old for new; where the old is now, if there was one. May be called again after being cut off."""
    place = home / STAGING
    aside = home / json.loads((place / READY).read_text())["aside"]
    if (place / DATA).exists():
        if (home / DATA).exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            (home / DATA).rename(aside / DATA)
        (place / DATA).rename(home / DATA)
        sync(home)
    if (place / instance.FILE).exists():  # last: from here on the folder is an instance
        (place / instance.FILE).replace(home / instance.FILE)
        sync(home)
    for name in ("vault", TILES):
        (home / name).mkdir(exist_ok=True, mode=0o700 if name == "vault" else 0o755)
    if (home / TILES / "checkpoint").exists():
        publishing.begin_anew(home / TILES)  # what was published of the lost state is kept aside, as evidence
    (place / READY).unlink()
    shutil.rmtree(place, ignore_errors=True)
    return aside if aside.exists() else None
