"""`qingkong gates list`: every check of the four gates, as it is in force today."""

import argparse
import json
import sys
from typing import Any

from django.db import DatabaseError
from django.utils import timezone, translation

from qingkong.kernel.gates import checks
from qingkong.kernel.gates.asking import InForce, as_in_code, in_force
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import local, zh

LANGUAGES = {"zh": "zh-hans", "en": "en"}


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("gates", help=str(zh("关口：列出全部检查项")))
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    every = verbs.add_parser("list", help=str(zh("列出四个关口的检查项")))
    every.add_argument("--json", action="store_true")
    every.add_argument("--lang", choices=sorted(LANGUAGES), default="zh")
    every.set_defaults(run=_list)


def _list(args: argparse.Namespace) -> int:
    with translation.override(LANGUAGES[args.lang]):
        rows = [_row(each) for each in _checks()]
        if args.json:
            json.dump(rows, sys.stdout, ensure_ascii=False)
            print()
            return 0
        gate = ""
        for row in rows:
            if row["gate"] != gate:
                gate = row["gate"]
                print(f"\n{row['gate_label']}")
            force = zh("必须") if row["blocks"] else zh("提示")
            print(f"  {row['id']}\t{', '.join(row['steps'])}\t{force}\t{row['sentence']}{row['article']}")
            print(f"    {row['how']}")
    return 0


def _checks() -> list[InForce]:
    """As loaded in this instance, or as code has them where none is made."""
    registered = checks.registered()
    try:
        return in_force(registered, on=local(timezone.now()).date())
    except DatabaseError:
        return [as_in_code(check) for check in registered]


def _row(each: InForce) -> dict[str, Any]:
    return {
        "id": each.check.id,
        "gate": each.gate.value,
        "gate_label": str(each.gate.label),
        "steps": list(each.check.steps),
        "sentence": str(zh(each.sentence)),
        "how": str(zh(each.how)),
        "article": each.article,
        "blocks": each.blocks,
        "waivable_by": str(Post(each.waivable_by).label) if each.waivable_by else "",
    }
