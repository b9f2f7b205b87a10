"""`qingkong-verify watch URL --key KEY --state DIR`: 0 sound, 1 a fork, 2 wrong use, 3 couldn't look this time."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from qingkong_verify.errors import VerificationError
from qingkong_verify.fetching import Log, log_at
from qingkong_verify.memory import Memory, keep, opened
from qingkong_verify.notes import parse_key
from qingkong_verify.watching import Forked, Seen, visit

COSIGNED = "已联署：{name}，前 {size} 条（上次见到 {before} 条）。 / Cosigned: {size} entries by {name} ({before} at the last visit)."
SAME = "没有新的：前 {size} 条早已联署。 / Nothing new: all {size} entries are cosigned already."
SENT = "联署已交回服务器。 / The cosignature was handed back to the server."
KEY = "您的公钥（请警方登记：qingkong ledger cosigners add NAME KEY）/ your public key, to be registered:\n{key}"
BANG = "!" * 72


def main(argv: list[str]) -> int:
    """Watch a log once, or again and again until SIGTERM or SIGINT; the exit status."""
    args = _parser().parse_args(argv)
    try:
        log = log_at(args.url, timeout=args.timeout, pause=min(1.0, args.timeout / 4), ca_file=args.ca_file)
        vkey = _key(args.key)
        with opened(args.state) as memory:
            new = not (args.state / "cosigner.key").exists()
            memory.pin(vkey)
            cosigner = memory.cosigner(args.name)
            if new:
                print(KEY.format(key=cosigner.vkey), file=sys.stderr)
            return _keep_watching(args, memory, lambda: _once(args, memory, log, vkey))
    except VerificationError as error:
        _say_both(error)
        return 2


def _keep_watching(args: argparse.Namespace, memory: Memory, look: Callable[[], int]) -> int:
    status = look()
    if not args.every:
        return status
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(args.every):
        status = look()
    return 1 if memory.forked() else status


def _once(args: argparse.Namespace, memory: Memory, log: Log, vkey: str) -> int:
    cosigner = memory.cosigner("")
    try:
        seen = visit(memory, log, cosigner, vkey, seconds=int(time.time()), entries=args.entries)
        _say(args, seen)
        if args.send:
            _send(args, memory, log)
    except Forked as fork:
        print(BANG, file=sys.stderr)
        _say_both(fork)
        print(BANG, file=sys.stderr)
        if args.json:
            print(
                json.dumps({"ok": False, "fork": True, "reason": fork.zh, "evidence": [str(p) for p in fork.evidence]})
            )
        return 1
    except (VerificationError, OSError) as error:
        _say_both(error if isinstance(error, VerificationError) else VerificationError(str(error), str(error)))
        return 3
    return 0


def _send(args: argparse.Namespace, memory: Memory, log: Log) -> None:
    """Hand the newest cosignature back, once. Raises NotAccepted, Unreachable."""
    note = (memory.folder / "cosigned").read_bytes()
    mark, digest = memory.folder / "sent", sha256(note).hexdigest()
    if mark.exists() and mark.read_text(encoding="utf-8").strip() == digest:
        return
    log.post("cosignatures", note)
    keep(mark, f"{digest}\n".encode())
    if not args.json:
        print(SENT, flush=True)


def _say(args: argparse.Namespace, seen: Seen) -> None:
    if args.json:
        told = {"ok": True, "name": seen.name, "size": seen.size, "before": seen.before, "root": seen.root.hex(), "new": seen.new}  # fmt: skip
        print(json.dumps({**told, "line": seen.line}, ensure_ascii=False), flush=True)
    else:
        print((COSIGNED if seen.new else SAME).format(name=seen.name, size=seen.size, before=seen.before), flush=True)


def _say_both(error: VerificationError) -> None:
    print(f"{error.said('zh')}\n{error.said('en')}", file=sys.stderr, flush=True)


def _key(given: str) -> str:
    """The log's key, from the argument or from the one line of a file. Raises VerificationError."""
    path = Path(given)
    try:
        text = path.read_text(encoding="utf-8").strip() if path.is_file() else given
    except (OSError, UnicodeDecodeError):
        text = given
    parse_key(text)
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qingkong-verify watch",
        description="看着一本存证：每次证明它只是往后添，然后联署；历史被改就报警并留证据。Watch a ledger: prove that it "
        "only grew, countersign it; raise a fork and keep the evidence.",
    )
    parser.add_argument("url", metavar="URL", help="门户网址 / the portal's address, e.g. https://portal.example")
    parser.add_argument("--key", required=True, help="存证的公钥或含公钥的文件 / the log's public key, or a file of it")
    parser.add_argument("--state", required=True, type=Path, metavar="DIR", help="自己的文件夹 / your own folder")
    parser.add_argument("--name", default="", help="您是谁（第一次必填）/ who you are, needed the first time")
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--once", action="store_true", help="看一次（默认）/ look once, the default")
    often.add_argument("--every", type=_seconds, metavar="SECONDS", help="每隔多少秒看一次 / look again and again")
    parser.add_argument(
        "--send", action="store_true", help="把联署交回服务器 / hand the cosignature back to the server"
    )
    parser.add_argument("--entries", action="store_true", help="也核对每一条原文（若公布）/ hash each entry too, where published")  # fmt: skip
    parser.add_argument("--timeout", type=_seconds, default=20.0, help="每次读取最多等几秒 / seconds for one answer")
    parser.add_argument("--ca-file", metavar="FILE", help="内部证书颁发机构 / certificates of your own authority")
    parser.add_argument("--json", action="store_true", help="每次一个 JSON 对象 / one JSON object a visit")
    return parser


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e7:
        raise ValueError(text)
    return value
