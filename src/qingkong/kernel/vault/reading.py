"""Where originals are and how they are read."""

from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh
from qingkong.kernel.vault.folder import Folder

GONE = zh("原件库里没有这份文件。")
REPORT = zh("请联系管理人员核对原件库（qingkong vault scrub）。")


class Missing(NotFound):
    """The vault doesn't hold this content."""


def store() -> Folder:
    """This instance's vault."""
    return Folder(Path(settings.QINGKONG_HOME) / "vault")


def path(sha256: str) -> Path:
    """The file of a content, for reading only. Raises Missing."""
    try:
        place = store().path(sha256)
    except ValueError:
        raise Missing(GONE) from None
    if not place.is_file():
        raise Missing(GONE, how=REPORT, sha256=sha256)
    return place


def exists(sha256: str) -> bool:
    """Whether the vault holds this content."""
    try:
        return store().path(sha256).is_file()
    except ValueError:
        return False


def open(sha256: str) -> BinaryIO:
    """A content, opened for reading. Raises Missing."""
    return path(sha256).open("rb")
