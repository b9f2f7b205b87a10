"""The project's own sub-commands: make, data, check, run, demo, simulate, routes."""

import argparse
import json
import sys
from itertools import chain
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from qingkong.project.checking import Result


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    made = subparsers.add_parser(
        "make", help="make a real (not demo) instance in QINGKONG_HOME, or bring it up to date"
    )
    made.set_defaults(run=make)

    loading = subparsers.add_parser("data", help="load law, places, units and local lists")
    loading.add_argument("what", choices=["load"])
    loading.set_defaults(run=load)

    checking = subparsers.add_parser("check", help="is this instance sound: keys, triggers, SQLite, folders, settings")
    checking.add_argument("--json", action="store_true")
    checking.add_argument("--deep", action="store_true", help="also whether all rows, entries and files agree")
    checking.set_defaults(run=check)

    serving = subparsers.add_parser("run", help="serve this instance")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    serving.set_defaults(run=run)

    showing = subparsers.add_parser("demo", help="make a demo county and serve it")
    showing.add_argument("--no-serve", action="store_true", help="only fill it")
    showing.add_argument("--fresh", action="store_true", help="throw the old demo away first")
    showing.add_argument("--seed", type=int, default=2011)
    showing.add_argument("--port", type=int, default=8000)
    showing.set_defaults(run=demo)

    filling = subparsers.add_parser("simulate", help="fill a demo instance in bulk, for measuring")
    filling.add_argument("--calls", type=_count, default=0)
    filling.add_argument("--cases", type=_count, default=0)
    filling.add_argument("--seed", type=int, default=1)
    filling.set_defaults(run=simulate)

    printing = subparsers.add_parser("routes", help="print the matrix of routes and roles")
    printing.set_defaults(run=routes)

    listing = subparsers.add_parser("personal", help="print what is kept about persons, column by column")
    listing.set_defaults(run=personal)

    administrator = subparsers.add_parser("administrator", help="open the first administrator's account")
    administrator.add_argument("username")
    administrator.add_argument("name")
    administrator.set_defaults(run=first_administrator)


def _count(text: str) -> int:
    number = int(text.replace("_", "").replace(",", ""))
    if number < 0:
        raise ValueError(text)
    return number


def make(args: argparse.Namespace) -> int:
    from qingkong.project import instance, making

    if not settings.INSTANCE.made:
        instance.make(demo=False)
        return _again()
    for line in making.make_or_update(at=timezone.now()):
        print(line)
    return 0


def load(args: argparse.Namespace) -> int:
    from qingkong.kernel import access
    from qingkong.project import data

    changes = data.load(actor=access.system("data"), at=timezone.now())
    print("\n".join(changes) if changes else "没有变化 / nothing changed")
    return 0


def check(args: argparse.Namespace) -> int:
    from qingkong.project import checking, deep

    results, at = [], timezone.now()
    for result in chain(checking.check(at=at), deep.check(at=at) if args.deep else ()):
        results.append(result)
        if not args.json:
            _show(result)
    if args.json:
        print(json.dumps([_as_json(result) for result in results], ensure_ascii=False))
    return 0 if all(r.ok or not r.grave for r in results) else 1


def _show(result: "Result") -> None:
    how = f"。{result.how}" if result.how and not result.ok else ""
    mark = "✓" if result.ok else "✗" if result.grave else "!"
    print(f"{mark} {result.what}：{result.note}{how}", file=sys.stderr)
    for problem in result.problems[1:]:
        print(f"    {problem}", file=sys.stderr)


def _as_json(result: "Result") -> dict[str, object]:
    plain = {"what": result.what, "ok": result.ok, "note": result.note, "grave": result.grave}
    if result.how and not result.ok:
        plain["how"] = result.how
    return plain | ({"problems": result.problems} if result.problems else {})


def run(args: argparse.Namespace) -> int:
    from qingkong.project import checking, supervisor

    if not settings.INSTANCE.made:
        print("还没有实例：先运行 qingkong make 或 qingkong demo。/ There is no instance yet.", file=sys.stderr)
        return 1
    if amiss := checking.why_not_serve():
        print("\n".join(amiss), file=sys.stderr)
        return 1
    return supervisor.run(host=args.host, port=args.port)


def demo(args: argparse.Namespace) -> int:
    from qingkong.project import instance, making
    from qingkong.project.demo import county

    if args.fresh and settings.INSTANCE.made:
        making.throw_away(settings.INSTANCE.home)
        return _again("--fresh")
    if not settings.INSTANCE.made:
        making.say("建立演示实例 / making a demo instance")
        instance.make(demo=True)
        return _again("--fresh")
    if not settings.QINGKONG_DEMO:
        print("这是正式实例，不能装演示数据。/ This is a real instance; no demo goes into it.", file=sys.stderr)
        return 1
    making.make_or_update(at=timezone.now())
    making.say_what_is_missing()
    county.build(seed=args.seed, at=timezone.now(), say=making.say)
    if args.no_serve:
        return 0
    from qingkong.project import supervisor

    return supervisor.run(host="127.0.0.1", port=args.port, ready=county.welcome)


def simulate(args: argparse.Namespace) -> int:
    from qingkong.project.demo import bulk

    if not settings.QINGKONG_DEMO:
        print("只能往演示实例里填充。/ Only a demo instance can be filled.", file=sys.stderr)
        return 1
    bulk.fill(calls=args.calls, cases=args.cases, seed=args.seed, at=timezone.now())
    return 0


def routes(args: argparse.Namespace) -> int:
    from qingkong.project.matrix import matrix

    print(matrix(), end="")
    return 0


def personal(args: argparse.Namespace) -> int:
    from qingkong.project.personal import personal_data

    print(personal_data(), end="")
    return 0


def first_administrator(args: argparse.Namespace) -> int:
    import getpass

    from django.db import transaction

    from qingkong.kernel import access
    from qingkong.kernel.access.accounts import appoint, make_account
    from qingkong.kernel.identity.models import Appointment, Unit
    from qingkong.kernel.identity.posts import Post

    if Appointment.objects.filter(post=Post.ADMINISTRATOR, until_on=None).exists():
        print("已有账号管理员，请由他开立账号。/ There is an administrator already.", file=sys.stderr)
        return 1
    password = getpass.getpass("密码 / password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    actor, at = access.system("command line"), timezone.now()
    with transaction.atomic():
        officer = make_account(username=args.username, name=args.name, password=password, actor=actor, at=at)
        appoint(officer=officer, unit=Unit.objects.get(code="001"), post=Post.ADMINISTRATOR, actor=actor, at=at)
    return 0


def _again(without: str = "") -> int:
    """Start the same command anew: settings are read once, and the instance has just been made."""
    import os

    argv = [sys.executable, "-m", "qingkong.project.cli", *[a for a in sys.argv[1:] if a != without]]
    os.execv(sys.executable, argv)
