"""`qingkong ledger …`: verify, checkpoint, prove, export, publish, cosign, cosigners."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qingkong.kernel.ledger import cosigner_commands
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

SOUND = zh("存证完好：{entries} 条，逐行与哈希、树和签名相符。")
ROWS_SOUND = zh("数据行与存证相符：{rows} 行，逐列核对。")
SEALED = zh("已补封 {rows} 行，每批有一条存证。")
BROKEN = zh("存证有 {count} 处问题（共 {entries} 条）：")
MORE = zh("……另有 {count} 处。")
EMPTY = zh("存证还是空的。")
COSIGNED = zh("{name} 已联署前 {size} 条（上次见到 {before} 条）。")
EXPORTED = zh("已导出 {size} 条到 {folder}。任何人可以用 qingkong-verify {folder} --key {vkey} 核验。")
PUBLISHED = zh("已公布 {size} 条，在 {folder}。")
ASIDE = zh("先前公布的已移到 {folder}。")
BUNDLED = zh("{label} 的 {entries} 条存证已放进 {place}。核对：python3 qingkong-verify.pyz {place} --key {vkey}")
NOT_AN_ID = zh("“{text}”不是存证编号，也不是页面上的序号。")
NO_SUCH_PLACE = zh("存证里还没有第 {place} 条。")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("ledger", help="the append-only record: verify, checkpoint, prove, export, cosign")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    verifying = verbs.add_parser("verify", help="check every row against the hashes, the tree and the signatures")
    verifying.add_argument("--rows", action="store_true", help="and every row of the registers against the entries")
    verifying.add_argument("--cosigner", type=Path, metavar="DIR", help="and what the cosigner with this folder saw")
    verifying.add_argument("--enter", action="store_true", help="enter the verdict, for the status page")
    verifying.set_defaults(run=verify)

    sealing = verbs.add_parser("seal", help="seal rows of a release before row seals, and columns that are new")
    sealing.add_argument("--as-found", action="store_true", help="also single rows that no entry speaks of")
    sealing.set_defaults(run=seal)

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

    bundling = verbs.add_parser(
        "bundle", help="every entry of a subject or thread, with all that a lawyer needs to check it"
    )
    bundling.add_argument("what", metavar="SUBJECT|THREAD", help="calls.call:<id>, or a call or case number")
    bundling.add_argument("place", type=Path, metavar="DIR", help="a folder, or a file that ends in .zip")
    bundling.add_argument("--with-facts", action="store_true", help="disclose contents too (looks stay commitments)")
    bundling.add_argument(
        "--attach", type=Path, action="append", default=[], metavar="FILE", help="a file that an entry names"
    )
    bundling.set_defaults(run=bundle)

    outside = cosigner_commands.add_verbs(verbs, clock=lambda: datetime.now(UTC))

    for verb in (verifying, sealing, pointing, proving, exporting, cosigning, publishing, bundling, *outside):
        verb.add_argument("--json", action="store_true", help="one JSON object on standard output")


def verify(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import looking

    report = looking.look(rows=args.rows, cosigner=args.cosigner)
    if args.enter:
        looking.enter(report, at=datetime.now(UTC))
    if args.json:
        problems = [problem.as_json() for problem in report.problems]
        counts = {"entries": report.entries, "rows": report.rows, "unnamed": report.unnamed}
        _print({"ok": report.ok, **counts, "problems": problems})
    elif report.ok:
        _say(SOUND.fill(entries=report.entries))
        if report.rows is not None:
            _say(ROWS_SOUND.fill(rows=report.rows))
    else:
        _say(BROKEN.fill(count=len(report.problems) + report.unnamed, entries=report.entries))
        for problem in report.problems:
            _say(f"  {problem}")
        if report.unnamed:
            _say(MORE.fill(count=report.unnamed))
    return 0 if report.ok else 1


def seal(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import adopting, sealing

    rows = adopting.adopt(actor=sealing.ITSELF, at=datetime.now(UTC), as_found=args.as_found)
    if args.json:
        _print({"rows": rows})
    else:
        _say(SEALED.fill(rows=rows))
    return 0


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


def bundle(args: argparse.Namespace) -> int:
    from qingkong.kernel.ledger import bundle_scope, bundling, cosigners, keys, packing

    packing.free(args.place)
    scope = bundle_scope.scope_of(args.what)
    attached = [bundling.Attached(path.read_bytes(), path.suffix.lower()) for path in args.attach]
    made = bundling.make(
        scope,
        actor=cosigners.COMMAND_LINE,
        at=datetime.now(UTC),
        discloses=lambda _: args.with_facts,
        attached=attached,
    )
    if args.place.suffix == ".zip":
        args.place.write_bytes(packing.zipped(made))
    else:
        packing.into_folder(made, args.place)
    if args.json:
        _print({"place": str(args.place), "entries": made.entries, "entry": str(made.entry.pk), "vkey": keys.vkey()})
    else:
        _say(BUNDLED.fill(label=scope.label, entries=made.entries, place=args.place, vkey=keys.vkey()))
    return 0


def _print(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _say(text: object) -> None:
    print(text, file=sys.stderr)
