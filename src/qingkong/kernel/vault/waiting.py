"""What waits on this machine for a store that is away: complete files named by their SHA-256, and erasures to be done.

A file that is being put is locked by who puts it; what a killed process left is unlocked, and carried on.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qingkong.kernel.durable import sync
from qingkong.kernel.vault.spool import SHA256, checked, make_folder, move

ERASURE = ".erase"


class Waiting:
    def __init__(self, root: Path) -> None:
        self.folder = root / "waiting"

    def take(self, file: Path, sha256: str) -> Path:
        """Move a complete file of this disk in; where it is now."""
        place = self.folder / checked(sha256)
        if file != place:
            make_folder(self.folder)
            move(file, place)
            sync(self.folder)
        return place

    def files(self) -> list[Path]:
        """What waits to be put, the oldest first."""
        found = self.folder.iterdir() if self.folder.exists() else ()
        return sorted((file for file in found if SHA256.fullmatch(file.name)), key=_since)

    def erasures(self) -> list[str]:
        """Contents whose erasure the store hasn't heard of."""
        return sorted(file.stem for file in self.folder.glob(f"*{ERASURE}"))

    @contextmanager
    def held(self, file: Path) -> Iterator[bool]:
        """Lock a file; False where somebody else is at it, or was."""
        try:
            fd = os.open(file, os.O_RDONLY)
        except FileNotFoundError:
            yield False
            return
        try:
            yield _locked(fd) and file.exists()
        finally:
            os.close(fd)

    def drop(self, sha256: str) -> None:
        (self.folder / sha256).unlink(missing_ok=True)

    def note_erasure(self, sha256: str) -> None:
        make_folder(self.folder)
        (self.folder / f"{sha256}{ERASURE}").touch()
        sync(self.folder)

    def forget_erasure(self, sha256: str) -> None:
        (self.folder / f"{sha256}{ERASURE}").unlink(missing_ok=True)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _since(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # carried away meanwhile
        return 0.0
