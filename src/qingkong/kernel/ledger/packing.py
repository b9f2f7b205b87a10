"""Put a bundle into a folder, whole or not at all, or into a zip that every system opens."""

import io
import zipfile
from pathlib import Path

from qingkong.kernel.ledger.bundling import Bundle
from qingkong.kernel.ledger.exporting import write
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

NOT_EMPTY = zh("{folder} 已经存在，不覆盖。")
LONG_AGO = (2001, 9, 9, 1, 46, 40)


class FolderStands(Refusal):
    """There is something already where the bundle should go."""


def free(place: Path) -> None:
    """Raises FolderStands where a bundle can't be put."""
    if place.exists() and (place.is_file() or any(place.iterdir())):
        raise FolderStands(NOT_EMPTY.fill(folder=place))


def into_folder(bundle: Bundle, folder: Path) -> None:
    """Write the files under `folder`, which appears when all are there. Raises FolderStands."""
    free(folder)
    spool = folder.with_name(f"{folder.name}.new")
    for name, data in bundle.files.items():
        write(spool / name, data)
    if folder.exists():
        folder.rmdir()
    spool.rename(folder)


def zipped(bundle: Bundle) -> bytes:
    """A zip with one folder in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(bundle.files.items()):
            member = zipfile.ZipInfo(f"{bundle.name}/{name}", LONG_AGO)
            member.compress_type, member.external_attr, member.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            packed.writestr(member, data)
    return out.getvalue()
