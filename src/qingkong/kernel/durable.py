"""Files that outlive a power cut: written whole or not at all, and their names with them."""

import os
from pathlib import Path

FOR_ALL, FOR_OWNER = 0o644, 0o600


def sync(path: Path) -> None:
    """Bring a file's bytes, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: str | bytes, *, mode: int = FOR_ALL) -> None:
    """Put `content` (text as UTF-8) in the place of what stood at `path`, which stands until then.

    The folder must be there. `mode` is what the file allows from its first byte on, less the process's umask.
    """
    spool = path.with_name(f"{path.name}.new")
    spool.unlink(missing_ok=True)  # of a process that was cut off, maybe with another mode
    with os.fdopen(os.open(spool, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())
    spool.replace(path)
    sync(path.parent)
