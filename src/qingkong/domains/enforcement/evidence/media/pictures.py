"""Read a photo and make its smaller copies: a module that runs as its own process, with Pillow alone.

`python -m …media.pictures PHOTO PARENT OUTDIR` prints JSON and writes `thumbnail.jpg` and `view.jpg`: upright, sRGB-ish,
without EXIF, so that no position leaves the original. Their comment names the parent.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from PIL import ExifTags, Image, ImageOps

SIZES = {"thumbnail": 320, "view": 1920}
MOST_PIXELS = 250_000_000


def main(photo: str, parent: str, out: str) -> int:
    """Write the copies; print what the photo says about itself."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(photo) as image:
        exif = image.getexif()
        said = {"width": image.width, "height": image.height, "codec": image.format, "claimed": _claimed(exif)}
        sys.stdout.write(json.dumps(said))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    for name, edge in sorted(SIZES.items(), key=lambda size: -size[1]):
        upright.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        upright.save(
            Path(out) / f"{name}.jpg", "JPEG", quality=85, optimize=True, comment=f"derivative of sha256:{parent}"
        )
    return 0


def _claimed(exif: Image.Exif) -> str:
    """When the photo says it was taken: ISO 8601, with an offset only if the camera wrote one."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    taken = str(details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "").strip("\x00 ")
    offset = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\x00 ")
    try:
        return datetime.strptime(taken, "%Y:%m:%d %H:%M:%S").isoformat() + offset
    except ValueError:
        return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
