"""`qingkong calls replay FILE --mapping TOML`."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from qingkong.kernel.text import zh


def add_commands(subparsers: Any) -> None:
    calls = subparsers.add_parser("calls", help="警情：按文件回放")
    verbs = calls.add_subparsers(metavar="VERB", required=True)

    replay = verbs.add_parser("replay", help="把文件里的警情按接警、派警、处警、结警的步骤走一遍")
    replay.add_argument("file", type=Path, metavar="CSV")
    replay.add_argument("--mapping", type=Path, required=True, metavar="TOML", help="栏目、乡镇、种类的对照表")
    replay.add_argument("--speed", type=_speed, help="按真实间隔的多少倍播放（默认不等待）")
    replay.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="只放文件里的这一天")
    replay.add_argument("--json", action="store_true")
    replay.set_defaults(run=run_replay)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 1_000_000:
        raise argparse.ArgumentTypeError("0–1000000")
    return speed


def run_replay(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.domains.enforcement.calls.ways.mapping import Line, read_lines, read_mapping
    from qingkong.domains.enforcement.calls.ways.replay import Replay, sentence_of

    for path in (args.file, args.mapping):
        if not path.is_file():
            print(zh("没有文件 {path}。", path=path), file=sys.stderr)
            return 2
    lines = read_lines(args.file, read_mapping(args.mapping))
    if args.day:
        lines = (line for line in lines if isinstance(line, Line) and line.happened_at.date() == args.day)
    replay = Replay(now=timezone.now(), speed=args.speed, tell=lambda text: print(text, file=sys.stderr))
    try:
        outcome = replay.run(lines)
    except KeyboardInterrupt:
        print(zh("已中断。再运行一次，会接着没办完的办。"), file=sys.stderr)
        return 1
    for number, reason in outcome.refused + outcome.held:
        print(zh("第 {number} 行：{reason}", number=number, reason=reason), file=sys.stderr)
    if args.json:
        print(json.dumps(_as_json(outcome), ensure_ascii=False))
    else:
        print(sentence_of(outcome))
        for step in outcome.milliseconds:
            print(
                f"  {step:<12} p50 {outcome.percentile(step, 0.5):>8} ms   p95 {outcome.percentile(step, 0.95):>8} ms"
            )
    return 1 if outcome.refused and not (outcome.taken or outcome.already) else 0


def _as_json(outcome: Any) -> dict[str, Any]:
    return {
        "read": outcome.read,
        "taken": outcome.taken,
        "already": outcome.already,
        "dispatched": outcome.dispatched,
        "closed": outcome.closed,
        "refused": [{"line": number, "reason": reason} for number, reason in outcome.refused],
        "held": [{"line": number, "reason": reason} for number, reason in outcome.held],
        "seconds": outcome.seconds,
        "operations": outcome.operations,
        "steps": {
            step: {"p50_ms": outcome.percentile(step, 0.5), "p95_ms": outcome.percentile(step, 0.95)}
            for step in outcome.milliseconds
        },
    }
