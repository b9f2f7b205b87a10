"""`qingkong ledger …`: verify, checkpoint, prove, export, publish, cosign, cosigners."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import Sentence, local, zh

COMMAND_LINE = SimpleNamespace(
    kind="system", officer_id=None, name="commands", post=None, unit_id=None, unit_code="", unit_name=""
)

SOUND = zh("存证完好：{entries} 条，逐行与哈希、树和签名相符。")
BROKEN = zh("存证有 {count} 处问题（共 {entries} 条）：")
MORE = zh("……另有 {count} 处。")
EMPTY = zh("存证还是空的。")
COSIGNED = zh("{name} 已联署前 {size} 条（上次见到 {before} 条）。")
EXPORTED = zh("已导出 {size} 条到 {folder}。任何人可以用 qingkong-verify {folder} --key {vkey} 核验。")
PUBLISHED = zh("已公布 {size} 条，在 {folder}。")
ASIDE = zh("先前公布的已移到 {folder}。")
ADDED = zh("已登记联署方 {name}。")
ENDED = zh("不再收 {name} 的联署。")
TAKEN = zh("{name} 的联署已收下，前 {size} 条。")
STATE = zh("{name}：前 {size} 条，{at}")
STATE_ENDED = zh("{name}：已停收，前 {size} 条，{at}")
NEVER = zh("还没有联署")
WINDOW = zh("尚未联署：{count} 条，从 {since} 起。")
NO_WINDOW = zh("全部已联署。")
NOT_AN_ID = zh("“{text}”不是存证编号，也不是页面上的序号。")
NO_SUCH_PLACE = zh("存证里还没有第 {place} 条。")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("ledger", help="the append-only record: verify, checkpoint, prove, export, cosign")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    verifying = verbs.add_parser("verify", help="check every row against the hashes, the tree and the signatures")
    verifying.set_defaults(run=verify)

    pointing = verbs.add_parser("checkpoint", help="integrate what is pending, sign and print the newest checkpoint")
    pointing.set_defaults(run=checkpoint)

    proving = verbs.add_parser("prove", help="write the proof of one entry")
    proving.add_argument("entry", metavar="ENTRY", help="the entry's id, or its place as pages show it (7 or #7)")
    proving.add_argument("--out", type=Path, help="a file (default: standard output)")
    proving.add_argument("--with-facts", action="store_true", help="disclose the facts that the entry commits to")
    proving.set_defaults(run=prove)

    exporting = verbs.add_parser("export", help="write the ledger as tiles that qingkong-verify checks offline")
    exporting.add_argument("folder", type=Path, metavar="FOLDER")
    exporting.set_defaults(run=export)

    cosigning = verbs.add_parser("cosign", help="countersign the newest checkpoint as an outside body")
    cosigning.add_argument("--state", type=Path, required=True, metavar="DIR", help="the cosigner's own folder")
    cosigning.add_argument("--name", default="", help="who cosigns; needed the first time")
    cosigning.set_defaults(run=cosign)

    publishing = verbs.add_parser(
        "publish", help="bring the public files up to date now (the job worker does it by itself)"
    )
    publishing.add_argument(
        "--anew", action="store_true", help="after a declared restore: put the old files aside first"
    )
    publishing.set_defaults(run=publish)

    outside = _add_cosigners(verbs)

    for verb in (verifying, pointing, proving, exporting, cosigning, publishing, *outside):
        verb.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_cosigners(verbs: Any) -> list[argparse.ArgumentParser]:
    parser = verbs.add_parser("cosigners", help="outside bodies whose cosignatures are taken: list, add, end, take")
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


def verify(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger.auditing import verify as look

    report = look()
    if args.json:
        problems = [problem.as_json() for problem in report.problems]
        _print({"ok": report.ok, "entries": report.entries, "problems": problems, "unnamed": report.unnamed})
    elif report.ok:
        _say(SOUND.fill(entries=report.entries))
    else:
        _say(BROKEN.fill(count=len(report.problems) + report.unnamed, entries=report.entries))
        for problem in report.problems:
            _say(f"  {problem}")
        if report.unnamed:
            _say(MORE.fill(count=report.unnamed))
    return 0 if report.ok else 1


def checkpoint(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import keys, sequencing
    from qingkong.kernel.ledger.proving import note_with_cosignatures

    standing = sequencing.checkpoint()
    if standing is None:
        _say(EMPTY)
        return 1
    note = note_with_cosignatures(standing)
    if args.json:
        _print({"size": standing.size, "root": bytes(standing.root).hex(), "note": note, "vkey": keys.vkey()})
    else:
        print(note, end="")
        _say(keys.vkey())
    return 0


def prove(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import proving

    try:
        key = _entry_of(args.entry)
    except ValueError:
        _say(NOT_AN_ID.fill(text=args.entry))
        return 2
    proof = proving.prove(key, with_facts=args.with_facts)
    text = json.dumps(proof, ensure_ascii=False, indent=None if args.json else 1)
    if args.out:
        args.out.write_text(f"{text}\n", encoding="utf-8")
    else:
        print(text)
    return 0


def _entry_of(text: str) -> str:
    """An entry's id from what was typed: the id itself, or the place that a timeline shows. Raises ValueError, NotFound."""
    from uuid import UUID

    from qingkong.kernel.ledger.models import Leaf

    place = text.removeprefix("#")
    if not (place.isascii() and place.isdigit()):
        return str(UUID(text))
    leaf = Leaf.objects.filter(sequence=min(int(place), 2**63 - 1)).first()
    if leaf is None:
        raise NotFound(NO_SUCH_PLACE.fill(place=place))
    return str(leaf.entry_id)


def export(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import exporting, keys

    size = exporting.export(args.folder)
    if args.json:
        _print({"size": size, "folder": str(args.folder), "vkey": keys.vkey()})
    else:
        _say(EXPORTED.fill(size=size, folder=args.folder, vkey=keys.vkey()))
    return 0


def cosign(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigning

    done = cosigning.cosign(args.state, name=args.name, at=datetime.now(UTC))
    if args.json:
        _print({"name": done.name, "size": done.size, "before": done.before, "line": done.line})
    else:
        _say(COSIGNED.fill(name=done.name, size=done.size, before=done.before))
    return 0


def publish(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import publishing, sequencing

    if args.anew and (aside := publishing.begin_anew()):
        _say(ASIDE.fill(folder=aside))
    if sequencing.checkpoint() is None:
        _say(EMPTY)
        return 1
    before = -1
    while (size := publishing.publish()) > before:
        before = size
    size, folder = publishing.published_size(), publishing.folder()
    if args.json:
        _print({"size": size, "folder": str(folder)})
    else:
        _say(PUBLISHED.fill(size=size, folder=folder))
    return 0


def list_cosigners(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    found, window = cosigners.seen(), cosigners.window()
    since = window.since.isoformat() if window.since else None
    if args.json:
        rows = [
            {"name": c.name, "size": c.size, "at": c.at.isoformat() if c.at else None, "ended": c.ended} for c in found
        ]
        _print({"cosigners": rows, "uncosigned": window.count, "since": since, "waiting": window.waiting})
        return 0
    for one in found:
        at = local(one.at).strftime("%Y-%m-%d %H:%M") if one.at else NEVER
        print((STATE_ENDED if one.ended else STATE).fill(name=one.name, size=one.size, at=at))
    print(WINDOW.fill(count=window.count, since=since) if window.count else NO_WINDOW)
    return 0


def add_cosigner(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    cosigners.register(name=args.name, vkey=args.vkey, actor=COMMAND_LINE, at=datetime.now(UTC))
    return _done(args, ADDED, {"name": args.name})


def end_cosigner(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    cosigners.end(name=args.name, actor=COMMAND_LINE, at=datetime.now(UTC))
    return _done(args, ENDED, {"name": args.name})


def take_cosignature(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import cosigners

    taken = cosigners.take(args.file.read_text(encoding="utf-8"), at=datetime.now(UTC))
    return _done(args, TAKEN, {"name": taken.name, "size": taken.size})


def _done(args: argparse.Namespace, sentence: Sentence, facts: dict[str, Any]) -> int:
    if args.json:
        _print(facts)
    else:
        _say(sentence.fill(**facts))
    return 0


def _print(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _say(text: object) -> None:
    print(text, file=sys.stderr)
