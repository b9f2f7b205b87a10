"""`qingkong evidence ingest PATH… --call NO|--case NO`, `qingkong evidence derive [--again]`."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qingkong.kernel.text import zh

SOURCES = ("body_camera", "camera", "phone", "cctv", "given", "extracted")


def add_commands(subparsers: Any) -> None:
    evidence = subparsers.add_parser("evidence", help="电子证据：成批登记，补做预览")
    verbs = evidence.add_subparsers(metavar="VERB", required=True)

    ingest = verbs.add_parser("ingest", help="把文件或文件夹登记到一个警情或案件")
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    link = ingest.add_mutually_exclusive_group(required=True)
    link.add_argument("--call", metavar="NO", dest="link", help="警情编号")
    link.add_argument("--case", metavar="NO", dest="link", help="案件编号")
    ingest.add_argument("--source", choices=SOURCES, default="body_camera", help="来源")
    ingest.add_argument("--device", default="", help="设备编号")
    ingest.add_argument("--note", default="", help="说明")
    ingest.add_argument("--later", action="store_true", help="预览留给后台任务做")
    ingest.add_argument("--json", action="store_true")
    ingest.set_defaults(run=run_ingest)

    derive = verbs.add_parser("derive", help="补做还没有的预览；--again 重试做不成的")
    derive.add_argument("--again", action="store_true")
    derive.set_defaults(run=run_derive)


def run_ingest(args: argparse.Namespace) -> int:
    """Register each file; those refused are named, the others stay registered. Running it again changes nothing."""
    from django.utils import timezone

    from qingkong.domains.enforcement.evidence import operations, queries
    from qingkong.kernel import access
    from qingkong.kernel.refusals import Refusal

    actor, at = access.system("evidence.ingest"), timezone.now()
    link = queries.link_by_number(actor=actor, number=args.link)
    receipts, refused = [], []
    for path in _files(args.paths):
        try:
            item = operations.register_evidence(
                file=path, name=path.name, link=link, source=queries.Source(args.source), device=args.device,
                note=args.note, actor=actor, at=at,
            )  # fmt: skip
        except Refusal as refusal:
            refused.append({"path": str(path), "reason": str(refusal)})
            print(f"{path}: {refusal}", file=sys.stderr)
            continue
        if not args.later:
            operations.make_derivatives(item=item, actor=actor, at=at)
        receipts.append(_receipt(path, item))
        if not args.json:
            print(f"{item.number}\t{item.original_id}\t{item.size}\t{path}")
    if args.json:
        print(json.dumps({"receipts": receipts, "refused": refused}, ensure_ascii=False))
    print(zh("登记 {taken} 份，退回 {refused} 份。", taken=len(receipts), refused=len(refused)), file=sys.stderr)
    return 1 if refused or not receipts else 0


def run_derive(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.domains.enforcement.evidence import operations, queries
    from qingkong.kernel import access

    actor, at = access.system("evidence.derive"), timezone.now()
    items = queries.undrawn(limit=10_000)
    if args.again:
        items += queries.unmade()
    for item in items:
        made = operations.make_derivatives(item=item, actor=actor, at=at, again=args.again)
        print(f"{item.number}\t{' '.join(d.kind if d.blob_id else f'{d.kind}:{d.why_not}' for d in made)}")
    return 0


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _receipt(path: Path, item: Any) -> dict[str, Any]:
    return {
        "path": str(path), "number": item.number, "sha256": item.original_id, "size": item.size,
        "content_type": item.content_type, "kind": item.kind, "state": item.state, "link": item.thread,
        "received_at": item.received_at.isoformat(), "already": item.already,
        "derivatives": {d.kind: d.blob_id or d.why_not for d in item.derivatives.all()},
    }  # fmt: skip
