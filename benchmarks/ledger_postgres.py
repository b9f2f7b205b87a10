"""What an entry costs a change on PostgreSQL: eight clients lend and return things, with and without their entry.

Needs Debian's postgresql; a private server is made in a folder of its own and removed, or QINGKONG_DATABASE_URL is used.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENTS = 8
SECONDS = 3.0
ROUNDS = 5
WARM = 30  # changes before the clock runs: connection and modules are there by then
KINDS = ("plain", "entered", "sealed")


def run() -> dict[str, Any]:
    """Changes a second with their entry; the peer is the same change without. Rounds alternate."""
    with tempfile.TemporaryDirectory(prefix="qingkong-ledger-") as home, _server() as url:
        os.environ["QINGKONG_DATABASE_URL"] = url
        from benchmarks.ledger import instance

        instance(Path(home))
        _tables()
        rounds = [{kind: _clients(kind) for kind in KINDS} for _ in range(ROUNDS)]
        from qingkong.kernel import ledger

        ledger.integrate()
        report = ledger.verify()
    median = {kind: round(statistics.median(one[kind] for one in rounds)) for kind in KINDS}
    ratio = {kind: sorted(round(one[kind] / one["plain"], 2) for one in rounds) for kind in KINDS}
    middle = {kind: statistics.median(found) for kind, found in ratio.items()}
    return {
        "name": "ledger_postgres",
        "value": median["sealed"],
        "unit": f"changes/s with their entry and seals, PostgreSQL, {CLIENTS} clients, durable",
        "peer": f"the same change with neither, {median['plain']}/s",
        "ratio": middle["sealed"],
        "note": f"a change locks a row, inserts one, updates one, through the ORM; rounds {ratio['sealed']}. "
        f"With the entry and no seals of its rows: {median['entered']}/s = {middle['entered']} x, {ratio['entered']}; "
        f"server and clients share {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; "
        f"verified after: {report.entries} entries, {'sound' if report.ok else 'NOT SOUND'}",
    }


@contextmanager
def _server() -> Iterator[str]:
    """The address of a PostgreSQL: the given one, or a private one that goes afterwards."""
    from qingkong.project.postgres.private import NotInstalled, private_server

    if url := os.environ.get("QINGKONG_DATABASE_URL"):
        yield url
        return
    try:
        with private_server(durable=True) as server:
            server.sql("CREATE DATABASE qingkong")
            yield server.url(name="qingkong")
    except NotInstalled as why:
        raise SystemExit(str(why)) from why


def _tables() -> None:
    from django.db import connection, models

    from qingkong.kernel.records import Record

    class Thing(Record):
        number = models.CharField(max_length=20, unique=True)
        state = models.CharField(max_length=10)

        class Meta:
            app_label = "ledger"

    class Loan(Record):
        thing = models.ForeignKey(Thing, models.PROTECT)
        rider_name = models.CharField(max_length=40)
        lent_at = models.DateTimeField()
        due_at = models.DateTimeField()

        class Meta:
            app_label = "ledger"

    with connection.schema_editor() as editor:
        editor.create_model(Thing)
        editor.create_model(Loan)
    Thing.objects.bulk_create(Thing(number=str(number), state="here") for number in range(CLIENTS))


def _clients(kind: str) -> float:
    """Changes a second of all clients together, each a process with its own connection."""
    from django.db import connections

    connections.close_all()
    ends = []
    for client in range(CLIENTS):
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                os.write(writing, str(_client(kind, client)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        ends.append(reading)
    done = [int(os.read(end, 20) or 0) for end in ends]
    for end in ends:
        os.close(end)
        os.wait()
    return sum(done) / SECONDS


def _client(kind: str, client: int) -> int:
    from datetime import UTC, datetime, timedelta

    from django.apps import apps
    from django.db import transaction

    from qingkong.kernel import access, ledger
    from qingkong.kernel.ledger import sealing

    if kind != "sealed":  # in this process alone; else the rows of a plain change would be entered by themselves
        sealing.leave_unsealed({f"ledger.{name}": "measured without" for name in ("thing", "loan")})
    thing_model, loan_model = apps.get_model("ledger", "Thing"), apps.get_model("ledger", "Loan")
    actor, at, done = access.system("bench"), datetime(2026, 11, 24, 1, tzinfo=UTC), 0
    pk = thing_model.objects.get(number=str(client)).pk
    until = float("inf")
    while time.perf_counter() < until:
        with transaction.atomic():
            thing = thing_model.objects.locked(pk)
            due = at + timedelta(hours=12)
            loan = loan_model.objects.create(thing=thing, rider_name="示例", lent_at=at, due_at=due)
            thing_model.objects.filter(pk=pk).update(state="lent" if done % 2 else "here")
            if kind != "plain":
                facts = {"rider": "示例", "due": due}
                ledger.record(actor=actor, at=at, act="bench.done", subject=loan, thread="", facts=facts)
        done += 1
        if done == WARM:
            until = time.perf_counter() + SECONDS
    return done - WARM
