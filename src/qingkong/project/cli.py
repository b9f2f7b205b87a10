"""`qingkong`: one command with the sub-commands of the kernel, the domains and the project.

Exit status: 0 done, 1 refused or failed, 2 wrong use. Messages go to standard error, `--json` to standard output.
"""

import argparse
import os
import sys
from importlib import import_module
from importlib.util import find_spec

COMMANDS = [
    "qingkong.project.commands",
    "qingkong.kernel.ledger.commands",
    "qingkong.kernel.clocks.commands",
    "qingkong.kernel.gates.commands",
    "qingkong.kernel.places.commands",
    "qingkong.kernel.vault.commands",
    "qingkong.kernel.jobs.commands",
    "qingkong.domains.enforcement.calls.ways.commands",
    "qingkong.domains.enforcement.evidence.ways.commands",
]


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command; its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    if argv[:1] == ["manage"]:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["qingkong manage", *argv[1:]])
        return 0

    import django

    django.setup()
    from qingkong.kernel.refusals import Refusal

    args = _parser().parse_args(argv)
    try:
        return int(args.run(args) or 0)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qingkong", description="晴空：执法与监督同步。")
    subparsers = parser.add_subparsers(title="子命令", metavar="COMMAND", required=True)
    for name in COMMANDS:
        if find_spec(name.rpartition(".")[0]) and find_spec(name):
            import_module(name).add_commands(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
