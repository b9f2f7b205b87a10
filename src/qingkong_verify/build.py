"""`python -m qingkong_verify.build OUT`: the verifier as one file that runs wherever there is Python 3.9."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parent
LONG_AGO = (2001, 9, 9, 1, 46, 40)
MAIN = "import sys\nfrom qingkong_verify.command import main\nsys.exit(main())\n"


def archive() -> bytes:
    """The zipapp's bytes; the same source gives the same bytes on every machine, so nothing in it is compressed."""
    out = io.BytesIO()
    out.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as app:
        for name, text in [("__main__.py", MAIN), *((f"{SOURCE.name}/{m.name}", _text(m)) for m in _modules())]:
            member = zipfile.ZipInfo(name, LONG_AGO)
            member.create_system, member.external_attr = 3, 0o644 << 16
            app.writestr(member, text)
    return out.getvalue()


def build(out: Path) -> Path:
    """Write the zipapp to `out`."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(archive())
    return out


def _modules() -> list[Path]:
    return sorted(SOURCE.glob("*.py"), key=lambda module: module.name)


def _text(module: Path) -> str:
    return module.read_text(encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) != 1:
        print("python -m qingkong_verify.build OUT", file=sys.stderr)
        return 2
    print(build(Path(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
