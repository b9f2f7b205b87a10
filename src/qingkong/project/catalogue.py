"""The English catalogues: extract marked sentences from an app, compile, and say what is missing.

`python -m qingkong.project.catalogue update FOLDER…` · `compile` · `missing`. Source sentences are Chinese; each app
has its own `locale/en/LC_MESSAGES/django.po`. Uses Babel; no system gettext is needed.
"""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1]
KEYWORDS = {"zh": None, "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
LEFT_OUT = {"tests", "migrations", "node_modules", "static", "collected", "locale"}


def apps() -> list[Path]:
    """Every folder with a catalogue or an apps.py, and the packages beside them that hold sentences."""
    return sorted({path.parent for path in SOURCE.rglob("apps.py")})


def sentences(app: Path) -> Iterator[tuple[str, str]]:
    """(where, msgid) of each marked sentence in an app, not those of apps inside it."""
    inner = [other for other in apps() if other != app and app in other.parents]
    for path in sorted(app.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or LEFT_OUT & set(path.relative_to(app).parts[:-1]):
            continue
        if any(other in path.parents for other in inner):
            continue
        code = path.read_text()
        if path.suffix != ".py":
            from django.utils.translation.template import templatize

            code = templatize(code, origin=str(path))
        for line, message, _, _ in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
            yield f"{path.relative_to(SOURCE)}:{line}", message if isinstance(message, str) else message[0]


def po(app: Path) -> Path:
    return app / "locale" / "en" / "LC_MESSAGES" / "django.po"


def read(app: Path) -> Catalog:
    if not po(app).exists():
        return Catalog(locale="en", project="qingkong", charset="utf-8")
    with po(app).open("rb") as source:
        return read_po(source, locale="en")


def update(app: Path) -> int:
    """Bring an app's catalogue up to its sentences, keeping translations; how many are still empty."""
    old, new = read(app), Catalog(locale="en", project="qingkong", charset="utf-8")
    for where, message in sentences(app):
        if message:
            known = old.get(message)
            new.add(message, string=known.string if known else "", locations=[(where.split(":")[0], 0)])
    if not len(new):
        return 0
    po(app).parent.mkdir(parents=True, exist_ok=True)
    with po(app).open("wb") as out:
        write_po(out, new, sort_output=True, omit_header=False, include_lineno=False, width=0)
    return sum(1 for message in new if message.id and not message.string)


def missing() -> list[str]:
    """Each marked sentence that has no English in any catalogue, with where it stands."""
    known = {m.id for app in apps() for m in read(app) if m.id and m.string}
    return sorted({f"{where}: {m}" for app in apps() for where, m in sentences(app) if m and m not in known})


def compile_all() -> None:
    """Write the .mo beside each .po that is newer than it."""
    for app in apps():
        source, target = po(app), po(app).with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            spool = target.with_suffix(f".{os.getpid()}")
            with spool.open("wb") as out:
                write_mo(out, read(app))
            spool.replace(target)


def main(argv: list[str]) -> int:
    match argv:
        case ["update", *folders]:
            for app in [Path(f).resolve() for f in folders] or apps():
                print(f"{app.relative_to(SOURCE)}: {update(app)} empty")
        case ["compile"]:
            compile_all()
        case ["missing"]:
            lines = missing()
            print("\n".join(lines))
            return 1 if lines else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    import django

    django.setup()
    sys.exit(main(sys.argv[1:]))
