"""Run a media tool as a process of its own: little time, memory and disk, no input, no network protocol.

What it reads was made by strangers. It must not take the system along when it goes wrong.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

SECONDS = 300  # of processor time
WALL = 600  # seconds
MEMORY = 3 * 2**20  # KiB of address space
DISK = 2 * 2**21  # blocks of 512 bytes: 2 GiB a file


class Failed(Exception):
    """The tool gave up or found nothing it could read."""


class TooHeavy(Failed):
    """The tool went over its time or memory."""


_LIMITED = f'ulimit -t {SECONDS} && ulimit -v {MEMORY} && ulimit -f {DISK} && ulimit -c 0 && exec nice -n 10 "$@"'


def run(command: Sequence[str | Path], *, folder: Path) -> bytes:
    """Run a command with its working files in `folder`; its standard output. Raises Failed, TooHeavy."""
    try:
        done = subprocess.run(  # noqa: S603  # the arguments are ours; nothing typed by anybody
            ["/bin/sh", "-c", _LIMITED, "limited", *map(str, command)],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WALL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooHeavy("wall clock") from None
    if done.returncode < 0 or done.returncode in (137, 152, 153):  # killed: processor time, file size, memory
        raise TooHeavy(f"signal {done.returncode}")
    if done.returncode:
        raise Failed(done.stderr.decode(errors="replace")[-500:])
    return done.stdout
