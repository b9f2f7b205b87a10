"""Faults for tests: work done in a child process, which is killed at one of its steps or at a moment."""

import os
import select
import signal
from collections.abc import Callable
from typing import Any

from django.db import connections

Work = Callable[[], Any]
Step = Callable[[], None]


def forked(work: Work) -> int:
    """Begin `work` in a child with database connections of its own; its process id. `ended` waits for it."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    """Wait for a child: 0 where its work was done, 1 where it raised, the negative number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(work: Work) -> int:
    """Do `work` in a child; how it ended, as `ended` says it."""
    return ended(forked(work))


def is_killed(work: Work) -> bool:
    """Do `work` in a child; whether it was killed on the way. What it raised is a fault of the test, or a finding."""
    status = in_child(work)
    assert status in (0, -signal.SIGKILL), f"the child ended with {status}"
    return status != 0


def deadly(point: int) -> Step:
    """A step that kills its process when it is taken for the `point`-th time, counted from 0."""
    left = iter(range(point, -1, -1))

    def step() -> None:
        if next(left, 0) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def watch(step: Step, using: str = "default") -> None:
    """Have `step` taken before each statement, and before and after each commit."""
    connection: Any = connections[using]
    connection.ensure_connection()
    commit = connection._commit

    def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        step()
        return execute(sql, params, many, context)

    def committing() -> None:
        step()
        commit()
        step()

    connection.execute_wrappers.append(statement)
    connection._commit = committing


def steps_of(work: Work) -> int:
    """Do `work` in peace; how many steps it has: its statements, and before and after each commit."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    connection: Any = connections["default"]
    connection.ensure_connection()
    commit = connection._commit
    watch(step)
    try:
        work()
    finally:
        connection.execute_wrappers.pop()
        connection._commit = commit
    return steps


def killed_at(point: int, work: Work, *, using: str = "default") -> bool:
    """Do `work` in a child killed before its `point`-th statement or around its commit; False if it lived to the end."""

    def watched() -> None:
        watch(deadly(point), using)
        work()

    return is_killed(watched)


def killed_after(seconds: float, work: Work) -> bool:
    """Do `work` in a child killed so long after it began, wherever it is then; False if it lived to the end."""
    ready, begins = os.pipe()

    def begun() -> None:
        connections["default"].ensure_connection()
        os.write(begins, b".")
        work()

    child = forked(begun)
    os.close(begins)
    os.read(ready, 1)
    os.close(ready)
    select.select([], [], [], seconds)  # the fault comes when it comes; nothing is waited for
    os.kill(child, signal.SIGKILL)
    return ended(child) == -signal.SIGKILL
