"""`qingkong vault receive FILE… | scrub | clean | resume | migrate TARGET | switch MANIFEST`."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from qingkong.kernel.text import zh


def add_commands(subparsers: Any) -> None:
    vault = subparsers.add_parser("vault", help="原件库：收入、核对、迁移")
    verbs = vault.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=help)
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(run=run)
        return parser

    verb("receive", run_receive, "收入文件").add_argument("files", nargs="+", metavar="FILE")
    scrub = verb("scrub", run_scrub, "核对每一份原件")
    scrub.add_argument("--quick", action="store_true", help="只比大小")
    scrub.add_argument("--rate", type=float, metavar="MB/s", help="每秒最多读多少 MB")
    verb("clean", run_clean, "清除没有存完的残件（先只列出）").add_argument(
        "--yes", action="store_true", help="真的清除"
    )
    verb("resume", run_resume, "把等存储恢复的文件存进去")
    migrate = verb("migrate", run_migrate, "把原件逐份复制到另一个地方，并写对账清单")
    migrate.add_argument("target", metavar="TARGET", help="s3://桶/前缀?endpoint=… 或 file:///绝对路径")
    migrate.add_argument("--dry-run", action="store_true", help="只看要复制什么")
    verb("switch", run_switch, "按对账清单切换原件存放的地方").add_argument("manifest", metavar="MANIFEST")


def run_receive(args: argparse.Namespace) -> int:
    """Take each file in; those refused are named, the others stay taken."""
    from pathlib import Path

    from django.db import transaction
    from django.utils import timezone

    from qingkong.kernel import access, ledger, vault
    from qingkong.kernel.refusals import Refusal

    taken, refused = [], 0
    for name in args.files:
        try:
            stored = vault.receive(Path(name))
        except Refusal as refusal:
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
    from django.utils import timezone

    from qingkong.kernel import vault

    at = timezone.now()
    problems = vault.scrub(quick=args.quick, megabytes=args.rate, at=at)
    blobs = vault.Blob.objects.count()
    _enter(
        "vault.scrubbed", at, blobs=blobs, quick=args.quick, problems=[f"{p.kind}: {p.name}" for p in problems]
    )  # fmt: skip
    if args.json:
        rows = [{"kind": p.kind.value, "name": p.name, "sentence": str(p.sentence)} for p in problems]
        print(json.dumps({"ok": not problems, "blobs": blobs, "problems": rows}, ensure_ascii=False))
    for problem in problems:
        print(problem.sentence, file=sys.stderr)
    print(zh("核对原件 {blobs} 份，问题 {problems} 个。", blobs=blobs, problems=len(problems)), file=sys.stderr)
    return 1 if problems else 0


def run_clean(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.kernel import vault

    at = timezone.now()
    found = vault.clean(at=at) if args.yes else vault.orphans(at=at)
    if args.yes and found:
        _enter("vault.cleaned", at, contents=[orphan.sha256 for orphan in found])
    if args.json:
        rows = [{"sha256": o.sha256, "size": o.size, "put_at": o.put_at.isoformat()} for o in found]
        print(json.dumps({"removed": args.yes, "contents": rows}))
    for orphan in found:
        print(f"{orphan.sha256}\t{orphan.size}\t{orphan.put_at:%Y-%m-%d %H:%M} UTC", file=sys.stderr)
    said = zh("清除了残件 {count} 份。") if args.yes else zh("残件 {count} 份；真的清除请加 --yes。")
    print(said.fill(count=len(found)), file=sys.stderr)
    return 0


def run_resume(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.kernel import access, vault

    carried = vault.carry_on(actor=access.system("commands"), at=timezone.now())
    left = vault.waiting_now()
    if args.json:
        print(json.dumps({"carried": carried, "waiting": left}))
    print(zh("存入 {carried} 份，还有 {left} 份在等。", carried=carried, left=left), file=sys.stderr)
    return 1 if left else 0


def run_migrate(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.kernel import access
    from qingkong.kernel.vault.migrating import Fate, facts_of, migrate

    progress = _Progress() if sys.stderr.isatty() else None
    outcome = migrate(
        args.target, actor=access.system("commands"), at=timezone.now(), dry_run=args.dry_run, say=progress
    )
    if args.json:
        said = {
            **facts_of(outcome), "copied": outcome.copied, "copied_bytes": outcome.bytes, "dry_run": args.dry_run,
            "manifest": str(outcome.manifest or ""), "digest": outcome.digest,
        }  # fmt: skip
        print(json.dumps(said, ensure_ascii=False))
    for row in outcome.rows.values():
        if row.fate in (Fate.MISSING, Fate.ALTERED, Fate.EXTRA):
            print(f"{row.fate.label}\t{row.sha256}\t{row.size}\t{row.found}", file=sys.stderr)
    copied = zh("要复制 {count} 份，{size} 字节。") if args.dry_run else zh("复制了 {count} 份，{size} 字节。")
    print(copied.fill(count=outcome.copied, size=outcome.bytes), file=sys.stderr)
    print("，".join(f"{fate.label} {outcome.count(fate)}" for fate in Fate), file=sys.stderr)
    if outcome.manifest:
        print(zh("对账清单：{file}", file=outcome.manifest), file=sys.stderr)
    return 0 if outcome.complete else 1


def run_switch(args: argparse.Namespace) -> int:
    from pathlib import Path

    from django.utils import timezone

    from qingkong.kernel import access
    from qingkong.kernel.vault.switching import switch

    done = switch(Path(args.manifest), actor=access.system("commands"), at=timezone.now())
    if args.json:
        said = {"place": done.place, "manifest": str(done.manifest), "digest": done.digest, "contents": done.contents}
        print(json.dumps(said, ensure_ascii=False))
    print(zh("原件现在存放在 {place}，共 {count} 份。", place=done.place, count=done.contents), file=sys.stderr)
    return 0


class _Progress:
    """A line on the terminal that counts."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, row: Any) -> None:
        self._count += 1
        if self._count % 50 == 0:
            print(f"\r{self._count}", end="", file=sys.stderr, flush=True)


def _enter(act: str, at: Any, **facts: object) -> None:
    from django.db import transaction

    from qingkong.kernel import access, ledger

    with transaction.atomic():
        ledger.record(actor=access.system("commands"), at=at, act=act, subject="vault", facts=facts)
