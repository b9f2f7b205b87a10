"""Which migrations were released, and that none of them is edited any more.

`python -m qingkong.project.releases` says what is wrong; `… add` freezes migration files that are new; `… name 0.2`
freezes them too and names where each app stands now as a release, from which `tests/test_upgrade.py` upgrades data.
"""

import hashlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[1]
FILE = Path(__file__).with_suffix(".toml")
HEAD = """# Written by `python -m qingkong.project.releases add` and `… name X.Y`. A migration that stands here was released:
# it is never edited again, because instances have run it as it was. Put a change into a new migration.
"""


def migrations() -> dict[str, str]:
    """Every migration file of ours, by its path below the package, with the SHA-256 of its text."""
    files = sorted(path for path in SOURCE.glob("**/migrations/[0-9]*.py"))
    return {str(p.relative_to(SOURCE)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def frozen() -> dict[str, str]:
    """The migration files that were released, with the SHA-256 each had then."""
    return dict(_read()["frozen"])


def releases() -> dict[str, dict[str, str]]:
    """For each release where each app stood: app label → name of its last migration."""
    return {name: dict(targets) for name, targets in _read()["release"].items()}


def problems() -> Iterator[str]:
    """What was done to released migrations that must not be."""
    there = migrations()
    for path, digest in frozen().items():
        if path not in there:
            yield f"{path}: 已发布的迁移被删除 / a released migration was removed"
        elif there[path] != digest:
            yield f"{path}: 已发布的迁移被改动；写一个新的迁移 / a released migration was edited; write a new one"


def add() -> list[str]:
    """Freeze migration files that are new; their paths. Those that are frozen stay as they were."""
    known = frozen()
    new = {path: digest for path, digest in migrations().items() if path not in known}
    _write({**known, **new}, releases())
    return sorted(new)


def name(release: str) -> None:
    """Name where every app of ours stands now as a release. Raises ValueError where the name is taken."""
    known = releases()
    if release in known:
        raise ValueError(release)
    add()
    last: dict[str, str] = {}
    for path in sorted(migrations()):
        last[Path(path).parts[-3]] = Path(path).stem
    _write(frozen(), {**known, release: last})


def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"frozen": {}, "release": {}}


def _write(digests: dict[str, str], named: dict[str, dict[str, str]]) -> None:
    lines = [HEAD, "[frozen]", *(f'"{path}" = "{digest}"' for path, digest in sorted(digests.items()))]
    for release, targets in named.items():
        lines += ["", f'[release."{release}"]', *(f'{app} = "{last}"' for app, last in sorted(targets.items()))]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(words: list[str]) -> int:
    match words:
        case []:
            found = list(problems())
            print("\n".join(found), file=sys.stderr, end="\n" if found else "")
            return 1 if found else 0
        case ["add"]:
            print("\n".join(add()))
            return 0
        case ["name", release]:
            name(release)
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
