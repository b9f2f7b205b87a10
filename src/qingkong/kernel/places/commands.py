"""`qingkong places find TEXT`."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from qingkong.kernel.text import zh


def add_commands(subparsers: Any) -> None:
    places = subparsers.add_parser("places", help="地点：查找区划")
    verbs = places.add_subparsers(metavar="VERB", required=True)

    find = verbs.add_parser("find", help="按名称、简称或拼音查找区划")
    find.add_argument("text", nargs="+", metavar="TEXT")
    find.add_argument("--within", metavar="CODE", help="只在这个乡镇或县内找")
    find.add_argument("--limit", type=_count, default=10)
    find.add_argument("--json", action="store_true")
    find.set_defaults(run=run_find)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 733:
        raise argparse.ArgumentTypeError("1–733")
    return number


def run_find(args: argparse.Namespace) -> int:
    from qingkong.kernel import places

    found = places.find(" ".join(args.text), within=args.within, limit=args.limit)
    if args.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return 0
    for candidate in found.candidates:
        print(f"{candidate.code}\t{candidate.full_name}\t{candidate.name}")
    if not found.candidates:
        print(zh("没有找到这个地点。试试只写乡镇，或只写村名。"), file=sys.stderr)
    elif not found.certain:
        print(zh("不能确定是哪一个：请带上乡镇。"), file=sys.stderr)
    return 0
