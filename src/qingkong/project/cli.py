"""`qingkong`: one command with the sub-commands of the kernel, the domains and the project.

Exit status: 0 done, 1 refused or failed, 2 wrong use. Messages go to standard error, `--json` to standard output.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

KERNEL = ("ledger", "clocks", "gates", "places", "vault", "jobs")
COMMANDS = {
    **{name: f"qingkong.kernel.{name}.commands" for name in KERNEL},
    "retention": "qingkong.kernel.access.commands",
    "calls": "qingkong.domains.enforcement.calls.ways.commands",
    "evidence": "qingkong.domains.enforcement.evidence.ways.commands",
    "database": "qingkong.project.postgres.commands",
    "backup": "qingkong.project.backup.commands",
    "restore": "qingkong.project.backup.commands",
}
PROJECT = "qingkong.project.commands"
LOOKING = frozenset({"backup", "check", "clocks", "database", "gates", "ledger", "places", "restore", "vault"})
"""Commands that cross no room: nothing needs to be hung for them, so they start in half the time."""

HURRIED = frozenset({"run", "jobs"})
"""Commands that serve: a statement that hangs is ended. All others may take the time they need."""


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command; its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    if argv[:1] and argv[0] not in HURRIED:
        os.environ["QINGKONG_PATIENT"] = str(os.getpid())  # this process, not the servers it may start
    if argv[:1] == ["manage"]:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["qingkong manage", *argv[1:]])
        return 0

    if not _whole(argv):
        return 1
    if argv[:1] and argv[0] in LOOKING:
        os.environ["QINGKONG_UNHUNG"] = "1"

    if argv[:2] == ["vault", "receive"]:
        os.environ["QINGKONG_ALONE"] = "vault"

    import django

    django.setup()
    os.environ.pop("QINGKONG_ALONE", None)  # not for what this process may start
    from django.db import OperationalError

    from qingkong.kernel.refusals import Refusal

    args = _parser(argv[:1]).parse_args(argv)
    try:
        return int(args.run(args) or 0)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OperationalError as fault:
        print(f"数据库没有应答 / the database doesn't answer: {str(fault).strip().splitlines()[-1]}", file=sys.stderr)
        return 1


def _whole(argv: Sequence[str]) -> bool:
    """Nothing runs on an instance whose restore was cut off in its last step, but the restore that finishes it."""
    from qingkong.project import instance

    if argv[:1] == ["restore"]:
        instance.RESTORING = True
        return True
    if (Path(os.environ.get("QINGKONG_HOME") or "var") / "restoring" / "READY").exists():
        print(
            "从备份恢复到一半被打断。请再运行一次 qingkong restore，把它做完。/ Run `qingkong restore` again: it was cut off.",
            file=sys.stderr,
        )
        return False
    return True


def _parser(wanted: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser of the command that is wanted; of all commands where it isn't one, so that help names them all."""
    parser = argparse.ArgumentParser(prog="qingkong", description="晴空：执法与监督同步。")
    subparsers = parser.add_subparsers(title="子命令", metavar="COMMAND", required=True)
    known = [COMMANDS[name] for name in wanted if name in COMMANDS]
    for name in known or [PROJECT, *([] if wanted and wanted[0] in LOOKING else dict.fromkeys(COMMANDS.values()))]:
        import_module(name).add_commands(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
