"""What the build has made (`npm run build`): each file's address with a mark that changes when the file does."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static


@cache
def _version(path: str, changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def version_of(name: str) -> str:
    """A short mark of a built file's content; `0` where it wasn't built."""
    path = Path(str(settings.STATIC_ROOT or "")) / f"qingkong/{name}"
    if not path.is_file():
        found = finders.find(f"qingkong/{name}")
        if not found:
            return "0"
        path = Path(str(found))
    return _version(str(path), path.stat().st_mtime)


def address_of(name: str) -> str:
    """The address of a built file."""
    return f"{static(f'qingkong/{name}')}?v={version_of(name)}"
