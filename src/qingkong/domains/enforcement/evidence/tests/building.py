"""Builders: evidence registered through the operations, from bytes made here; nothing of anybody's is needed."""

import io
import shutil
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import ExifTags, Image

from qingkong.domains.enforcement.evidence import operations
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.rules import Source

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed: apt install ffmpeg")
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
TAKEN = "2026:11:24 08:41:07"


def a_jpeg(colour: str = "steelblue", *, size: tuple[int, int] = (640, 480), taken: str = TAKEN) -> bytes:
    """A photo with a time and a position in its EXIF, as phones write them."""
    image, out = Image.new("RGB", size, colour), io.BytesIO()
    exif = Image.Exif()
    details, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    details[ExifTags.Base.DateTimeOriginal] = taken
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (35.0, 56.0, 14.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (116.0, 28.0, 13.0)
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def a_film(folder: Any, *, name: str = "film.mov", codec: str = "mjpeg", seconds: int = 1) -> bytes:
    """A short invented film with sound."""
    target = folder / name
    subprocess.run(
        [
            "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=10:duration={seconds}",
            "-f", "lavfi", "-i", f"sine=duration={seconds}", "-c:v", codec, "-pix_fmt", "yuv420p" if codec == "libx264" else "yuvj420p",
            "-c:a", "aac", "-metadata", "creation_time=2026-11-24T00:30:00Z", "-y", str(target),
        ],
        check=True,
    )  # fmt: skip
    return target.read_bytes()


def register(county: SimpleNamespace, link: Any, content: bytes | None = None, **more: Any) -> EvidenceItem:
    """A photo of the phone's, registered by the station's officer."""
    more = {"name": "现场.jpg", "source": Source.PHONE, "actor": county.officer, "at": county.at, **more}
    return operations.register_evidence(
        file=io.BytesIO(content if content is not None else a_jpeg()), link=link, **more
    )


def drawn(county: SimpleNamespace, item: EvidenceItem, **more: Any) -> EvidenceItem:
    """The item with its derivatives tried."""
    operations.make_derivatives(item=item, actor=county.system, at=county.at, **more)
    return EvidenceItem.objects.get(pk=item.pk)
