"""`python -m qingkong_verify.build OUT`: the verifier as one file that runs wherever there is Python 3.11."""

from __future__ import annotations

import shutil
import sys
import tempfile
import zipapp
from pathlib import Path

SOURCE = Path(__file__).parent


def build(out: Path) -> Path:
    """Write the zipapp to `out`; the same source gives the same bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "app" / SOURCE.name
        package.mkdir(parents=True)
        for module in sorted(SOURCE.glob("*.py")):
            shutil.copyfile(module, package / module.name)
        (package.parent / "__main__.py").write_text(
            "import sys\nfrom qingkong_verify.command import main\nsys.exit(main())\n"
        )
        _same_time(package.parent)
        zipapp.create_archive(package.parent, out, interpreter="/usr/bin/env python3", compressed=True)
    return out


def _same_time(folder: Path) -> None:
    import os

    for path in folder.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 1:
        print("python -m qingkong_verify.build OUT", file=sys.stderr)
        return 2
    print(build(Path(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
