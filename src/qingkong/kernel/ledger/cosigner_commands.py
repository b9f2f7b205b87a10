"""`qingkong ledger cosigners list | add NAME KEY | end NAME | take FILE`."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from qingkong.kernel.text import Sentence, local, zh

ADDED = zh("已登记联署方 {name}。")
ENDED = zh("不再收 {name} 的联署。")
TAKEN = zh("{name} 的联署已收下，前 {size} 条。")
STATE = zh("{name}：前 {size} 条，{at}")
STATE_ENDED = zh("{name}：已停收，前 {size} 条，{at}")
NEVER = zh("还没有联署")
WINDOW = zh("尚未联署：{count} 条，从 {since} 起。")
NO_WINDOW = zh("全部已联署。")


def add_verbs(verbs: Any, clock: Callable[[], datetime]) -> list[argparse.ArgumentParser]:
    """Put the verbs into the parser of `qingkong ledger`; the new ones."""
    parser = verbs.add_parser("cosigners", help="outside bodies whose cosignatures are taken: list, add, end, take")
    parser.set_defaults(clock=clock)
    inner = parser.add_subparsers(metavar="VERB", required=True)
    listing = inner.add_parser("list", help="who has countersigned how far, and what nobody has yet")
    listing.set_defaults(run=list_cosigners)
    adding = inner.add_parser("add", help="register a cosigner's public key, which was handed over in person")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("vkey", metavar="KEY", help="as `qingkong-verify watch` prints it the first time")
    adding.set_defaults(run=add_cosigner)
    ending = inner.add_parser("end", help="take no more cosignatures of a cosigner")
    ending.add_argument("name", metavar="NAME")
    ending.set_defaults(run=end_cosigner)
    taking = inner.add_parser("take", help="take in a cosignature that came on a stick: the file `cosigned`")
    taking.add_argument("file", type=Path, metavar="FILE")
    taking.set_defaults(run=take_cosignature)
    return [listing, adding, ending, taking]


def list_cosigners(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners
    from qingkong.kernel.ledger.exposing import exposure

    found, window = cosigners.seen(), exposure(args.clock())
    since = window.oldest_at.isoformat() if window.oldest_at else None
    if args.json:
        rows = [
            {"name": c.name, "size": c.size, "at": c.at.isoformat() if c.at else None, "ended": c.ended} for c in found
        ]
        told = {"cosigners": rows, "uncosigned": window.entries, "since": since, "waiting": window.pending}
        _out(json.dumps(told, ensure_ascii=False))
        return 0
    for one in found:
        at = local(one.at).strftime("%Y-%m-%d %H:%M") if one.at else NEVER
        _out((STATE_ENDED if one.ended else STATE).fill(name=one.name, size=one.size, at=at))
    _out(WINDOW.fill(count=window.entries, since=since) if window.open else NO_WINDOW)
    return 0


def add_cosigner(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    cosigners.register(name=args.name, vkey=args.vkey, actor=cosigners.COMMAND_LINE, at=args.clock())
    return _done(args, ADDED, {"name": args.name})


def end_cosigner(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    cosigners.end(name=args.name, actor=cosigners.COMMAND_LINE, at=args.clock())
    return _done(args, ENDED, {"name": args.name})


def take_cosignature(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    taken = cosigners.take(args.file.read_text(encoding="utf-8"), at=args.clock())
    return _done(args, TAKEN, {"name": taken.name, "size": taken.size})


def _done(args: argparse.Namespace, sentence: Sentence, facts: dict[str, Any]) -> int:
    if args.json:
        _out(json.dumps(facts, ensure_ascii=False))
    else:
        sys.stderr.write(f"{sentence.fill(**facts)}\n")
    return 0


def _out(text: object) -> None:
    sys.stdout.write(f"{text}\n")
