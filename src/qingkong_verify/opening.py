"""A bundle's files, in a folder or a zip, whatever the system did to names and line ends on the way."""

from __future__ import annotations

import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from hashlib import sha256
from pathlib import Path

from qingkong_verify.errors import VerificationError

MANIFEST = "manifest.json"
SAFE = re.compile(r"(?:[a-z0-9][a-z0-9._-]{0,99}/){0,3}[a-z0-9][a-z0-9._-]{0,99}")
TEXTS = (".json", ".txt")
LEFT_BY_SYSTEMS = {".ds_store", "thumbs.db", "desktop.ini"}
LONGEST = 1 << 28  # bytes of one member of a zip


class Files(ABC):
    """The files under one folder; names with slashes, relative to it. Line ends of texts are read as they were made."""

    def __init__(self, names: list[str]) -> None:
        self.names = sorted(name for name in names if not _left_by_system(name))
        self.converted: list[str] = []

    @abstractmethod
    def raw(self, name: str) -> bytes:
        """A file's bytes as they are. Raises VerificationError where it is missing or damaged."""

    def read(self, name: str) -> bytes:
        """A file's bytes; a text's with the line ends it was made with. Raises VerificationError."""
        data = self.raw(name)
        if name.endswith(TEXTS) and b"\r\n" in data:
            self.converted.append(name)
            data = data.replace(b"\r\n", b"\n")
        return data


class Folder(Files):
    """A folder on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        found = []
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                raise VerificationError("这是链接，不是文件。", "This is a link, not a file.", place=name)
            if path.is_file():
                found.append(name)
        super().__init__(found)

    def raw(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise _missing(name) from None


class Zip(Files):
    """A zip file that holds the folder."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError):
            raise VerificationError("压缩包打不开。", "The zip can't be opened.", place=str(path)) from None
        members = [info.filename for info in self.zip.infolist() if not info.is_dir()]
        if len(set(members)) != len(members):
            raise VerificationError("压缩包里有重名的文件。", "The zip holds two files of one name.", place=str(path))
        tops = sorted((m for m in members if m.split("/")[-1] == MANIFEST), key=lambda m: m.count("/"))
        self.top = tops[0][: -len(MANIFEST)] if tops else ""
        outside = [m for m in members if not m.startswith(self.top) and not _left_by_system(m)]
        if outside:
            raise VerificationError("不在证明包里的文件。", "A file outside the bundle.", place=outside[0])
        super().__init__([m[len(self.top) :] for m in members if m.startswith(self.top)])

    def raw(self, name: str) -> bytes:
        try:
            if self.zip.getinfo(self.top + name).file_size > LONGEST:
                raise VerificationError("文件太大。", "The file is too large.", place=name)
            return self.zip.read(self.top + name)
        except KeyError:
            raise _missing(name) from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise VerificationError(
                f"压缩包里的这个文件坏了（{error}）。", f"This file of the zip is damaged ({error}).", place=name
            ) from None


def opened(path: Path) -> Files:
    """The files of a bundle. Raises VerificationError."""
    return Folder(path) if path.is_dir() else Zip(path)


def check_listed(files: Files, listed: dict[str, object], apart: tuple[str, ...]) -> None:
    """Every file is on the list, to the byte, and every file of the list is there. Raises VerificationError."""
    for name in listed:
        if not SAFE.fullmatch(name) or ".." in name:
            raise VerificationError("清单里的文件名不对。", "The manifest names a file oddly.", place=MANIFEST)
    for name in files.names:
        if name not in listed and name not in apart:
            raise VerificationError(
                "这个文件不在清单里：是后来加的，或改了名。",
                "This file isn't on the manifest: added or renamed.",
                place=name,
            )
    for name, told in listed.items():
        if name not in files.names:
            raise _missing(name)
        data = files.read(name)
        if told != {"sha256": sha256(data).hexdigest(), "size": len(data)}:
            raise VerificationError(
                "这个文件被改动过，与清单里的摘要不符。",
                "This file was altered: it doesn't match its digest on the manifest.",
                place=name,
            )


def _missing(name: str) -> VerificationError:
    return VerificationError("文件不在或读不了。", "The file is missing or can't be read.", place=name)


def _left_by_system(name: str) -> bool:
    last = name.lower().split("/")[-1]
    return last in LEFT_BY_SYSTEMS or last.startswith("._") or name.startswith("__MACOSX/")
