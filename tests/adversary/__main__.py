"""`python -m tests.adversary`: attack a demo county in every known way and print who saw it.

Exit status 1 if any attack stays unseen once a cosigner has seen the state.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.adversary import outcomes, servers

HERE = [sys.executable, "-m", "tests.adversary"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.adversary", description=__doc__)
    parser.add_argument("--on", choices=["sqlite", "postgres", "all"], default="all")
    parser.add_argument("--instance", default="", help="copy this demo instance (SQLite) instead of making one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on standard output")
    form.add_argument("--markdown", action="store_true", help="the tables of docs/adversary.md")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # the process that attacks
    args = parser.parse_args()
    if args.here:
        return _attack()
    results = {name: found for name in _wanted(args.on) if (found := _one(name, args.instance))}
    _print(args, results)
    return 1 if any(not one.seen for found, _ in results.values() for one in found) else 0


def _wanted(on: str) -> list[str]:
    return ["sqlite", "postgres"] if on == "all" else [on]


Found = tuple[list[outcomes.Outcome], list[outcomes.Outcome]]


def _one(name: str, source: str) -> Found | None:
    """Make an instance on one kind of database and attack it in a process of its own."""
    began = time.monotonic()
    with ExitStack() as stack:
        if name == "postgres":
            programs = servers.postgres_programs()
            if programs is None:
                print(servers.MISSING, file=sys.stderr)
                return None
            os.environ["QINGKONG_DATABASE_URL"] = stack.enter_context(servers.postgres(programs))
            source = ""
        else:
            os.environ.pop("QINGKONG_DATABASE_URL", None)
        home = stack.enter_context(servers.instance(source))
        done = subprocess.run(
            [*HERE, "--here"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "QINGKONG_HOME": str(home)},
        )
    print(f"==> {name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    told = json.loads(done.stdout)
    return _read(told["after"]), _read(told["before"])


def _read(rows: list[dict[str, object]]) -> list[outcomes.Outcome]:
    return [outcomes.Outcome(**{key: value for key, value in row.items() if key != "seen"}) for row in rows]  # type: ignore[arg-type]


def _attack() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    import django

    django.setup()
    from tests.adversary.run import run, run_window

    told = {"after": [one.as_json() for one in run()], "before": [one.as_json() for one in run_window()]}
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _print(args: argparse.Namespace, results: dict[str, Found]) -> None:
    if args.json:
        whole = {
            name: {"after": [one.as_json() for one in after], "before": [one.as_json() for one in before]}
            for name, (after, before) in results.items()
        }
        print(json.dumps(whole, ensure_ascii=False))
        return
    write = outcomes.markdown if args.markdown else outcomes.plain
    for name, (after, before) in results.items():
        unseen = [one for one in after if not one.seen]
        head = (
            f"{name}: {sum(one.possible for one in after)} attacks, {len(unseen)} unseen once a cosigner has been there"
        )
        print(f"## {head}\n" if args.markdown else f"\n=== {head}\n")
        print(write(after))
        print(write(before))
        for one in unseen:
            print(f"UNSEEN: {one.attack}: {one.target}")


if __name__ == "__main__":
    sys.exit(main())
