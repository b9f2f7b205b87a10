"""`qingkong jobs run [--once] | list | again ID`."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils.module_loading import import_string

from qingkong.kernel.text import local, zh

POLL_SECONDS = 0.5
BEAT_SECONDS = 30

RAN = zh("已运行 {count} 项任务。")
NONE_FAILED = zh("没有失败的任务。")
QUEUED_AGAIN = zh("已重新排队：{id}。")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    jobs = subparsers.add_parser("jobs", help=str(zh("后台任务"))).add_subparsers(required=True, metavar="COMMAND")
    run = jobs.add_parser("run", help=str(zh("运行到期的任务，直到收到停止信号")))
    run.add_argument("--once", action="store_true", help=str(zh("只运行现在到期的，然后退出")))
    run.set_defaults(run=_run)
    listing = jobs.add_parser("list", help=str(zh("列出失败的任务")))
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    again = jobs.add_parser("again", help=str(zh("重新运行一项失败的任务")))
    again.add_argument("id", type=UUID)
    again.set_defaults(run=_again)


def work(*, clock: Callable[[], datetime], stop: threading.Event) -> None:
    """Poll until told to stop; the job that is running then is finished first."""
    from qingkong.kernel.jobs import run_due, workers

    worker = workers.this_worker()
    threading.Thread(target=_keep_beating, args=(worker, clock, stop), daemon=True).start()
    pulses = _Pulses(clock, stop)
    pulses.start()
    while not stop.is_set():
        close_old_connections()
        if not run_due(clock(), worker=worker):
            stop.wait(POLL_SECONDS)
    pulses.join()
    workers.say_goodbye(worker)
    if pulses.fault is not None:
        raise pulses.fault


class _Pulses(threading.Thread):
    """The pulses, beside the jobs: a long job must not keep the ledger waiting for its checkpoint. A fault ends the worker."""

    def __init__(self, clock: Callable[[], datetime], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.clock, self.stop = clock, stop
        self.fault: BaseException | None = None

    def run(self) -> None:
        from qingkong.kernel.jobs import registry

        try:
            while not self.stop.is_set():
                close_old_connections()
                for pulse in registry.pulses():
                    pulse(self.clock())
                self.stop.wait(POLL_SECONDS)
        except BaseException as fault:  # noqa: BLE001  raised again by the worker, whose end the supervisor sees
            self.fault = fault
            self.stop.set()
        finally:
            connections.close_all()


def _keep_beating(worker: str, clock: Callable[[], datetime], stop: threading.Event) -> None:
    from qingkong.kernel.jobs import faults, workers

    while not stop.is_set():
        try:
            workers.beat(worker, at=clock())
        except DatabaseError as fault:  # the next beat may succeed; silence makes others take over
            faults.log.warning("no heartbeat: %s", faults.name_of(fault))
        connections.close_all()
        stop.wait(BEAT_SECONDS)


def _run(args: argparse.Namespace) -> int:
    from qingkong.kernel.jobs import registry, run_due

    clock = import_string(settings.QINGKONG_CLOCK)
    if args.once:
        for pulse in registry.pulses():
            pulse(clock())
        print(RAN.fill(count=run_due(clock())), file=sys.stderr)
        return 0
    stop = threading.Event()

    def told_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told_to_stop)
    signal.signal(signal.SIGINT, told_to_stop)
    work(clock=clock, stop=stop)
    return 0


def _list(args: argparse.Namespace) -> int:
    from qingkong.kernel import jobs

    rows = jobs.failed()
    if args.json:
        print(
            json.dumps(
                [
                    {
                        "id": str(r.id),
                        "name": r.name,
                        "tries": r.tries,
                        "failed_at": r.failed_at.isoformat(),
                        "fault": r.fault,
                    }
                    for r in rows
                ]
            )
        )
        return 0
    for row in rows:
        print(f"{row.id}  {local(row.failed_at):%Y-%m-%d %H:%M}  {row.name}  {row.fault}")
    if not rows:
        print(NONE_FAILED, file=sys.stderr)
    return 0


def _again(args: argparse.Namespace) -> int:
    from qingkong.kernel import jobs

    jobs.run_again(args.id, at=import_string(settings.QINGKONG_CLOCK)())
    print(QUEUED_AGAIN.fill(id=args.id), file=sys.stderr)
    return 0
