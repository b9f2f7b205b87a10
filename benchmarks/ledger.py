"""Durable appends to the ledger, against pymerkle's SqliteTree, in the same minute on the same disk.

pymerkle can't join a transaction: each `append_entry` is one of its own. Ours joins the change it is about, so that a
change with many entries (an import, a list of exhibits) costs one fsync. Both that and the plain case are printed.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOGETHER = 100
APPENDS = 3000
SINGLE_APPENDS = 300
PEER_APPENDS = 60
ROUNDS = 9


def run() -> dict[str, Any]:
    """Appends a second of each, in rounds that alternate; the ratio is the median of the rounds' ratios."""
    with tempfile.TemporaryDirectory(prefix="qingkong-ledger-") as name:
        home = Path(name)
        instance(home)
        together, single, peer, peer_bulk, floor = [], [], [], [], []
        for number in range(ROUNDS):
            together.append(_rate(APPENDS, lambda: _together(number)))  # noqa: B023
            single.append(_rate(SINGLE_APPENDS, lambda: _single(number)))  # noqa: B023
            floor.append(_rate(SINGLE_APPENDS, _floor))
            peer.append(_rate(PEER_APPENDS, lambda: _peer(home / f"peer-{number}.sqlite")))  # noqa: B023
            peer_bulk.append(_rate(APPENDS, lambda: _peer_bulk(home / f"bulk-{number}.sqlite")))  # noqa: B023
        from qingkong.kernel import ledger

        report = ledger.verify()
    ratios = sorted(round(one / other, 1) for one, other in zip(together, peer, strict=True))
    bare = statistics.median(one / other for one, other in zip(single, floor, strict=True))
    alone = statistics.median(one / other for one, other in zip(single, peer, strict=True))
    return {
        "name": "ledger",
        "value": round(statistics.median(together)),
        "unit": f"appends/s, {TOGETHER} a transaction, SQLite WAL, synchronous=FULL",
        "peer": f"pymerkle SqliteTree.append_entry (one transaction each, durable), {statistics.median(peer):.0f}/s",
        "ratio": statistics.median(ratios),
        "note": f"median of rounds {ratios}; facts, leaves, tiles, signed checkpoints included. One entry a transaction: "
        f"{statistics.median(single):.0f}/s = {alone:.1f} x, and {bare:.2f} of the floor, which is a bare INSERT and COMMIT "
        f"in the same file, {statistics.median(floor):.0f}/s. pymerkle append_entries, {TOGETHER} at once, no columns, "
        f"facts or tiles: {statistics.median(peer_bulk):.0f}/s. Verified after: {report.entries} entries, "
        f"{'sound' if report.ok else 'NOT SOUND'}",
    }


def _rate(appends: int, work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return appends / (time.perf_counter() - start)


def instance(home: Path) -> None:
    """A fresh instance with nothing but its ledger."""
    os.environ["QINGKONG_HOME"] = str(home / "var")
    os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"
    from qingkong.project import instance

    instance.make(demo=False)
    import django

    django.setup()
    from django.core.management import call_command

    from qingkong.kernel import ledger
    from qingkong.kernel.text import zh

    ledger.make_key()
    ledger.register_acts({"bench.done": zh("测量")})
    call_command("migrate", "ledger", verbosity=0)


def _item(number: int, append: int) -> dict[str, Any]:
    from datetime import UTC, datetime

    from qingkong.kernel import access

    return {
        "actor": access.system("bench"),
        "at": datetime(2026, 11, 24, 1, tzinfo=UTC),
        "act": "bench.done",
        "subject": f"bench.thing:{number}-{append}",
        "thread": "J2026-000001",
        "facts": {"township": "沙河站镇", "kind": "盗窃", "number": append},
    }


def _together(number: int) -> None:
    from django.db import transaction

    from qingkong.kernel import ledger

    for first in range(0, APPENDS, TOGETHER):
        with transaction.atomic():
            ledger.record_many(_item(number, append) for append in range(first, first + TOGETHER))
    ledger.integrate()


def _single(number: int) -> None:
    from django.db import transaction

    from qingkong.kernel import ledger

    for append in range(SINGLE_APPENDS):
        with transaction.atomic():
            ledger.record(**_item(number, append))
    ledger.integrate()


def _floor() -> None:
    """What one durable transaction costs on this disk, whatever it holds."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS floor (content blob)")
        for _ in range(SINGLE_APPENDS):
            with transaction.atomic():
                cursor.execute("INSERT INTO floor VALUES (%s)", [ENTRY])


ENTRY = b"x" * 530  # as long as an entry of ours


def _peer(path: Path) -> None:
    from pymerkle import SqliteTree

    with SqliteTree(str(path), algorithm="sha256") as tree:
        for append in range(PEER_APPENDS):
            tree.append_entry(ENTRY + str(append).encode())


def _peer_bulk(path: Path) -> None:
    from pymerkle import SqliteTree

    with SqliteTree(str(path), algorithm="sha256") as tree:
        for first in range(0, APPENDS, TOGETHER):
            tree.append_entries([ENTRY + str(append).encode() for append in range(first, first + TOGETHER)])
