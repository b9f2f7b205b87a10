"""`qingkong vault receive FILE…`, `qingkong vault scrub`."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from qingkong.kernel.text import zh


def add_commands(subparsers: Any) -> None:
    vault = subparsers.add_parser("vault", help="原件库：收入文件，核对")
    verbs = vault.add_subparsers(metavar="VERB", required=True)

    receive = verbs.add_parser("receive", help="收入文件")
    receive.add_argument("files", nargs="+", metavar="FILE")
    receive.add_argument("--json", action="store_true")
    receive.set_defaults(run=run_receive)

    scrub = verbs.add_parser("scrub", help="核对每一份原件")
    scrub.add_argument("--quick", action="store_true", help="只比大小")
    scrub.add_argument("--json", action="store_true")
    scrub.set_defaults(run=run_scrub)


def run_receive(args: argparse.Namespace) -> int:
    """Take each file in; those refused are named, the others stay taken."""
    from pathlib import Path

    from django.db import transaction
    from django.utils import timezone

    from qingkong.kernel import access, ledger, vault

    taken, refused = [], 0
    for name in args.files:
        try:
            stored = vault.receive(Path(name))
        except vault.CannotReceive as refusal:
            refused += 1
            print(f"{name}: {refusal}", file=sys.stderr)
            continue
        taken.append(asdict(stored))
        with transaction.atomic():
            ledger.record(
                actor=access.system("commands"),
                at=timezone.now(),
                act="vault.received",
                subject=f"vault.blob:{stored.sha256}",
                facts=asdict(stored),
            )
        if not args.json:
            print(f"{stored.sha256}\t{stored.size}\t{name}")
    if args.json:
        print(json.dumps(taken))
    return 1 if refused else 0


def run_scrub(args: argparse.Namespace) -> int:
    from django.db import transaction
    from django.utils import timezone

    from qingkong.kernel import access, ledger, vault

    problems = vault.scrub(quick=args.quick)
    blobs = vault.Blob.objects.count()
    with transaction.atomic():
        ledger.record(
            actor=access.system("commands"),
            at=timezone.now(),
            act="vault.scrubbed",
            subject="vault",
            facts={"blobs": blobs, "quick": args.quick, "problems": [f"{p.kind}: {p.name}" for p in problems]},
        )
    if args.json:
        rows = [{"kind": p.kind.value, "name": p.name, "sentence": str(p.sentence)} for p in problems]
        print(json.dumps({"ok": not problems, "blobs": blobs, "problems": rows}, ensure_ascii=False))
    for problem in problems:
        print(problem.sentence, file=sys.stderr)
    print(zh("核对原件 {blobs} 份，问题 {problems} 个。", blobs=blobs, problems=len(problems)), file=sys.stderr)
    return 1 if problems else 0
