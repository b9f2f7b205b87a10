"""`python -m benchmarks NAME`: run one benchmark and print one JSON object: name, value, unit, peer, ratio, note."""

import json
import sys
from importlib import import_module
from pathlib import Path

FIELDS = ("name", "value", "unit", "peer", "ratio", "note")


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[!_]*.py") if "\ndef run()" in file.read_text())


def main(argv: list[str]) -> int:
    if len(argv) != 1 or argv[0] not in names():
        print(f"python -m benchmarks {'|'.join(names())}", file=sys.stderr)
        return 2
    result = import_module(f"benchmarks.{argv[0]}").run()
    print(json.dumps({field: result[field] for field in FIELDS}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
