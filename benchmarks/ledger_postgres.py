"""What an entry costs a change on PostgreSQL: eight clients lend and return things, with and without their entry.

Needs Debian's postgresql; a private server is made in a folder of its own and removed, or QINGKONG_DATABASE_URL is used.
"""

import os
import shutil
import statistics
import subprocess
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
PORT = 54391


def run() -> dict[str, Any]:
    """Changes a second with their entry; the peer is the same change without. Rounds alternate."""
    with tempfile.TemporaryDirectory(prefix="qingkong-ledger-") as home, _server() as url:
        os.environ["QINGKONG_DATABASE_URL"] = url
        from benchmarks.ledger import instance

        instance(Path(home))
        _tables()
        pairs = [(_clients(False, number), _clients(True, number)) for number in range(ROUNDS)]
        from qingkong.kernel import ledger

        ledger.integrate()
        report = ledger.verify()
    ratios = sorted(round(entered / plain, 2) for plain, entered in pairs)
    return {
        "name": "ledger_postgres",
        "value": round(statistics.median(entered for _, entered in pairs)),
        "unit": f"changes/s with their entry, PostgreSQL, {CLIENTS} clients, durable",
        "peer": f"the same change without its entry, {statistics.median(plain for plain, _ in pairs):.0f}/s",
        "ratio": statistics.median(ratios),
        "note": f"a change locks a row, inserts one, updates one, through the ORM; median of rounds {ratios}; "
        f"server and clients share {os.cpu_count()} cores; verified after: {report.entries} entries, "
        f"{'sound' if report.ok else 'NOT SOUND'}",
    }


@contextmanager
def _server() -> Iterator[str]:
    """The address of a PostgreSQL: the given one, or a private one that goes afterwards."""
    if url := os.environ.get("QINGKONG_DATABASE_URL"):
        yield url
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise SystemExit("没有 PostgreSQL：sudo apt-get install postgresql / no PostgreSQL here")
    folder = Path(tempfile.mkdtemp(prefix="qingkong-postgres-", dir="/tmp"))
    root = os.getuid() == 0
    if root:
        shutil.chown(folder, "postgres")

    def do(program: str, *args: str) -> None:
        command = [*(["runuser", "-u", "postgres", "--"] if root else []), str(found[-1] / program), *args]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    data = ["-D", str(folder / "data")]
    options = f"-c listen_addresses=127.0.0.1 -c port={PORT} -c unix_socket_directories={folder}"
    try:
        do("initdb", *data, "-U", "qingkong", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        do("pg_ctl", *data, "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        do("createdb", "-h", "127.0.0.1", "-p", str(PORT), "-U", "qingkong", "qingkong")
        yield f"postgres://qingkong@127.0.0.1:{PORT}/qingkong"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            do("pg_ctl", *data, "-m", "immediate", "-s", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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


def _clients(entered: bool, number: int) -> float:
    """Changes a second of all clients together, each a process with its own connection."""
    from django.db import connections

    connections.close_all()
    ends = []
    for client in range(CLIENTS):
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                os.write(writing, str(_client(entered, client)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        ends.append(reading)
    done = [int(os.read(end, 20) or 0) for end in ends]
    for end in ends:
        os.close(end)
        os.wait()
    return sum(done) / SECONDS


def _client(entered: bool, client: int) -> int:
    from datetime import UTC, datetime, timedelta

    from django.apps import apps
    from django.db import transaction

    from qingkong.kernel import access, ledger

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
            if entered:
                facts = {"rider": "示例", "due": due}
                ledger.record(actor=actor, at=at, act="bench.done", subject=loan, thread="", facts=facts)
        done += 1
        if done == WARM:
            until = time.perf_counter() + SECONDS
    return done - WARM
