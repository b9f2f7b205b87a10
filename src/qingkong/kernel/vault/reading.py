"""Where originals are and how they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh
from qingkong.kernel.vault import place
from qingkong.kernel.vault.backend import Backend

GONE = zh("原件库里没有这份文件。")
SOON = 64 * 2**20  # bytes that come from a store while somebody waits
REPORT = zh("请联系管理人员核对原件库（qingkong vault scrub）。")


class Missing(NotFound):
    """The vault doesn't hold this content."""


def store() -> Backend:
    """This instance's vault, where it stands now."""
    return place.backend(place.current())


def exists(sha256: str) -> bool:
    """Whether the vault holds this content. Raises StoreAway."""
    try:
        return store().has(sha256)
    except ValueError:
        return False


def open(sha256: str) -> BinaryIO:
    """A content, opened for reading, seekable. Raises Missing, StoreAway."""
    with _told(sha256):
        return store().open(sha256)


@contextmanager
def local(sha256: str) -> Iterator[Path]:
    """A content as a file of this machine, for reading only, for programs that want a path.

    Where originals are in a bucket it is a local copy, checked against its digest when it was made, which stays while
    the context lasts. Raises Missing, Altered, StoreAway.
    """
    with _told(sha256):
        found = store().local(sha256)
        file = found.__enter__()
    try:
        yield file
    finally:
        found.__exit__(None, None, None)


def path(sha256: str) -> Path:
    """The file of a content, for reading at once; what holds on to it uses `local`. Raises Missing, StoreAway."""
    with local(sha256) as file:
        return file


def for_web_server(sha256: str, size: int) -> bool:
    """Whether a web server in front finds the content at `ab/<sha256>` below the vault's folder of files, which is
    `blobs/`, or `cache/` where originals are in a bucket; then it is there for a minute at least. A large one isn't
    fetched for that: who looks at a film would wait for all of it.
    """
    vault = store()
    if size > vault.largest_local or (size > SOON and not vault.has_local(sha256)):
        return False
    path(sha256)
    return True


@contextmanager
def _told(sha256: str) -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise Missing(GONE) from None
    except FileNotFoundError:
        raise Missing(GONE, how=REPORT, sha256=sha256) from None
