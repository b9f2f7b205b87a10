"""Who runs a job, and whether it still lives. What a dead worker left half-way runs again."""

import os
import socket
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.jobs import faults
from qingkong.kernel.jobs.models import Heartbeat, Timetable

SILENT_FOR = timedelta(minutes=2)


def this_worker() -> str:
    """`host/pid/birth` of this process; birth tells it from a later process with the same pid."""
    return f"{_host()}/{os.getpid()}/{_birth(os.getpid())}"


def beat(worker: str, *, at: datetime) -> None:
    """Say that a worker is alive."""
    Heartbeat.objects.update_or_create(worker=worker, defaults={"seen_at": at})


def say_goodbye(worker: str) -> None:
    Heartbeat.objects.filter(worker=worker).delete()


def is_alive(worker: str, *, at: datetime) -> bool:
    """On this machine the process itself is asked, elsewhere its heartbeat."""
    host, _, rest = worker.partition("/")
    pid, _, birth = rest.partition("/")
    if host == _host():
        return _birth(int(pid)) == birth
    return Heartbeat.objects.filter(worker=worker, seen_at__gt=at - SILENT_FOR).exists()


def take_back_from_the_dead(*, at: datetime) -> int:
    """Give back what dead workers were running; how many jobs. Each was one of the job's tries."""
    given_back = 0
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if not is_alive(row.worker_ids[-1], at=at):
            given_back += faults.try_again_or_fail(row, at=at, fault="KilledHalfWay", trace="", delayed=False)
    for name, worker in Timetable.objects.exclude(running_by="").values_list("name", "running_by"):
        if not is_alive(worker, at=at):
            given_back += Timetable.objects.filter(name=name, running_by=worker).update(running_by="", next_run_at=at)
    return given_back


@cache
def _host() -> str:
    return socket.gethostname().replace("/", "-")[:60]


def _birth(pid: int) -> str:
    """When the process started, in the kernel's ticks; "here" where only its being can be known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    return "here"
