"""`qingkong-verify PROOF.json|FOLDER|BUNDLE --key KEY`: 0 sound, 1 refused, 2 wrong use."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

from qingkong_verify.bundle import check_bundle
from qingkong_verify.bundle_words import as_json, lines
from qingkong_verify.errors import VerificationError
from qingkong_verify.folder import check_folder
from qingkong_verify.notes import Checkpoint, instant, parse_key
from qingkong_verify.opening import MANIFEST
from qingkong_verify.proofs import Proved, check_proof

WORDS = {
    "zh": {
        "ledger": "完好：{path} 里的 {size} 条存证与签名相符（{origin}）。",
        "proof": "属实：{at} {name} 的“{act}”是 {origin} 第 {index} 条存证（共 {size} 条）。",
        "facts": "内容与存证一致：{facts}",
        "cosigned": "  联署：{name}，{at}",
        "uncosigned": "  尚无您所信任的外部单位联署：服务器一方的改写，只有联署之后才藏不住。",
        "refused": "不予认可：{why}",
        "nothing": "{path} 里既没有存证，也没有凭据。",
        "absent": "{path} 不存在。",
        "key": "公钥不能用：{why}",
    },
    "en": {
        "ledger": "Sound: the {size} entries in {path} match the signature ({origin}).",
        "proof": "True: “{act}” by {name} at {at} is entry {index} of {size} in {origin}.",
        "facts": "The facts are those entered: {facts}",
        "cosigned": "  cosigned by {name}, {at}",
        "uncosigned": "  No outside body you trust has cosigned: only then can the server's side hide no rewriting.",
        "refused": "Refused: {why}",
        "nothing": "{path} holds neither a ledger nor a proof.",
        "absent": "{path} doesn't exist.",
        "key": "This key can't be used: {why}",
    },
}


def main(argv: list[str] | None = None) -> int:
    """Check what is named on the command line, or watch a log; the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):  # a console of another code page shows what it can and never fails
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if argv[:1] == ["watch"]:
        from qingkong_verify import watch_command

        return watch_command.main(argv[1:])
    args = _parser().parse_args(argv)
    words = WORDS[args.lang]
    try:
        keys = [line for given in args.key for line in _keys(given)]
    except VerificationError as error:
        print(words["key"].format(why=error.said(args.lang)), file=sys.stderr)
        return 2
    path = Path(args.what)
    if not path.exists():
        print(words["absent"].format(path=path), file=sys.stderr)
        return 2
    if _is_bundle(path):
        return _check_bundle(path, keys, args)
    whats = [path] if path.is_file() or (path / "checkpoint").exists() else sorted(path.glob("*.json"))
    if not whats:
        print(words["nothing"].format(path=path), file=sys.stderr)
        return 2
    return max(_check(what, keys, args) for what in whats)


def _check(path: Path, keys: list[str], args: argparse.Namespace) -> int:
    words = WORDS[args.lang]
    result: dict[str, Any] = {"path": str(path), "ok": False}
    try:
        if path.is_dir():
            checkpoint = check_folder(path, keys).checkpoint
            said = [words["ledger"].format(path=path, size=checkpoint.size, origin=checkpoint.origin)]
        else:
            proved = check_proof(path.read_bytes(), keys)
            checkpoint = proved.checkpoint
            said = _told(proved, words)
            result |= {"entry": proved.entry, "index": proved.index, "facts": proved.facts}
    except VerificationError as error:
        result["reason"] = error.said(args.lang)
        _say(args, result, [words["refused"].format(why=error.said(args.lang))])
        return 1
    result |= {"ok": True, "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    result["cosigned"] = [{"name": c.name, "at": instant(c.seconds)} for c in checkpoint.cosigned]
    _say(args, result, [*said, *_outside(checkpoint, words)])
    return 0


def _is_bundle(path: Path) -> bool:
    return (
        path.suffix.lower() == ".zip" if path.is_file() else (path / MANIFEST).exists() or (path / "made.json").exists()
    )


def _check_bundle(path: Path, keys: list[str], args: argparse.Namespace) -> int:
    """Check a proof bundle; a refusal names the file. The exit status."""
    try:
        bundle = check_bundle(path, keys)
    except VerificationError as error:
        said = WORDS[args.lang]["refused"].format(why=error.said(args.lang))
        _say(args, {"path": str(path), "ok": False, "file": error.place, "reason": error.said(args.lang)}, [said])
        return 1
    _say(args, {"path": str(path), **as_json(bundle, args.file)}, lines(bundle, args.file, args.lang))
    return 0


def _told(proved: Proved, words: dict[str, str]) -> list[str]:
    entry = proved.entry
    said = words["proof"].format(
        at=entry.get("at"), name=entry.get("actor_name"), act=entry.get("act"),
        origin=proved.checkpoint.origin, index=proved.index, size=proved.checkpoint.size,
    )  # fmt: skip
    return (
        [said]
        if proved.facts is None
        else [said, words["facts"].format(facts=json.dumps(proved.facts, ensure_ascii=False))]
    )


def _outside(checkpoint: Checkpoint, words: dict[str, str]) -> list[str]:
    lines = [words["cosigned"].format(name=c.name, at=instant(c.seconds)) for c in checkpoint.cosigned]
    return lines or [words["uncosigned"]]


def _say(args: argparse.Namespace, result: dict[str, Any], lines: list[str]) -> None:
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        print("\n".join(lines), file=sys.stdout if result["ok"] else sys.stderr)


def _keys(given: str) -> list[str]:
    """Keys from the argument itself or, where it names a file, from its lines. Raises VerificationError."""
    path = Path(given)
    try:
        lines = path.read_text(encoding="utf-8").split() if path.is_file() else [given]
    except (OSError, UnicodeDecodeError):
        lines = [given]
    for line in lines:
        parse_key(line)
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qingkong-verify",
        description="核验存证、凭据或证明包，不需要服务器。Check a ledger, a proof or a bundle, without the server.",
        epilog="qingkong-verify watch --help：看着一本存证并联署 / watch a ledger and countersign it",
    )
    parser.add_argument(
        "what",
        metavar="PROOF.json|FOLDER|BUNDLE",
        help="存证凭据、导出的存证或证明包 / a proof or a folder of them, an exported ledger, a bundle (folder or zip)",
    )
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        metavar="KEY",
        help="可信的公钥（或含公钥的文件），可多次 / a trusted public key or a file of them; repeatable",
    )
    parser.add_argument(
        "--file", action="append", default=[], type=Path, metavar="FILE",
        help="您手里的文件：证明包里有没有存证写明它 / a file you hold: does an entry of the bundle name it?",
    )  # fmt: skip
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="语言 / language")
    parser.add_argument("--json", action="store_true", help="每项一个 JSON 对象 / one JSON object an item")
    return parser


if __name__ == "__main__":
    sys.exit(main())
