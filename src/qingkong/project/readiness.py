"""Whether this instance can serve: database, tables, ledger triggers, vault, disk. Details for its own machine alone."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from qingkong.kernel import ledger
from qingkong.project.checking import not_applied

KEPT = 5.0  # seconds an answer is given again, so that asking costs nothing
ENOUGH = 2**30  # bytes free

_lock = threading.Lock()
_last: tuple[float, dict[str, bool]] = (-KEPT, {})


def look() -> dict[str, bool]:
    """Each thing and whether it is well. Nothing is changed. The answer may be some seconds old."""
    global _last
    with _lock:
        if time.monotonic() - _last[0] >= KEPT:
            _last = time.monotonic(), dict(_things())
        return _last[1]


def forget() -> None:
    """Look anew the next time."""
    global _last
    with _lock:
        _last = -KEPT, {}


def _things() -> Iterator[tuple[str, bool]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield "database", True
        yield "migrations", not (behind := not_applied())
        yield "ledger_triggers", not behind and not ledger.check_triggers()
    except DatabaseError:
        yield "database", False
    home = Path(settings.QINGKONG_HOME)
    yield "vault", all(os.access(place, os.W_OK | os.X_OK) for place in _places(home))
    yield "disk", shutil.disk_usage(home).free >= ENOUGH


def _places(home: Path) -> list[Path]:
    """The vault's folders that are there; those that aren't yet are made in it."""
    return [place for place in (home / "vault", *(home / "vault").glob("*/")) if place.is_dir()] or [home]
