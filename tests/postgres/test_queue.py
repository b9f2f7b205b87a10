"""What a batch of the sequencer costs doesn't grow with the queue behind it, nor with the entries before it."""

from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from qingkong.kernel import ledger
from qingkong.kernel.ledger import sequencing, storing
from qingkong.kernel.ledger.tests.building import AT, actor

BATCH = 100


def wait(count: int, using: str) -> None:
    """So many entries that wait for their place."""
    with transaction.atomic(using=using):
        ledger.record_many(
            [{"actor": actor(), "at": AT, "act": "tests.seen", "subject": f"tests.thing:{n}"} for n in range(count)],
            using=using,
        )


def blocks_read(using: str) -> int:
    """Pages that taking the next batch touches."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {storing.OLDEST}", [BATCH])
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_a_batch_costs_the_same_with_a_hundred_or_thousands_waiting(two_roles, monkeypatch):
    owned, served = two_roles
    monkeypatch.setattr(sequencing, "BATCH", BATCH)
    asked, read = [], []
    for waiting in (BATCH, 40 * BATCH):
        wait(waiting, served)
        with connections[owned].cursor() as cursor:
            cursor.execute("ANALYZE ledger_entry, ledger_pending")
        read.append(blocks_read(served))
        with CaptureQueriesContext(connections[served]) as queries, transaction.atomic(using=served):
            assert sequencing._integrate_batch(served) == BATCH
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 10
    assert read[1] <= 2 * read[0]
    assert ledger.integrate(served) == 39 * BATCH
    assert ledger.verify(served).ok
