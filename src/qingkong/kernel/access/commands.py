"""`qingkong retention [--dry-run] [--json]`."""

import argparse
import json
import sys
from dataclasses import asdict

from django.conf import settings
from django.utils.module_loading import import_string

from qingkong.kernel.text import zh

NOTHING = zh("没有到期的个人信息。")
LINE = zh("{kind}：到期 {over} 条，仍要保留 {held} 条，已清除 {forgotten} 条。")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    retention = subparsers.add_parser("retention", help=str(zh("清除到期的个人信息；每天自动运行一次")))
    retention.add_argument("--dry-run", action="store_true", help=str(zh("只说会清除什么，什么都不改")))
    retention.add_argument("--json", action="store_true")
    retention.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from qingkong.kernel import access
    from qingkong.kernel.access import retention

    at = import_string(settings.QINGKONG_CLOCK)()
    found = (
        retention.what_is_over(at=at)
        if args.dry_run
        else retention.forget_what_is_over(actor=access.system("retention"), at=at)
    )
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, "kinds": [asdict(one) for one in found]}, ensure_ascii=False))
        return 0
    over = [one for one in found if one.over]
    for one in over:
        print(LINE.fill(kind=one.name, over=one.over, held=one.held, forgotten=one.forgotten))
        for why in (*one.why, one.own_way):
            if why:
                print(f"  · {why}")
    if not over:
        print(NOTHING, file=sys.stderr)
    return 0
