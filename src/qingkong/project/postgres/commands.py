"""`qingkong database prepare`: tables by their owner, rights for the application's role."""

import argparse
import sys


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("database", help="PostgreSQL: the owner's tables, the application's rights")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")
    preparing = verbs.add_parser(
        "prepare", help="as the owner (QINGKONG_DATABASE_OWNER_URL): make or update the tables, give the rights"
    )
    preparing.set_defaults(run=prepare)


def prepare(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.project.postgres import preparing

    preparing.prepare(at=timezone.now(), say=lambda text: print(f"==> {text}", file=sys.stderr, flush=True))
    return 0
