"""The processes of one instance, each in a process group of its own, so that it ends with all it started."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds before a dead child is started again
WELL_AFTER = 60.0  # a child that lived so long is well: its next death begins at the first wait again
PR_SET_PDEATHSIG = 1

_prctl: Callable[..., int] | None = None
if sys.platform == "linux":
    _prctl = ctypes.CDLL(None).prctl


@dataclass(slots=True)
class Child:
    """One process that is kept alive. Instants are seconds of a clock that only goes forward."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0  # since it was last well
    again_at: float | None = 0.0  # when it is to be started; None while it runs, or is not wanted yet

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.command, env=dict(self.environment), stdin=subprocess.DEVNULL, process_group=0,
            preexec_fn=_end_with(os.getpid()),
        )  # fmt: skip
        self.started, self.again_at = now, None

    def allow(self, now: float) -> None:
        """Start it soon, if it was held back."""
        if self.process is None and self.again_at is None:
            self.again_at = now

    def look(self, now: float) -> int | None:
        """Its exit status if it has just died; then it is due again after a wait that grows."""
        if self.process is None or self.again_at is not None or (status := self.process.poll()) is None:
            return None
        self.kill_group()
        self.deaths = 1 if now - self.started >= WELL_AFTER else self.deaths + 1
        self.again_at = now + self.wait
        return status

    @property
    def wait(self) -> float:
        return min(FIRST_WAIT * 2 ** (self.deaths - 1), LONGEST_WAIT)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill_group(self) -> None:
        """End what is left of it and of what it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing left, or only zombies (macOS)
                os.killpg(self.process.pid, signal.SIGKILL)


def stop_all(children: list[Child], *, patience: float) -> None:
    """Ask all to stop, wait so many seconds, then end the rest."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + patience
    for child in children:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(deadline - time.monotonic(), 0.0))
    for child in children:
        child.kill_group()
        if child.process is not None:
            child.process.wait()


def _end_with(parent: int) -> Callable[[], None]:
    """Have the kernel stop the child when the supervisor is gone, however it went (Linux)."""

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return prepare
